"""The example case of Orion's walkthrough (rooms and cars), in order; every answer held to the byte."""

from typing import Any

import httpx
import pytest

from tests.conformance.ngsiv2.answers import is_done, refuses, shows, shows_text

TEXT = {"content-type": "text/plain"}


def _room(number: int, temperature: float, pressure: int) -> dict[str, Any]:
    return {
        "id": f"Room{number}",
        "type": "Room",
        "temperature": {"value": temperature, "type": "Float"},
        "pressure": {"value": pressure, "type": "Integer"},
    }


def _shown(entity: dict[str, Any]) -> dict[str, Any]:
    """Return an entity as it is shown: attributes by name, types before values, empty metadata."""
    attributes = sorted((name, each) for name, each in entity.items() if name not in ("id", "type"))
    shown = {name: {"type": each["type"], "value": each["value"], "metadata": {}} for name, each in attributes}
    return {"id": entity["id"], "type": entity["type"], **shown}


@pytest.fixture
async def rooms(v2: httpx.AsyncClient) -> httpx.AsyncClient:
    for room in (_room(1, 23, 720), _room(2, 21, 711)):
        is_done(await v2.post("/v2/entities", json=room), 201, location=f"/v2/entities/{room['id']}?type=Room")
    return v2


async def test_an_entity_is_retrieved_in_every_form(rooms: httpx.AsyncClient) -> None:
    room = _shown(_room(1, 23, 720))
    shows(await rooms.get("/v2/entities/Room1"), room)
    shows(await rooms.get("/v2/entities/Room1?type=Room"), room)
    shows(
        await rooms.get("/v2/entities/Room1?options=keyValues"),
        {"id": "Room1", "type": "Room", "pressure": 720, "temperature": 23},
    )
    shows(await rooms.get("/v2/entities/Room1?options=values&attrs=temperature,pressure"), [23, 720])
    shows(await rooms.get("/v2/entities/Room1?options=values&attrs=pressure,temperature"), [720, 23])
    shows(await rooms.get("/v2/entities/Room1/attrs"), {name: room[name] for name in ("pressure", "temperature")})
    shows(await rooms.get("/v2/entities/Room1/attrs?attrs=pressure&options=keyValues"), {"pressure": 720})
    shows(await rooms.get("/v2/entities/Room1/attrs/temperature"), room["temperature"])
    shows_text(await rooms.get("/v2/entities/Room1/attrs/temperature/value"), "23")
    shows(await rooms.get("/v2/entities/Room1?attrs=none"), {"id": "Room1", "type": "Room"})
    shows(await rooms.get("/v2/entities/Room1/attrs?attrs=none"), {})
    refuses(await rooms.get("/v2/entities/Room5"), 404)
    refuses(await rooms.get("/v2/entities/Room1?type=Car"), 404)


async def test_entities_are_listed_and_filtered(rooms: httpx.AsyncClient) -> None:
    both = [_shown(_room(1, 23, 720)), _shown(_room(2, 21, 711))]
    shows(await rooms.get("/v2/entities"), both)
    shows(await rooms.get("/v2/entities?type=Room"), both)
    shows(await rooms.get("/v2/entities?idPattern=^Room[2-5]"), both[1:])
    shows(await rooms.get("/v2/entities?q=temperature>22"), both[:1])
    shows(await rooms.get("/v2/entities?orderBy=temperature&limit=1&options=count"), both[1:], fiware_total_count="2")
    shows(
        await rooms.get("/v2/entities?options=keyValues&attrs=pressure"),
        [{"id": "Room1", "type": "Room", "pressure": 720}, {"id": "Room2", "type": "Room", "pressure": 711}],
    )
    shows(await rooms.get("/v2/entities?options=values&attrs=pressure"), [[720], [711]])


