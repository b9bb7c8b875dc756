"""Plans and invoices over HTTP: who keeps them, who sees them, what is settled stays."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.cli import main
from tests.integration.auth.conftest import Guarded
from tests.support.auth import Login, grant

CITIES = {"takamatsu": 417_496, "marugame": 109_513}
PLAN: dict[str, Any] = {
    "title": "香川県共同利用",
    "owner": "kagawa",
    "payer": "kagawa",
    "members": [{"tenant": "takamatsu", "services": ["points"]}, {"tenant": "marugame"}],
}
INVOICE: dict[str, Any] = {
    "title": "令和8年度負担金",
    "plan": "kagawa-2026",
    "since": "2026-04-01",
    "until": "2027-03-31",
    "costs": [
        {"title": "クラウド", "head": "cloud", "yen": 1_000_001},
        {"title": "運用", "head": "operation", "yen": 3_333_333},
        {"title": "ポイント", "head": "licences", "yen": 99_999, "service": "points"},
    ],
}
TOTAL = 4_433_333
SHARES = "/costs/invoices/R8-001/shares"


async def _use(guarded: Guarded, tenant: str) -> None:
    kept = json.loads((guarded.settings.data_dir / "service-broker.json").read_text())
    headers = await guarded.headers(Login(kept["client_id"], kept["client_secret"]))
    amount = {"day": "2026-05-01", "tenant": tenant, "client": "c", "kind": "interactive", "amount": 9}
    number = 1 + list(CITIES).index(tenant)
    path = f"/usage/reports/broker/{number}"
    answer = await guarded.client.put(path, json={"amounts": [amount]}, headers=headers)
    assert answer.json() == {"is_new": True}


@pytest.fixture
async def shared(guarded: Guarded) -> Guarded:
    """A prefecture and two cities with a plan after Fukushima's scheme, and an invoice; Takamatsu uses the hub."""
    await guarded.client.put("/tenants/kagawa", json={"code": "370002", "population": 950_244})
    for name, people in CITIES.items():
        await guarded.client.put(f"/tenants/{name}", json={"parent": "kagawa", "population": people, "title": name})
    await guarded.client.put("/tenants/fukui", json={"code": "180009", "population": 760_440})
    await _use(guarded, "takamatsu")
    rules = (await guarded.client.get("/costs/presets")).json()["fukushima"]
    answer = await guarded.client.put("/costs/plans/kagawa-2026", json={**PLAN, "rules": rules})
    assert answer.status_code == 201, answer.text
    answer = await guarded.client.put("/costs/invoices/R8-001", json=INVOICE)
    assert (answer.status_code, answer.json()["yen_total"]) == (201, TOTAL)
    return guarded


async def test_shares_add_up_to_the_invoice_and_follow_what_was_used(shared: Guarded) -> None:
    first = (await shared.client.get(SHARES)).json()
    assert sum(first["by_tenant"].values()) == first["yen"] == TOTAL
    assert "marugame" not in first["by_tenant"]
    assert first["figures"]["takamatsu"]["use"]["interactive"] == 9
    await _use(shared, "marugame")
    second = (await shared.client.get(SHARES)).json()
    assert second["by_tenant"]["kagawa"] == first["by_tenant"]["kagawa"]
    assert second["by_tenant"]["marugame"] > 0
    assert sum(second["by_tenant"].values()) == TOTAL


async def test_what_is_settled_stays_whatever_changes_after(shared: Guarded) -> None:
    settled = await shared.client.post("/costs/invoices/R8-001/settle")
    assert settled.status_code == 200, settled.text
    await _use(shared, "marugame")
    await shared.client.patch("/tenants/takamatsu", json={"population": 1})
    rules = (await shared.client.get("/costs/presets")).json()["harp"]
    assert (await shared.client.put("/costs/plans/kagawa-2026", json={**PLAN, "rules": rules})).status_code == 200
    assert (await shared.client.get(SHARES)).json() == settled.json()
    for method, path, body in (
        ("PUT", "/costs/invoices/R8-001", INVOICE),
        ("DELETE", "/costs/invoices/R8-001", None),
        ("POST", "/costs/invoices/R8-001/settle", None),
        ("DELETE", "/costs/plans/kagawa-2026", None),
    ):
        assert (await shared.client.request(method, path, json=body)).status_code == 409, path


