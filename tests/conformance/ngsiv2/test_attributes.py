"""/v2/entities/{id}/attrs/{name} and its value."""

import httpx
import pytest

PLAIN = {"content-type": "text/plain"}


@pytest.fixture
async def room(v2: httpx.AsyncClient) -> httpx.AsyncClient:
    entity = {
        "id": "room1",
        "type": "Room",
        "text": {"value": "Hall", "type": "Text"},
        "number": {"value": 5, "type": "Number", "metadata": {"unit": {"value": "m", "type": "Text"}}},
        "object": {"value": {"x": 1, "y": [2]}, "type": "StructuredValue"},
        "list": {"value": [1, 2, 3], "type": "Array"},
        "nothing": {"value": None},
        "flag": {"value": True},
    }
    assert (await v2.post("/v2/entities", json=entity)).status_code == 201
    return v2


async def test_an_attribute_is_read_and_updated(room: httpx.AsyncClient) -> None:
    read = await room.get("/v2/entities/room1/attrs/number")
    assert read.json() == {"type": "Number", "value": 5, "metadata": {"unit": {"type": "Text", "value": "m"}}}
    done = await room.put("/v2/entities/room1/attrs/number", json={"value": 6.5})
    assert done.status_code == 204
    assert (await room.get("/v2/entities/room1/attrs/number")).json()["value"] == 6.5


async def test_an_attribute_that_does_not_exist_is_not_found(room: httpx.AsyncClient) -> None:
    answers = [
        await room.get("/v2/entities/room1/attrs/none"),
        await room.put("/v2/entities/room1/attrs/none", json={"value": 1}),
        await room.delete("/v2/entities/room1/attrs/none"),
        await room.get("/v2/entities/room1/attrs/none/value"),
        await room.put("/v2/entities/room1/attrs/none/value", content="1", headers=PLAIN),
    ]
    for answer in answers:
        assert answer.status_code == 404
        assert answer.json() == {"error": "NotFound", "description": "The entity does not have such an attribute"}
    missing = await room.get("/v2/entities/none/attrs/a")
    assert missing.json()["description"] == "The requested entity has not been found. Check type and id"


async def test_an_attribute_is_deleted(room: httpx.AsyncClient) -> None:
    assert (await room.delete("/v2/entities/room1/attrs/text")).status_code == 204
    assert (await room.get("/v2/entities/room1/attrs/text")).status_code == 404