async def test_entities_are_updated(rooms: httpx.AsyncClient) -> None:
    update = {"temperature": {"value": 26.5, "type": "Float"}, "pressure": {"value": 763, "type": "Float"}}
    is_done(await rooms.patch("/v2/entities/Room1/attrs", json=update))
    is_done(await rooms.put("/v2/entities/Room1/attrs/temperature/value", content=b"28.5", headers=TEXT))
    updated = {"id": "Room1", "type": "Room", **update, "temperature": {"value": 28.5, "type": "Float"}}
    shows(await rooms.get("/v2/entities/Room1"), _shown(updated))
    is_done(await rooms.patch("/v2/entities/Room1/attrs?options=keyValues", json={"pressure": 760}))
    shows(await rooms.get("/v2/entities/Room1/attrs/pressure"), {"type": "Number", "value": 760, "metadata": {}})
    humidity = {"ambientNoise": {"value": 31.5}}
    is_done(await rooms.post("/v2/entities/Room1/attrs", json=humidity))
    shows(await rooms.get("/v2/entities/Room1?options=values"), [31.5, 760, 28.5])
    is_done(await rooms.put("/v2/entities/Room1/attrs", json=humidity))
    shows(
        await rooms.get("/v2/entities/Room1?options=keyValues"), {"id": "Room1", "type": "Room", "ambientNoise": 31.5}
    )
    is_done(await rooms.delete("/v2/entities/Room1/attrs/ambientNoise"))
    shows(await rooms.get("/v2/entities/Room1"), {"id": "Room1", "type": "Room"})
    is_done(await rooms.delete("/v2/entities/Room1"))
    refuses(await rooms.get("/v2/entities/Room1"), 404)


async def test_types_are_browsed(rooms: httpx.AsyncClient) -> None:
    cars = [
        {
            "id": f"Car{number}",
            "type": "Car",
            "speed": {"value": 100, "type": "Float"},
            "fuel": {"value": 70, "type": "Percentage"},
        }
        for number in (1, 2)
    ]
    is_done(await rooms.post("/v2/op/update", json={"actionType": "append", "entities": [*cars, _room(3, 20, 722)]}))
    car = {"attrs": {"fuel": {"types": ["Percentage"]}, "speed": {"types": ["Float"]}}, "count": 2}
    room = {"attrs": {"pressure": {"types": ["Integer"]}, "temperature": {"types": ["Float"]}}, "count": 3}
    shows(await rooms.get("/v2/types"), [{"type": "Car", **car}, {"type": "Room", **room}])
    shows(
        await rooms.get("/v2/types?limit=1&offset=1&options=count"), [{"type": "Room", **room}], fiware_total_count="2"
    )
    shows(await rooms.get("/v2/types?options=values"), ["Car", "Room"])
    shows(await rooms.get("/v2/types?options=values,count&offset=5"), [], fiware_total_count="2")
    shows(await rooms.get("/v2/types/Room"), room)
    bare = {"attrs": {"fuel": {"types": []}, "speed": {"types": []}}, "count": 2}
    shows(await rooms.get("/v2/types/Car?options=noAttrDetail"), bare)
    shows(await rooms.get("/v2/types?options=noAttrDetail&limit=1"), [{"type": "Car", **bare}])
    refuses(await rooms.get("/v2/types/Bus"), 404, description="Entity type not found")
    for query in ("options=none", "limit=1001", "limit=-1", "offset=x", "options="):
        refuses(await rooms.get(f"/v2/types?{query}"), 400)


async def test_types_know_every_type_of_an_attribute_and_no_builtin_one(v2: httpx.AsyncClient) -> None:
    """Issues 4216 and 4451."""
    later = {"value": "2099-01-01", "type": "DateTime"}
    entities = [
        {"id": "a", "type": "Car", "fuel": {"value": 1, "type": "diesel"}, "dateExpires": later},
        {"id": "b", "type": "Car", "fuel": {"value": 1, "type": "gasoline"}, "doors": {"value": 5}},
        {"id": "c", "type": "Empty"},
    ]
    is_done(await v2.post("/v2/op/update", json={"actionType": "append", "entities": entities}))
    car = {"attrs": {"doors": {"types": ["Number"]}, "fuel": {"types": ["diesel", "gasoline"]}}, "count": 2}
    shows(await v2.get("/v2/types"), [{"type": "Car", **car}, {"type": "Empty", "attrs": {}, "count": 1}])


