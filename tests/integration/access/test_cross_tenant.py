"""One query over all tenants that let the caller read, each result naming its tenant."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.integration.access.conftest import City
from tests.support.auth import register


async def _fill(city: City) -> None:
    master = await city.client(await city.hub.headers())
    for entity in (
        {"id": "urn:ngsi-ld:AED:1", "type": "AED", "name": {"value": f"AED {city.name}"}},
        {"id": "urn:ngsi-ld:EvacuationSite:1", "type": "EvacuationSite", "capacity": {"value": 100}},
        {"id": "urn:ngsi-ld:Resident:1", "type": "Resident", "name": {"value": "山田"}},
    ):
        assert (await master.post("/v2/entities", json=entity)).status_code == 201


def _found(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(each["tenant"], each["entity"]["id"].split(":")[2]) for each in answer.json()]


async def test_a_prefecture_reads_all_members_that_grant_it_in_one_query(new_city: Callable[..., Any]) -> None:
    prefecture: City = await new_city()
    members: list[City] = sorted([await new_city(parent=prefecture.name) for _ in range(3)], key=lambda each: each.name)
    for city in members:
        await _fill(city)
    types = ["AED", "EvacuationSite"]
    grants = [city.grant("read", types=types) for city in members[:2]]
    login = await register(prefecture.operator, {}, *grants)
    caller = await prefecture.client(await prefecture.hub.headers(login))
    answer = await caller.get("/cross/entities?type=AED,EvacuationSite,Resident&count=true")
    expected = [(city.name, kind) for city in members[:2] for kind in types]
    assert _found(answer) == expected
    assert answer.headers["NGSILD-Results-Count"] == "4"
    pages = [await caller.get(f"/cross/entities?type=AED,EvacuationSite&limit=1&offset={at}") for at in range(5)]
    assert [pair for page in pages for pair in _found(page)] == expected
    big = await caller.get("/cross/entities?type=EvacuationSite&q=capacity>99&format=simplified")
    assert [each["entity"]["capacity"] for each in big.json()] == [100, 100]
    assert _found(await caller.get("/cross/entities?type=EvacuationSite&q=capacity>100")) == []
    named = await caller.get(f"/cross/entities?type=AED&tenants={members[1].name}")
    assert _found(named) == [(members[1].name, "AED")]
    assert (await caller.get(f"/cross/entities?type=AED&tenants={members[2].name}")).status_code == 403
    assert members[2].name not in answer.text


async def test_a_subtree_grant_reaches_the_members_that_inherit_it(new_city: Callable[..., Any]) -> None:
    association: City = await new_city(kind="association")
    lets = await new_city(parent=association.name, inherits=["read"])
    keeps = await new_city(parent=association.name)
    for city in (lets, keeps):
        await _fill(city)
    login = await register(association.operator, {}, {"tenant": f"{association.name}/#", "actions": ["read"]})
    caller = await association.client(await association.hub.headers(login))
    assert _found(await caller.get("/cross/entities?type=AED")) == [(lets.name, "AED")]


async def test_everybody_reads_across_what_tenants_open_to_all(new_city: Callable[..., Any]) -> None:
    cities = [await new_city(open_data=[{"types": ["AED"]}]) for _ in range(2)]
    for city in cities:
        await _fill(city)
    everybody = await cities[0].client({})
    names = ",".join(city.name for city in cities)
    found = _found(await everybody.get(f"/cross/entities?type=AED,Resident&tenants={names}"))
    assert sorted(found) == sorted((city.name, "AED") for city in cities)


async def test_a_wrong_query_is_refused_and_named(city: City) -> None:
    caller = await city.client(await city.hub.headers())
    for query, field in (
        ("type=AED&limit=0", "limit"),
        ("type=AED&limit=1000&offset=1", "offset"),
        ("type=AED&orderBy=name", "orderBy"),
        ("type=AED&tenants=a%20b", "tenants"),
    ):
        answer = await caller.get(f"/cross/entities?{query}")
        assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text
    assert (await caller.get(f"/cross/entities?type=AED&q=%3D%3D&tenants={city.name}")).status_code == 400
    broken = await city.client({"Authorization": "Bearer x.y.z"})
    assert (await broken.get("/cross/entities?type=AED")).status_code == 401
