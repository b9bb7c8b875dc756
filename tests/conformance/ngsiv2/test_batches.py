"""/v2/op/update, /v2/op/query, /v2/op/notify."""

from typing import Any

import httpx
import pytest


async def _update(v2: httpx.AsyncClient, action: str, *entities: Any, options: str = "") -> httpx.Response:
    path = f"/v2/op/update?options={options}" if options else "/v2/op/update"
    return await v2.post(path, json={"actionType": action, "entities": list(entities)})


async def _values(v2: httpx.AsyncClient, entity_id: str) -> dict[str, Any]:
    read: dict[str, Any] = (await v2.get(f"/v2/entities/{entity_id}?options=keyValues")).json()
    return {name: each for name, each in read.items() if name not in ("id", "type")}


@pytest.mark.parametrize("action", ["append", "APPEND", "appendStrict", "APPEND_STRICT", "append_strict"])
async def test_appending_creates_entities(v2: httpx.AsyncClient, action: str) -> None:
    """`append_strict` is how FIWARE's tutorials of NGSIv2 spell it."""
    done = await _update(v2, action, {"id": "a", "type": "T", "x": {"value": 1}}, {"id": "b", "y": {"value": 2}})
    assert done.status_code == 204
    assert await _values(v2, "a") == {"x": 1}
    assert (await v2.get("/v2/entities/b")).json()["type"] == "Thing"


async def test_the_same_entity_several_times_ends_at_the_last(v2: httpx.AsyncClient) -> None:
    done = await _update(
        v2, "append", *({"id": "a", "type": "T", "x": number} for number in range(5)), options="keyValues"
    )
    assert done.status_code == 204
    assert await _values(v2, "a") == {"x": 4}


async def test_replacing_and_deleting_in_a_batch(v2: httpx.AsyncClient) -> None:
    await _update(v2, "append", {"id": "a", "x": {"value": 1}, "y": {"value": 2}}, {"id": "b", "x": {"value": 1}})
    assert (await _update(v2, "replace", {"id": "a", "z": {"value": 3}})).status_code == 204
    assert await _values(v2, "a") == {"z": 3}
    assert (await _update(v2, "delete", {"id": "a", "z": {}}, {"id": "b"})).status_code == 204
    assert await _values(v2, "a") == {}
    assert (await v2.get("/v2/entities/b")).status_code == 404


@pytest.mark.parametrize("action", ["update", "replace", "delete"])
async def test_a_batch_of_entities_that_do_not_exist_is_not_found(v2: httpx.AsyncClient, action: str) -> None:
    refused = await _update(v2, action, {"id": "F", "type": "T", "a": {"value": 1}}, {"id": "G", "a": {"value": 1}})
    assert refused.status_code == 404
    assert refused.json() == {
        "error": "NotFound",
        "description": "do not exist: F/T - [entity itself], G [entity itself]",
    }


async def test_a_batch_that_fails_in_every_entity_there_is_unprocessable(v2: httpx.AsyncClient) -> None:
    await _update(v2, "append", {"id": "E", "type": "T", "a": {"value": 1}})
    sent = {"id": "E", "type": "T", "c": {"value": 1}, "d": {"value": 1}}
    refused = await _update(v2, "update", sent, {"id": "G", "type": "T", "a": {"value": 1}})
    assert refused.status_code == 422
    assert refused.json() == {
        "error": "Unprocessable",
        "description": "do not exist: E/T - [ c, d ], G/T [entity itself]",
    }


async def test_a_batch_that_does_something_is_a_partial_update(v2: httpx.AsyncClient) -> None:
    await _update(v2, "append", {"id": "E", "type": "T", "a": {"value": 1}})
    refused = await _update(v2, "update", {"id": "E", "type": "T", "a": {"value": 2}, "d": {"value": 1}})
    assert (refused.status_code, refused.json()["error"]) == (422, "PartialUpdate")
    assert await _values(v2, "E") == {"a": 2}