async def test_a_batch_creates_updates_and_is_queried(v2: httpx.AsyncClient) -> None:
    rooms = [_room(3, 21.2, 722), _room(4, 31.8, 712)]
    is_done(await v2.post("/v2/op/update", json={"actionType": "append", "entities": rooms}))
    updates = [
        {"type": "Room", "id": "Room3", "temperature": {"value": 29.9, "type": "Float"}},
        {"type": "Room", "id": "Room4", "pressure": {"value": 709, "type": "Integer"}},
    ]
    is_done(await v2.post("/v2/op/update", json={"actionType": "update", "entities": updates}))
    shows(await v2.get("/v2/entities"), [_shown(_room(3, 29.9, 722)), _shown(_room(4, 31.8, 709))])
    query = {
        "entities": [{"idPattern": ".*", "type": "Room"}, {"idPattern": ".*", "type": "Car"}],
        "attrs": ["pressure", "temperature"],
        "expression": {"q": "temperature>30"},
    }
    shows(await v2.post("/v2/op/query", json=query), [_shown(_room(4, 31.8, 709))])
    nearby = {"georel": "near;maxDistance:20000", "geometry": "point", "coords": "40.31,-3.75"}
    shows(await v2.post("/v2/op/query", json={**query, "expression": nearby}), [])


async def test_transient_entities(v2: httpx.AsyncClient) -> None:
    """Transient entities: every transition of `dateExpires`."""
    ends = {"value": "2028-07-07T21:35:00Z", "type": "DateTime"}
    shown = {"type": "DateTime", "value": "2028-07-07T21:35:00.000Z", "metadata": {}}
    is_done(await v2.post("/v2/entities", json={"id": "t1", "type": "Ticket", "dateExpires": ends}), 201)
    shows(await v2.get("/v2/entities/t1"), {"id": "t1", "type": "Ticket"})
    shows(await v2.get("/v2/entities/t1?attrs=dateExpires"), {"id": "t1", "type": "Ticket", "dateExpires": shown})
    shows(await v2.get("/v2/entities?q=dateExpires>2028-01-01&attrs=dateExpires&options=values"), [[shown["value"]]])
    is_done(await v2.put("/v2/entities/t1/attrs/dateExpires", json={**ends, "value": "2028-12-31T23:59:00Z"}))
    shows_text(await v2.get("/v2/entities/t1/attrs/dateExpires/value"), '"2028-12-31T23:59:00.000Z"')
    is_done(await v2.delete("/v2/entities/t1/attrs/dateExpires"))
    shows(await v2.get("/v2/entities/t1?attrs=dateExpires"), {"id": "t1", "type": "Ticket"})
    is_done(await v2.post("/v2/entities/t1/attrs", json={"dateExpires": ends}))
    shows(await v2.get("/v2/entities/t1/attrs/dateExpires"), shown)
    for value in ("tomorrow", "", 7, True, {}):
        bad = {**ends, "value": value}
        refuses(await v2.put("/v2/entities/t1/attrs/dateExpires", json=bad), 400)
        refuses(await v2.post("/v2/entities", json={"id": "t2", "dateExpires": bad}), 400)


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00Z", "2020-01-01", "9999-12-31T23:59:59.999999Z"])
async def test_an_entity_of_any_expiry_can_be_written_again(v2: httpx.AsyncClient, instant: str) -> None:
    """If `dateExpires` is in the past, the entity is created expired."""
    entity = {"id": "t1", "type": "Ticket", "dateExpires": {"value": instant, "type": "DateTime"}}
    is_done(await v2.post("/v2/entities", json=entity), 201)
    is_done(await v2.post("/v2/entities?options=upsert,keyValues", json={"id": "t1", "type": "Ticket", "a": 1}))
    answer = await v2.get("/v2/entities/t1?options=keyValues")
    assert answer.json()["a"] == 1
