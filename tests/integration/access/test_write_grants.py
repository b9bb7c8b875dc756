"""What grants over types, service paths and attributes let a caller change, through both faces."""

from typing import Any

import httpx
import pytest

from tests.integration.access.conftest import City

PARK = {"id": "park-1", "type": "Park", "name": {"value": "中央公園"}, "owner": {"value": "山田"}}
GAUGE = {"id": "gauge-1", "type": "Gauge", "level": {"value": 2.5}}
LD = "/ngsi-ld/v1/entities"


async def _fill(city: City) -> httpx.AsyncClient:
    master = await city.client(await city.hub.headers())
    for entity in (PARK, GAUGE):
        assert (await master.post("/v2/entities", json=entity)).status_code == 201
    return master


async def test_a_grant_over_a_type_writes_that_type_alone(city: City) -> None:
    master = await _fill(city)
    before = (await master.get("/v2/entities/gauge-1")).json()
    caller = await city.caller(city.grant("write", types=["Park"]))
    assert (await caller.post("/v2/entities", json={"id": "park-2", "type": "Park"})).status_code == 201
    assert (await caller.patch("/v2/entities/park-1/attrs", json={"name": {"value": "x"}})).status_code == 204
    refused = [
        await caller.post("/v2/entities", json={"id": "gauge-2", "type": "Gauge"}),
        await caller.post("/v2/entities?options=upsert", json=GAUGE),
        await caller.post("/v2/entities/gauge-1/attrs", json={"level": {"value": 9}}),
        await caller.patch("/v2/entities/gauge-1/attrs", json={"level": {"value": 9}}),
        await caller.put("/v2/entities/gauge-1/attrs", json={"level": {"value": 9}}),
        await caller.put("/v2/entities/gauge-1/attrs/level/value", json={"a": 9}),
        await caller.delete("/v2/entities/gauge-1/attrs/level"),
        await caller.delete("/v2/entities/gauge-1"),
        await caller.post(LD, json={"id": "urn:ngsi-ld:Gauge:g", "type": "Gauge"}),
        await caller.put(f"{LD}/urn:ngsi-ld:Gauge:gauge-1", json={"type": "Gauge"}),
        await caller.patch(f"{LD}/urn:ngsi-ld:Gauge:gauge-1", json={"level": 9}),
        await caller.post(f"{LD}/urn:ngsi-ld:Gauge:gauge-1/attrs", json={"level": 9}),
        await caller.patch(f"{LD}/urn:ngsi-ld:Gauge:gauge-1/attrs/level", json={"value": 9}),
        await caller.delete(f"{LD}/urn:ngsi-ld:Gauge:gauge-1/attrs/level"),
        await caller.delete(f"{LD}/urn:ngsi-ld:Gauge:gauge-1"),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused), [each.text for each in refused]
    assert (await master.get("/v2/entities/gauge-1")).json() == before
    assert {each["id"] for each in (await master.get("/v2/entities")).json()} == {"park-1", "park-2", "gauge-1"}


async def test_a_batch_writes_what_is_granted_and_refuses_the_rest(city: City) -> None:
    master = await _fill(city)
    caller = await city.caller(city.grant("write", types=["Park"]))
    parts: list[dict[str, Any]] = [
        {"id": "urn:ngsi-ld:Park:2", "type": "Park", "name": "二号"},
        {"id": "urn:ngsi-ld:Gauge:2", "type": "Gauge", "level": 1},
    ]
    answer = await caller.post("/ngsi-ld/v1/entityOperations/upsert", json=parts)
    assert answer.status_code == 207
    assert [each["entityId"] for each in answer.json()["errors"]] == ["urn:ngsi-ld:Gauge:2"]
    assert answer.json()["success"] == ["urn:ngsi-ld:Park:2"]
    deleted = await caller.post("/ngsi-ld/v1/entityOperations/delete", json=["urn:ngsi-ld:Gauge:gauge-1"])
    assert deleted.status_code in (207, 400, 403)
    update = {"actionType": "append", "entities": [{"id": "gauge-3", "type": "Gauge", "level": {"value": 1}}]}
    assert (await caller.post("/v2/op/update", json=update)).status_code == 403
    update = {"actionType": "delete", "entities": [{"id": "gauge-1", "type": "Gauge"}]}
    assert (await caller.post("/v2/op/update", json=update)).status_code == 403
    ids = {each["id"] for each in (await master.get("/v2/entities")).json()}
    assert ids == {"park-1", "gauge-1", "urn:ngsi-ld:Park:2"}