async def test_strict_appending_names_what_exists(v2: httpx.AsyncClient) -> None:
    await _update(v2, "append", {"id": "E1", "type": "T", "a": {"value": 1}})
    refused = await _update(v2, "appendStrict", {"id": "E1", "type": "T", "a": {"value": 2}})
    assert refused.status_code == 422
    assert refused.json() == {
        "error": "Unprocessable",
        "description": "one or more of the attributes in the request already exist: E1/T - [ a ]",
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entities": [{"id": "e"}]},
        {"actionType": "append"},
        {"actionType": "append", "entities": []},
        {"actionType": "conquer", "entities": [{"id": "e"}]},
        {"actionType": "append", "entities": [{"type": "T"}]},
        {"actionType": "append", "entities": [{"id": "e", "a": 3}]},
        {"actionType": "append", "entities": [{"id": "e"}], "more": 1},
    ],
)
async def test_a_malformed_batch_is_refused(v2: httpx.AsyncClient, body: Any) -> None:
    refused = await v2.post("/v2/op/update", json=body)
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")


async def test_a_batch_with_a_known_key_is_not_written_again(v2: httpx.AsyncClient) -> None:
    body = {"actionType": "append", "entities": [{"id": "e", "n": {"value": {"$inc": 1}, "type": "Number"}}]}
    for _ in range(2):
        assert (await v2.post("/v2/op/update", json=body, headers={"idempotency-key": "k1"})).status_code == 204
    assert await _values(v2, "e") == {"n": 1}


async def test_a_key_of_another_batch_is_refused(v2: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "k1"}
    body: dict[str, Any] = {"actionType": "append", "entities": [{"id": "e", "n": {"value": 1}}]}
    assert (await v2.post("/v2/op/update", json=body, headers=headers)).status_code == 204
    body["entities"].append({"id": "f", "n": {"value": 2}})
    for action in ("append", "update"):
        refused = await v2.post("/v2/op/update", json={**body, "actionType": action}, headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")
    assert (await v2.get("/v2/entities/f")).status_code == 404


async def test_a_notification_is_taken_as_an_update(v2: httpx.AsyncClient) -> None:
    body = {"subscriptionId": "5aeb0ee97d4ef10a12a0262f", "data": [{"id": "n", "type": "T", "a": {"value": 1}}]}
    taken = await v2.post("/v2/op/notify", json=body)
    assert (taken.status_code, taken.content) == (200, b"")
    assert await _values(v2, "n") == {"a": 1}
    assert (await v2.post("/v2/op/notify?options=keyValues", json=body)).status_code == 400
    assert (await v2.post("/v2/op/notify", json={"data": []})).status_code == 400


async def test_a_query_in_a_body_selects_and_shapes(v2: httpx.AsyncClient) -> None:
    await _update(
        v2,
        "append",
        {"id": "r1", "type": "Room", "t": {"value": 10}, "h": {"value": 1}},
        {"id": "r2", "type": "Room", "t": {"value": 30}},
        {"id": "c1", "type": "Car", "t": {"value": 30}},
    )
    body = {"entities": [{"idPattern": ".*", "type": "Room"}], "attrs": ["t"], "expression": {"q": "t>20"}}
    found = await v2.post("/v2/op/query?options=keyValues,count", json=body)
    assert found.json() == [{"id": "r2", "type": "Room", "t": 30}]
    assert found.headers["fiware-total-count"] == "1"
    either = {"entities": [{"id": "c1", "type": "Car"}, {"id": "r1"}]}
    assert [each["id"] for each in (await v2.post("/v2/op/query", json=either)).json()] == ["r1", "c1"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entities": []},
        {"entities": [{"type": "T"}]},
        {"entities": [{"id": "a", "idPattern": "b"}]},
        {"entities": [{"idPattern": "a["}]},
        {"entities": [{"id": "a"}], "expression": {"georel": "near"}},
        {"entities": [{"id": "a"}], "attrs": "t"},
        {"entities": [{"id": "a"}], "other": 1},
    ],
)
async def test_a_malformed_query_is_refused(v2: httpx.AsyncClient, body: Any) -> None:
    refused = await v2.post("/v2/op/query", json=body)
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")
