"""Who sees which tenant's use, added up by what, as JSON and as CSV."""

from typing import Any

import httpx
import pytest

from tests.integration.auth.conftest import Guarded
from tests.support.auth import grant

DAY = "2026-04-01"


def _amount(tenant: str, kind: str, amount: int, day: str = DAY, client: str = "") -> dict[str, Any]:
    return {"day": day, "tenant": tenant, "client": client, "kind": kind, "amount": amount}


async def _report(guarded: Guarded, number: int, *amounts: dict[str, Any]) -> None:
    headers = await guarded.headers(_service_login(guarded))
    answer = await guarded.client.put(f"/usage/reports/broker/{number}", json={"amounts": amounts}, headers=headers)
    assert answer.status_code == 200, answer.text


def _service_login(guarded: Guarded) -> Any:
    import json  # noqa: PLC0415

    kept = json.loads((guarded.settings.data_dir / "service-broker.json").read_text())
    return type(guarded.admin)(kept["client_id"], kept["client_secret"])


async def _ask(guarded: Guarded, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
    asked = {"since": DAY, "until": "2026-04-30", **query}
    return await guarded.client.get("/usage", params=asked, headers=headers or {})


@pytest.fixture
async def used(guarded: Guarded) -> Guarded:
    """A prefecture with two cities below it, one tenant beside, each with some use."""
    for name, parent in (("kagawa", None), ("takamatsu", "kagawa"), ("marugame", "kagawa"), ("fukui", None)):
        await guarded.client.put(f"/tenants/{name}", json={"parent": parent})
    await _report(
        guarded,
        1,
        _amount("takamatsu", "interactive", 5, client="app"),
        _amount("takamatsu", "interactive", 2, client="=cmd"),
        _amount("takamatsu", "interactive", 10, day="2026-04-02", client="app"),
        _amount("takamatsu", "entities", 100),
        _amount("takamatsu", "entities", 201, day="2026-04-02"),
        _amount("marugame", "batch", 3, client="app"),
        _amount("fukui", "interactive", 9, client="other"),
    )
    return guarded


async def test_an_overseer_of_a_subtree_sees_the_tenants_in_it(used: Guarded) -> None:
    own = await used.headers_for(grant("kagawa/#", "oversee"))
    found = (await _ask(used, own, by="tenant", kind="interactive,batch")).json()
    assert found["usage"] == [
        {"tenant": "marugame", "kind": "batch", "amount": 3},
        {"tenant": "takamatsu", "kind": "interactive", "amount": 17},
    ]
    assert (found["total"], found["since"], found["until"]) == (2, DAY, "2026-04-30")


@pytest.mark.parametrize("query", [{"tenant": "fukui"}, {"tenant": ["takamatsu", "fukui"]}])
async def test_nobody_sees_a_tenant_that_it_does_not_oversee(used: Guarded, query: dict[str, Any]) -> None:
    for granted in (grant("kagawa/#", "oversee"), grant("takamatsu", "admin")):
        assert (await _ask(used, await used.headers_for(granted), **query)).status_code == 403


async def test_reading_entities_does_not_let_one_see_use(used: Guarded) -> None:
    assert (await _ask(used, await used.headers_for(grant("takamatsu", "read", "write")))).status_code == 403


async def test_flows_add_up_and_a_stock_is_the_mean_of_its_days(used: Guarded) -> None:
    found = (await _ask(used, by="month", tenant="takamatsu")).json()["usage"]
    assert found == [
        {"month": "2026-04", "kind": "entities", "amount": 151},
        {"month": "2026-04", "kind": "interactive", "amount": 17},
    ]


async def test_pages_follow_each_other(used: Guarded) -> None:
    whole = (await _ask(used)).json()
    parts = [(await _ask(used, limit=2, offset=offset)).json()["usage"] for offset in range(0, whole["total"], 2)]
    assert [line for part in parts for line in part] == whole["usage"]


async def test_a_spreadsheet_opens_the_csv_and_runs_nothing_of_it(used: Guarded) -> None:
    answer = await _ask(used, format="csv", by="tenant,client", kind="interactive", tenant="takamatsu")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines == ["tenant,client,kind,amount", "takamatsu,'=cmd,interactive,2", "takamatsu,app,interactive,15"]


async def test_only_the_service_itself_hands_over(used: Guarded) -> None:
    body = {"amounts": [_amount("takamatsu", "interactive", 1)]}
    for path in ("/usage/reports/ingest/1", "/usage/reports/broker/2"):
        assert (await used.client.put(path, json=body)).status_code == 403
    other = await used.headers(_service_login(used))
    assert (await used.client.put("/usage/reports/ingest/1", json=body, headers=other)).status_code == 403
    assert (await used.client.put("/usage/reports/nobody/1", json=body, headers=other)).status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"by": "weather"}, "by"),
        ({"by": "day,month"}, "by"),
        ({"kind": "rain"}, "kind"),
        ({"since": "2026-05-01"}, "until"),
        ({"since": "1990-01-01"}, "until"),
        ({"since": "yesterday"}, "since"),
        ({"tenant": "no such!"}, "tenant"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_name(guarded: Guarded, query: dict[str, Any], field: str) -> None:
    answer = await _ask(guarded, **query)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