async def test_an_entity_cannot_be_moved_out_of_or_into_what_is_granted(city: City) -> None:
    master = await _fill(city)
    caller = await city.caller(city.grant("write", types=["Park"]))
    park = f"{LD}/urn:ngsi-ld:Park:park-1"
    turned = await caller.patch(f"{park}/attrs", json={"type": ["Park", "Gauge"], "name": "x"})
    replaced = await caller.put(park, json={"type": "Gauge"})
    assert replaced.status_code in (400, 403)
    seen = (await master.get(f"{LD}/urn:ngsi-ld:Park:park-1")).json()
    assert "Park" in seen["type"], (turned.status_code, seen)


async def test_a_grant_over_attributes_changes_these_alone(city: City) -> None:
    master = await _fill(city)
    caller = await city.caller(city.grant("write", types=["Park"], attributes=["name"]))
    assert (await caller.patch("/v2/entities/park-1/attrs", json={"name": {"value": "新"}})).status_code == 204
    for answer in (
        await caller.patch("/v2/entities/park-1/attrs", json={"owner": {"value": "佐藤"}}),
        await caller.patch("/v2/entities/park-1/attrs", json={"name": {"value": "y"}, "owner": {"value": "佐藤"}}),
        await caller.put("/v2/entities/park-1/attrs", json={"name": {"value": "z"}}),
        await caller.delete("/v2/entities/park-1"),
        await caller.delete(f"{LD}/urn:ngsi-ld:Park:park-1/attrs/owner"),
    ):
        assert answer.status_code == 403, answer.text
    seen = (await master.get("/v2/entities/park-1?options=keyValues")).json()
    assert (seen["name"], seen["owner"]) == ("新", "山田")


@pytest.mark.parametrize("path", ["/rivers", "/", "/parks/#", "/parks,/rivers", "/parksville"])
async def test_a_grant_over_a_service_path_writes_there_alone(city: City, path: str) -> None:
    caller = await city.caller(city.grant("write", path="/parks/#"), path=path)
    answer = await caller.post("/v2/entities", json=PARK)
    assert answer.status_code in (400, 403), answer.text
    inside = await city.caller(city.grant("write", path="/parks/#"), path="/parks/east")
    assert (await inside.post("/v2/entities", json=PARK)).status_code == 201


async def test_reading_gives_no_writing_and_writing_no_reading(city: City) -> None:
    await _fill(city)
    reader = await city.caller(city.grant("read"))
    writer = await city.caller(city.grant("write"))
    assert (await reader.patch("/v2/entities/park-1/attrs", json={"name": {"value": 1}})).status_code == 403
    assert (await writer.get("/v2/entities")).status_code == 403
    assert (await reader.post("/v2/registrations", json={})).status_code == 403
    assert (await reader.get("/v2/subscriptions")).status_code == 403


async def test_whether_a_hidden_entity_exists_cannot_be_learned_by_failing(city: City) -> None:
    await _fill(city)
    caller = await city.caller(city.grant("write", types=["Park"]))
    answer = await caller.post("/v2/entities", json=GAUGE)
    assert answer.status_code == 403
    new = await caller.post("/v2/entities", json={**GAUGE, "id": "gauge-9"})
    assert new.status_code == 403