async def test_members_see_all_figures_and_change_nothing(shared: Guarded) -> None:
    own = await shared.headers_for(grant("marugame", "oversee"))
    assert (await shared.client.get(SHARES, headers=own)).status_code == 200
    assert list((await shared.client.get("/costs/plans", headers=own)).json()) == ["kagawa-2026"]
    assert [each["number"] for each in (await shared.client.get("/costs/invoices", headers=own)).json()] == ["R8-001"]
    page = await shared.client.get("/costs/invoices/R8-001/statements/marugame", headers=own)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "marugame　御中" in page.text
    for method, path, body in (
        ("PUT", "/costs/invoices/R8-002", INVOICE),
        ("POST", "/costs/invoices/R8-001/settle", None),
        ("DELETE", "/costs/invoices/R8-001", None),
        ("PUT", "/costs/plans/kagawa-2026", {**PLAN, "rules": [{"parts": [{"by": {"key": "equal"}}]}]}),
    ):
        assert (await shared.client.request(method, path, json=body, headers=own)).status_code == 403, path


async def test_who_has_no_part_sees_nothing(shared: Guarded) -> None:
    own = await shared.headers_for(grant("fukui", "admin"))
    assert (await shared.client.get("/costs/plans", headers=own)).json() == {}
    assert (await shared.client.get("/costs/invoices", headers=own)).json() == []
    for path in (SHARES, "/costs/plans/kagawa-2026", "/costs/invoices/R8-001/statements/takamatsu"):
        assert (await shared.client.get(path, headers=own)).status_code == 403
    assert (await shared.client.get("/costs/invoices/none/shares")).status_code == 404
    assert (await shared.client.get("/costs/invoices/R8-001/statements/fukui")).status_code == 404


async def test_a_prefecture_plans_for_its_own_members_only(shared: Guarded) -> None:
    own = await shared.headers_for(grant("kagawa/#", "admin"))
    rules = [{"parts": [{"by": {"key": "equal"}}]}]
    kept = await shared.client.put("/costs/plans/own", json={**PLAN, "rules": rules}, headers=own)
    assert kept.status_code == 201, kept.text
    strange = {**PLAN, "rules": rules, "members": [{"tenant": "fukui"}]}
    refused = await shared.client.put("/costs/plans/own", json=strange, headers=own)
    assert (refused.status_code, refused.json()["field"]) == (400, "members")
    nobody = {**PLAN, "rules": rules, "members": [{"tenant": "nobody"}]}
    assert (await shared.client.put("/costs/plans/own", json=nobody)).status_code == 400


async def test_what_if_tells_what_a_newcomer_changes_and_keeps_nothing(shared: Guarded) -> None:
    await _use(shared, "marugame")
    before = (await shared.client.get(SHARES)).json()
    newcomer = {"tenant": "sakaide", "population": 50_624, "use": {"interactive": 100}, "since": "2026-10-01"}
    costs = [*INVOICE["costs"], {"title": "接続", "head": "operation", "yen": 500_000}]
    answer = await shared.client.post("/costs/invoices/R8-001/what-if", json={"joining": [newcomer], "costs": costs})
    found = answer.json()
    assert found["before"] == before["by_tenant"]
    assert sum(found["after"].values()) == TOTAL + 500_000
    assert found["after"]["sakaide"] == found["difference"]["sakaide"] > 0
    assert sum(found["difference"].values()) == 500_000
    assert (await shared.client.get(SHARES)).json() == before


async def test_the_csv_has_every_share(shared: Guarded) -> None:
    answer = await shared.client.get(SHARES, params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert sum(int(row["負担額"]) for row in rows) == TOTAL
    assert {row["費目"] for row in rows} == {"クラウド利用料", "運用保守費", "ライセンス料"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"costs": [{"title": "x", "head": "rent", "yen": 1}]}, "costs.0.head"),
        ({"costs": [{"title": "x", "head": "cloud", "yen": 1.5}]}, "costs.0.yen"),
        ({"costs": []}, "costs"),
        ({"until": "2020-01-01"}, "body"),
        ({"plan": "none"}, "plan"),
    ],
)
async def test_an_invoice_that_cannot_be_shared_is_refused(shared: Guarded, change: dict[str, Any], field: str) -> None:
    answer = await shared.client.put("/costs/invoices/R8-009", json={**INVOICE, **change})
    assert answer.status_code in (400, 404)
    assert answer.json()["field"] == field


def test_the_command_says_which_file_is_no_json(tmp_path: Path) -> None:
    for content in ("{", "[]"):
        file = tmp_path / "plan.json"
        file.write_text(content)
        done = CliRunner().invoke(main, ["costs", "plan", "p", str(file)])
        assert done.exit_code == 1
        assert "plan.json" in done.output
