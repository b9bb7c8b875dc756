"""The feed of what is known of entity types."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.integration.broker.export.conftest import gauge, write
from tests.support.shared_broker import new_tenant

Page = dict[str, Any]
_LONG = 60


async def follow(broker: httpx.AsyncClient, after: int, is_enough: Callable[[Page], bool]) -> Page:
    """Follow the feed until a page says what is waited for."""
    for _ in range(_LONG):
        answer = await broker.get("/export/types", params={"after": after, "wait_s": 5})
        assert answer.status_code == 200, answer.text
        page: Page = answer.json()
        if is_enough(page):
            return page
        after = page["position"]
    raise AssertionError(f"The feed does not say it; it says {page}")


def types(page: Page, tenant: str) -> dict[str, Any] | None:
    """Return a tenant's types by name, None where the page does not tell of the tenant."""
    found = [each["types"] for each in page["tenants"] if each["tenant"] == tenant]
    return {each["name"]: each for each in found[0]} if found else None


def _is_examined(page: Page, tenant: str) -> bool:
    gauges = (types(page, tenant) or {}).get("Gauge")
    return gauges is not None and all(each["values"] for each in gauges["attributes"])


async def test_the_feed_tells_counts_schema_bounds_and_last_change(broker: httpx.AsyncClient) -> None:
    tenant = broker.headers["NGSILD-Tenant"]
    name = {"type": "LanguageProperty", "languageMap": {"ja": "足羽川", "en": "Asuwa"}}
    await write(broker, gauge(1, 1.5), gauge(2, 2.5, name=name))
    page = await follow(broker, 0, lambda page: _is_examined(page, tenant))
    found = (types(page, tenant) or {})["Gauge"]
    assert (found["entities"], found["bounds"]) == (2, [136.1, 36.0, 136.2, 36.0])
    assert found["modified_at"] is not None
    attributes = {each.pop("name"): each for each in found["attributes"]}
    assert attributes["level"] == {
        "id": "https://uri.etsi.org/ngsi-ld/default-context/level",
        "entities": 2,
        "kinds": ["Property"],
        "values": ["number"],
        "units": ["MTR"],
        "types": [],
        "languages": [],
        "is_observed": True,
    }
    assert (attributes["name"]["entities"], attributes["name"]["languages"]) == (1, ["en", "ja"])
    assert attributes["location"]["values"] == ["Point"]


async def test_a_reader_is_told_of_new_entities_at_once_and_of_types_that_are_no_more(
    broker: httpx.AsyncClient,
) -> None:
    tenant, other = broker.headers["NGSILD-Tenant"], new_tenant()
    await write(broker, gauge(1, 1.5))
    await write(broker, gauge(1, 1.5), tenant=other)
    page = await follow(broker, 0, lambda page: _is_examined(page, tenant))
    await write(broker, gauge(7, 3.5))
    wide = [136.1, 36.0, 136.7, 36.0]

    def is_wide(page: Page) -> bool:
        return ((types(page, tenant) or {}).get("Gauge") or {}).get("bounds") == wide

    page = await follow(broker, page["position"], is_wide)
    answer = await broker.post("/ngsi-ld/v1/entityOperations/delete", json=[gauge(1, 0)["id"], gauge(7, 0)["id"]])
    assert answer.status_code == 204
    await follow(broker, page["position"], lambda page: types(page, tenant) == {})


async def test_a_reader_ahead_of_the_feed_is_told_that_it_begins_anew(broker: httpx.AsyncClient) -> None:
    answer = await broker.get("/export/types", params={"after": 10**15, "wait_s": 30})
    assert answer.json()["position"] < 10**15
    assert answer.json()["tenants"] == []
