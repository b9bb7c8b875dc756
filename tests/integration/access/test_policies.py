"""Policies in Cedar at the context broker: obeyed within a second, in both APIs, for reading and writing."""

import httpx

from tests.integration.access.conftest import City
from tests.integration.access.test_provided_services import offer
from tests.support.patience import until

FORBID = '@id("closed") forbid (principal, action, resource in Hiroba::Type::"Resident");'


async def _put(city: City, text: str) -> None:
    answer = await city.operator.put(f"/tenants/{city.name}/policies", json={"text": text})
    assert answer.status_code == 200, answer.text


async def _types(client: httpx.AsyncClient) -> list[str]:
    answer = await client.get("/v2/entities", params={"options": "count"})
    assert answer.status_code == 200, answer.text
    found = sorted(each["type"] for each in answer.json())
    assert answer.headers["Fiware-Total-Count"] == str(len(found))
    return found


async def _until_types(city: City, client: httpx.AsyncClient, *types: str) -> None:
    async def is_so() -> bool:
        answer = await client.get("/v2/entities")
        return answer.status_code == 200 and await _types(client) == list(types)

    await until(is_so)


async def _filled(city: City) -> httpx.AsyncClient:
    caller = await city.caller(city.grant("*"))
    for kind in ("Park", "Resident"):
        entity = {"id": f"urn:ngsi-ld:{kind}:1", "type": kind, "name": {"value": "x"}}
        assert (await caller.post("/v2/entities", json=entity)).status_code == 201
    return caller


async def test_a_forbid_overrides_grants_over_the_whole_tenant(city: City) -> None:
    caller = await _filled(city)
    assert await _types(caller) == ["Park", "Resident"]
    await _put(city, FORBID)
    await _until_types(city, caller, "Park")
    assert (await caller.get("/ngsi-ld/v1/entities/urn:ngsi-ld:Resident:1")).status_code == 404
    assert (await caller.get("/ngsi-ld/v1/entities", params={"type": "Resident"})).json() == []
    changed = await caller.patch("/ngsi-ld/v1/entities/urn:ngsi-ld:Resident:1/attrs", json={"name": "y"})
    assert changed.status_code == 403
    new = {"id": "urn:ngsi-ld:Resident:2", "type": "Resident"}
    assert (await caller.post("/ngsi-ld/v1/entities", json=new)).status_code == 403
    several = {"id": "urn:ngsi-ld:Park:3", "type": ["Park", "Resident"]}
    assert (await caller.post("/ngsi-ld/v1/entities", json=several)).status_code == 403
    await _put(city, "")
    await _until_types(city, caller, "Park", "Resident")


async def test_a_forbid_over_a_path_closes_it_and_leaves_the_rest(city: City) -> None:
    caller = await city.caller(city.grant("*"), path="/")
    for path, name in (("/a", "a"), ("/a/b", "b"), ("/c", "c")):
        entity = {"id": name, "type": "T"}
        assert (await caller.post("/v2/entities", json=entity, headers={"Fiware-ServicePath": path})).status_code == 201
    await _put(
        city,
        'forbid (principal, action, resource in Hiroba::Path::"/a") unless { resource in Hiroba::Path::"/a/b" };',
    )

    async def is_so() -> bool:
        answer = await caller.get("/v2/entities", headers={"Fiware-ServicePath": "/#"})
        return sorted(each["id"] for each in answer.json()) == ["b", "c"]

    await until(is_so)


async def test_a_permit_lets_in_who_has_no_grant(city: City) -> None:
    await _filled(city)
    service_id, walker = await offer(city, 1)
    path = {"Fiware-ServicePath": "/"}
    assert (await walker.get("/v2/entities", headers=path)).status_code == 403
    permit = f'permit (principal in Hiroba::Service::"{service_id}", action == Hiroba::Action::"read",'
    await _put(city, f'{permit} resource in Hiroba::Type::"Park");')

    async def is_let_in() -> bool:
        answer = await walker.get("/v2/entities", headers=path)
        return answer.status_code == 200 and [each["type"] for each in answer.json()] == ["Park"]

    await until(is_let_in)
    new = {"id": "p", "type": "Park"}
    assert (await walker.post("/v2/entities", json=new, headers=path)).status_code == 403
    assert (await walker.get("/ngsi-ld/v1/entities", params={"type": "Resident"})).json() == []


async def test_all_but_one_type_may_be_permitted(city: City) -> None:
    await _filled(city)
    stranger = await city.caller({"tenant": city.name, "path": "/none", "actions": ["read"]})
    await _put(city, 'permit (principal, action, resource) unless { resource in Hiroba::Type::"Resident" };')
    await _until_types(city, stranger, "Park")


async def test_what_is_wrong_with_policies_is_told_and_nothing_changes(city: City) -> None:
    await _put(city, FORBID)
    wrong = FORBID + '@id("typo") permit (principal, action, resource) when { context.hours < 8 };'
    answer = await city.operator.put(f"/tenants/{city.name}/policies", json={"text": wrong})
    assert (answer.status_code, answer.json()["field"]) == (400, "text")
    error = answer.json()["errors"][0]
    assert error["policy"] == "typo"
    assert (await city.operator.get(f"/tenants/{city.name}/policies")).json() == {"text": FORBID}
    assert "entity Caller" in (await city.operator.get("/policies/schema")).json()["text"]
