"""The tree of tenants, one test for each approach of 共同利用, and what a tenant is held to."""

import httpx
import pytest

from tests.integration.auth.conftest import Guarded
from tests.support.auth import grant


async def test_a_city_lets_its_neighbours_in(hub: httpx.AsyncClient) -> None:
    """範囲拡大型: the root is a city."""
    await hub.post("/tenants", json={"name": "takamatsu", "code": "372013"})
    for name, code in (("marugame", "372021"), ("sakaide", "372030")):
        assert (await hub.post("/tenants", json={"name": name, "code": code, "parent": "takamatsu"})).status_code == 201
    below = (await hub.get("/tenants", params={"parent": "takamatsu"})).json()["tenants"]
    assert [(each["name"], each["kind"]) for each in below] == [
        ("marugame", "municipality"),
        ("sakaide", "municipality"),
    ]


async def test_municipalities_build_together_without_the_prefecture(hub: httpx.AsyncClient) -> None:
    """広域整備型, municipalities alone: the root is an association, which pays for all."""
    await hub.post("/tenants", json={"name": "chusan", "kind": "association", "title": "中讃広域連合"})
    for name, code in (("marugame", "372021"), ("sakaide", "372030")):
        given = {"name": name, "code": code, "parent": "chusan", "billing_party": "chusan"}
        assert (await hub.post("/tenants", json=given)).status_code == 201
    below = (await hub.get("/tenants", params={"parent": "chusan"})).json()["tenants"]
    assert {each["billing_party"] for each in below} == {"chusan"}


async def test_a_prefecture_leads_and_members_join_and_leave(hub: httpx.AsyncClient) -> None:
    """広域整備型, led by the prefecture: its members come and go without a restart."""
    await hub.post("/tenants", json={"name": "kagawa", "code": "370002"})
    await hub.post("/tenants", json={"name": "takamatsu", "code": "372013"})
    joined = await hub.patch("/tenants/takamatsu", json={"parent": "kagawa"})
    assert (joined.status_code, joined.json()["parent"]) == (200, "kagawa")
    left = await hub.patch("/tenants/takamatsu", json={"parent": None})
    assert (left.status_code, left.json()["parent"]) == (200, None)
    assert (await hub.get("/tenants", params={"parent": "kagawa"})).json()["total"] == 0


async def test_quotas_and_retention_are_figures_that_stay_as_given(hub: httpx.AsyncClient) -> None:
    given = {"quotas": {"entities": 1000, "requests_per_minute": 600}, "retention": {"history_days": 400}}
    created = (await hub.put("/tenants/takamatsu", json=given)).json()
    assert {name: created[name] for name in given} == given
    [told] = (await hub.get("/feed/tenants")).json()["tenants"]
    assert {name: told[name] for name in given} == given
    assert (await hub.patch("/tenants/takamatsu", json={"quotas": None})).json()["quotas"] == {}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"quotas": {"entities": -1}}, "quotas.entities"),
        ({"quotas": {"bananas": 1}}, "quotas.bananas"),
        ({"quotas": {"entities": "many"}}, "quotas.entities"),
        ({"retention": {"history_days": 0}}, "retention.history_days"),
        ({"retention": {"audit_days": 30}}, "retention.audit_days"),
        ({"billing_party": "nobody"}, "billing_party"),
        ({"billing_party": "takamatsu"}, "billing_party"),
        ({"inherits": ["admin"]}, "inherits"),
        ({"open_data": [{"path": "parks"}]}, "open_data.0.path"),
        ({"open_data": [{"types": []}]}, "open_data.0.types"),
        ({"open_data": [{"attributes": ["a b"]}]}, "open_data.0.attributes"),
        ({"status": "deleting"}, "status"),
    ],
)
async def test_what_breaks_a_rule_is_refused_and_named(
    hub: httpx.AsyncClient, given: dict[str, object], field: str
) -> None:
    await hub.put("/tenants/takamatsu", json={})
    answer = await hub.patch("/tenants/takamatsu", json=given)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert (await hub.get("/feed/tenants")).json()["position"] == 1


async def test_a_tenants_own_administrator_opens_data_but_sets_no_quota(guarded: Guarded) -> None:
    await guarded.client.put("/tenants/takamatsu", json={})
    headers = await guarded.headers_for(grant("takamatsu", "admin"))
    opened = {"open_data": [{"path": "/parks/#", "types": ["Park"]}], "inherits": ["read"]}
    answer = await guarded.client.patch("/tenants/takamatsu", json=opened, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["open_data"] == [{"path": "/parks/#", "types": ["Park"], "attributes": ["*"]}]
    for given in ({"quotas": {"entities": 1}}, {"billing_party": None}):
        refused = await guarded.client.patch("/tenants/takamatsu", json=given, headers=headers)
        assert (refused.status_code, refused.json()["field"]) == (403, next(iter(given)))
