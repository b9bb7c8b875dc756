"""What grants over types, service paths and attributes let a caller see of a tenant, through both faces."""

import httpx
import pytest

from tests.integration.access.conftest import City

PARK = {"id": "park-1", "type": "Park", "name": {"value": "中央公園"}, "owner": {"value": "山田"}, "area": {"value": 9}}
GAUGE = {"id": "gauge-1", "type": "Gauge", "level": {"value": 2.5}}


async def _fill(city: City) -> None:
    for path, entity in (("/parks", PARK), ("/parks/east", {**PARK, "id": "park-2"}), ("/rivers", GAUGE)):
        master = await city.client(await city.hub.headers(), path)
        assert (await master.post("/v2/entities", json=entity)).status_code == 201


def _ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return sorted(each["id"] for each in answer.json())


async def test_a_grant_over_a_type_shows_that_type_alone(city: City) -> None:
    await _fill(city)
    caller = await city.caller(city.grant("read", types=["Park"]))
    assert _ids(await caller.get("/v2/entities")) == ["park-1", "park-2"]
    assert _ids(await caller.get("/ngsi-ld/v1/entities?local=true")) == [
        "urn:ngsi-ld:Park:park-1",
        "urn:ngsi-ld:Park:park-2",
    ]
    counted = await caller.get("/v2/entities?options=count&limit=1")
    assert counted.headers["Fiware-Total-Count"] == "2"
    assert (await caller.get("/v2/entities/gauge-1")).status_code == 404
    assert (await caller.get("/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:gauge-1")).status_code == 404
    assert _ids(await caller.get("/v2/entities?type=Gauge")) == []
    queried = await caller.post("/v2/op/query", json={"entities": [{"idPattern": ".*"}]})
    assert _ids(queried) == ["park-1", "park-2"]
    queried = await caller.post(
        "/ngsi-ld/v1/entityOperations/query", json={"type": "Query", "entities": [{"type": "Gauge"}]}
    )
    assert _ids(queried) == []
    geo = await caller.get("/v2/entities?type=Gauge&q=level>1")
    assert _ids(geo) == []


async def test_a_grant_over_a_service_path_shows_what_lies_there(city: City) -> None:
    await _fill(city)
    grant = city.grant("read", path="/parks/#")
    assert _ids(await (await city.caller(grant, path="/parks/#")).get("/v2/entities")) == ["park-1", "park-2"]
    assert _ids(await (await city.caller(grant, path="/parks")).get("/v2/entities")) == ["park-1"]
    caller = await city.caller(grant)
    assert _ids(await caller.get("/ngsi-ld/v1/entities?local=true")) == [
        "urn:ngsi-ld:Park:park-1",
        "urn:ngsi-ld:Park:park-2",
    ]
    assert (await caller.get("/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:gauge-1")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/rivers", "/#", "/parks/#,/rivers", "/parks,/#", None, "/parkside", "/parks/../rivers"]
)
async def test_every_element_of_a_service_path_must_be_granted(city: City, path: str | None) -> None:
    await _fill(city)
    caller = await city.caller(city.grant("read", path="/parks/#"), path=path)
    answer = await caller.get("/v2/entities")
    assert answer.status_code in (400, 403), answer.text
    assert "gauge" not in answer.text


async def test_attributes_that_are_not_granted_are_not_shown(city: City) -> None:
    await _fill(city)
    caller = await city.caller(city.grant("read", types=["Park"], attributes=["name", "area"]))
    for answer in (
        await caller.get("/v2/entities/park-1"),
        await caller.get("/v2/entities/park-1/attrs"),
        await caller.get("/v2/entities?id=park-1"),
        await caller.get("/ngsi-ld/v1/entities/urn:ngsi-ld:Park:park-1"),
        await caller.get("/ngsi-ld/v1/entities?type=Park"),
        await caller.post("/v2/op/query", json={"entities": [{"id": "park-1"}]}),
    ):
        assert answer.status_code == 200, answer.text
        assert "中央公園" in answer.text
        assert "山田" not in answer.text
        assert "owner" not in answer.text
    assert (await caller.get("/v2/entities/park-1/attrs/owner")).status_code == 404
    assert (await caller.get("/v2/entities/park-1/attrs/owner/value")).status_code == 404
    assert (await caller.get("/v2/entities/park-1/attrs/name")).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "/v2/entities?q=owner==山田",
        "/v2/entities?q=!owner",
        "/v2/entities?mq=owner.note==1",
        "/v2/entities?orderBy=owner",
        "/ngsi-ld/v1/entities?type=Park&q=owner==%22山田%22",
        "/ngsi-ld/v1/entities?type=Park&q=name==%22x%22|owner",
        "/ngsi-ld/v1/entities?type=Park&attrs=owner",
        "/ngsi-ld/v1/entities?type=Park&orderBy=owner",
        "/v2/entities?georel=near;maxDistance:9&geometry=point&coords=1,1",
    ],
)
async def test_what_is_hidden_cannot_be_guessed_by_asking(city: City, query: str) -> None:
    await _fill(city)
    caller = await city.caller(city.grant("read", types=["Park"], attributes=["name", "area"]))
    answer = await caller.get(query)
    assert answer.status_code == 403, answer.text


