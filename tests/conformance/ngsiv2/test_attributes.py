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


@pytest.mark.parametrize(
    ("name", "accept", "media_type", "body"),
    [
        ("text", "*/*", "text/plain", b'"Hall"'),
        ("number", "text/plain", "text/plain", b"5"),
        ("nothing", "*/*", "text/plain", b"null"),
        ("flag", "*/*", "text/plain", b"true"),
        ("object", "*/*", "application/json", b'{"x":1,"y":[2]}'),
        ("object", "text/plain, application/json", "text/plain", b'{"x":1,"y":[2]}'),
        ("list", "application/json", "application/json", b"[1,2,3]"),
    ],
)
async def test_a_value_comes_in_the_form_that_is_accepted(
    room: httpx.AsyncClient, name: str, accept: str, media_type: str, body: bytes
) -> None:
    read = await room.get(f"/v2/entities/room1/attrs/{name}/value", headers={"accept": accept})
    assert read.status_code == 200
    assert read.headers["content-type"] == media_type
    assert read.content == body


async def test_a_scalar_is_not_acceptable_as_json(room: httpx.AsyncClient) -> None:
    refused = await room.get("/v2/entities/room1/attrs/text/value", headers={"accept": "application/json"})
    assert refused.status_code == 406
    assert refused.json() == {"error": "NotAcceptable", "description": "accepted MIME types: text/plain"}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [('"a text"', "a text"), ("12.5", 12.5), ("true", True), ("false", False), ("null", None), ("-3", -3)],
)
async def test_a_value_of_plain_text_is_understood(room: httpx.AsyncClient, sent: str, stored: object) -> None:
    done = await room.put("/v2/entities/room1/attrs/number/value", content=sent, headers=PLAIN)
    assert done.status_code == 204
    read = (await room.get("/v2/entities/room1/attrs/number")).json()
    assert read == {"type": "Number", "value": stored, "metadata": {"unit": {"type": "Text", "value": "m"}}}


@pytest.mark.parametrize("sent", ["bare words", '"a<b"', "[1"])
async def test_a_value_that_is_not_understood_is_refused(room: httpx.AsyncClient, sent: str) -> None:
    refused = await room.put("/v2/entities/room1/attrs/number/value", content=sent, headers=PLAIN)
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")
    assert (await room.get("/v2/entities/room1/attrs/number/value")).text == "5"


async def test_a_value_of_json_is_an_object_or_a_list(room: httpx.AsyncClient) -> None:
    assert (await room.put("/v2/entities/room1/attrs/object/value", json={"z": 2})).status_code == 204
    assert (await room.get("/v2/entities/room1/attrs/object/value")).json() == {"z": 2}
    refused = await room.put("/v2/entities/room1/attrs/object/value", json=3)
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("name", "operation", "stored"),
    [
        ("number", {"$inc": 2}, 7),
        ("number", {"$mul": 3}, 15),
        ("number", {"$min": 1}, 1),
        ("number", {"$max": 1}, 5),
        ("list", {"$push": 3}, [1, 2, 3, 3]),
        ("list", {"$push": {"$each": [0], "$position": 0}}, [0, 1, 2, 3]),
        ("list", {"$addToSet": 3}, [1, 2, 3]),
        ("list", {"$addToSet": 4}, [1, 2, 3, 4]),
        ("list", {"$pull": 2}, [1, 3]),
        ("list", {"$pullAll": [1, 2]}, [3]),
        ("object", {"$set": {"y": 5, "z": 6}}, {"x": 1, "y": 5, "z": 6}),
        ("object", {"$unset": {"x": 1}}, {"y": [2]}),
        ("object", {"$set": {"z": 3}, "$unset": {"x": 1}}, {"y": [2], "z": 3}),
    ],
)
async def test_update_operators_work_on_the_stored_value(
    room: httpx.AsyncClient, name: str, operation: object, stored: object
) -> None:
    done = await room.put(f"/v2/entities/room1/attrs/{name}", json={"value": operation, "type": "Own"})
    assert done.status_code == 204
    assert (await room.get(f"/v2/entities/room1/attrs/{name}")).json()["value"] == stored


async def test_an_operator_that_does_not_fit_changes_nothing(room: httpx.AsyncClient) -> None:
    refused = await room.put("/v2/entities/room1/attrs/text", json={"value": {"$inc": 1}, "type": "Number"})
    assert (refused.status_code, refused.json()["error"]) == (500, "InternalServerError")
    assert (await room.get("/v2/entities/room1/attrs/text/value")).text == '"Hall"'


async def test_operators_start_from_nothing_in_creations(v2: httpx.AsyncClient) -> None:
    entity = {
        "id": "e",
        "count": {"value": {"$inc": 4}, "type": "Number"},
        "product": {"value": {"$mul": 10}, "type": "Number"},
        "list": {"value": {"$push": 4}, "type": "Array"},
        "object": {"value": {"$set": {"x": 1}}, "type": "Object"},
        "gone": {"value": {"$unset": {"x": 1}}, "type": "Object"},
    }
    assert (await v2.post("/v2/entities", json=entity)).status_code == 201
    read = (await v2.get("/v2/entities/e?options=keyValues")).json()
    assert read == {"id": "e", "type": "Thing", "count": 4, "product": 0, "list": [4], "object": {"x": 1}}