async def test_discovery_names_only_what_may_be_seen(city: City) -> None:
    await _fill(city)
    caller = await city.caller(city.grant("read", types=["Park"], attributes=["name"]))
    assert [each["type"] for each in (await caller.get("/v2/types")).json()] == ["Park"]
    assert list((await caller.get("/v2/types/Park")).json()["attrs"]) == ["name"]
    assert (await caller.get("/v2/types/Gauge")).status_code == 404
    assert (await caller.get("/ngsi-ld/v1/types")).json()["typeList"] == ["Park"]
    assert (await caller.get("/ngsi-ld/v1/attributes")).json()["attributeList"] == ["name"]
    assert (await caller.get("/ngsi-ld/v1/types/Gauge")).status_code == 404
    assert (await caller.get("/ngsi-ld/v1/attributes/owner")).status_code == 404


async def test_grants_add_up(city: City) -> None:
    await _fill(city)
    grants = (
        city.grant("read", types=["Park"], attributes=["name"]),
        city.grant("read", types=["Park"], path="/parks/east", attributes=["owner"]),
        city.grant("read", types=["Gauge"]),
    )
    caller = await city.caller(*grants)
    found = {each["id"]: set(each) - {"id", "type"} for each in (await caller.get("/v2/entities")).json()}
    assert found == {"park-1": {"name"}, "park-2": {"name", "owner"}, "gauge-1": {"level"}}


async def test_a_caller_without_a_grant_sees_nothing(city: City) -> None:
    await _fill(city)
    for grant in (city.grant("write"), {"tenant": "", "actions": ["read"]}):
        caller = await city.caller(grant)
        for path in ("/v2/entities", "/v2/types", "/ngsi-ld/v1/entities?type=Park", "/ngsi-ld/v1/types"):
            assert (await caller.get(path)).status_code == 403


async def test_open_data_is_read_without_a_token_and_nothing_else(city: City) -> None:
    await _fill(city)
    await city.put(open_data=[{"path": "/parks/#", "types": ["Park"], "attributes": ["name"]}])
    everybody = await city.client({})
    assert (await everybody.get("/v2/entities")).status_code == 403
    parks = await city.client({}, "/parks/#")
    answer = await parks.get("/v2/entities")
    assert _ids(answer) == ["park-1", "park-2"]
    assert "山田" not in answer.text
    assert len((await everybody.get("/ngsi-ld/v1/entities?type=Park")).json()) == 2
    assert (await everybody.get("/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:gauge-1")).status_code == 404
    for method, path in (
        ("POST", "/v2/entities"),
        ("POST", "/v2/op/update"),
        ("DELETE", "/v2/entities/park-1"),
        ("GET", "/v2/subscriptions"),
        ("POST", "/ngsi-ld/v1/subscriptions"),
        ("GET", "/v2/registrations"),
        ("PATCH", "/ngsi-ld/v1/entities/urn:ngsi-ld:Park:park-1"),
    ):
        assert (await parks.request(method, path)).status_code == 401, path
    await city.put(open_data=None)
    assert (await parks.get("/v2/entities")).status_code == 401


async def test_a_tenant_that_opens_nothing_is_closed_to_everybody(city: City) -> None:
    await _fill(city)
    everybody = await city.client({})
    for path in ("/v2/entities", "/ngsi-ld/v1/entities?type=Park", "/v2/types", "/ngsi-ld/v1/types"):
        assert (await everybody.get(path)).status_code == 401
