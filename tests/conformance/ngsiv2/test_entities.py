"""/v2/entities and /v2/entities/{id}."""

import asyncio

import httpx
import pytest

ROOM = {
    "id": "room1",
    "type": "Room",
    "temperature": {"value": 23.5, "type": "Number", "metadata": {"accuracy": {"value": 0.8, "type": "Number"}}},
    "name": {"value": "Hall"},
}


async def _create(v2: httpx.AsyncClient, entity: object = ROOM, **headers: str) -> httpx.Response:
    return await v2.post("/v2/entities", json=entity, headers=headers)


async def test_a_created_entity_has_a_location_and_is_read_back(v2: httpx.AsyncClient) -> None:
    created = await _create(v2)
    assert created.status_code == 201
    assert created.headers["location"] == "/v2/entities/room1?type=Room"
    assert created.content == b""
    read = await v2.get("/v2/entities/room1")
    assert read.status_code == 200
    assert read.headers["content-type"] == "application/json"
    assert read.json() == {
        "id": "room1",
        "type": "Room",
        "temperature": {
            "type": "Number",
            "value": 23.5,
            "metadata": {"accuracy": {"type": "Number", "value": 0.8}},
        },
        "name": {"type": "Text", "value": "Hall", "metadata": {}},
    }


async def test_types_that_are_left_out_follow_the_value(v2: httpx.AsyncClient) -> None:
    entity = {
        "id": "e",
        "a": {"value": 1},
        "b": {"value": True},
        "c": {"value": {"x": 1}},
        "d": {"value": [1]},
        "e": {},
    }
    created = await _create(v2, entity)
    assert created.headers["location"] == "/v2/entities/e?type=Thing"
    read = (await v2.get("/v2/entities/e")).json()
    types = {name: read[name]["type"] for name in "abcde"}
    assert types == {"a": "Number", "b": "Boolean", "c": "StructuredValue", "d": "StructuredValue", "e": "None"}
    assert read["e"]["value"] is None


async def test_creating_an_entity_twice_is_refused(v2: httpx.AsyncClient) -> None:
    await _create(v2)
    again = await _create(v2)
    assert again.status_code == 422
    assert again.json() == {"error": "Unprocessable", "description": "Already Exists"}


async def test_an_upsert_creates_and_then_updates(v2: httpx.AsyncClient) -> None:
    """204 both times (Orion's issue 3821); what is there stays, as in an append (issue 3215)."""
    first = await v2.post("/v2/entities?options=upsert", json=ROOM)
    second = await v2.post(
        "/v2/entities?options=upsert,keyValues", json={"id": "room1", "type": "Room", "name": "Attic", "floor": 3}
    )
    assert (first.status_code, second.status_code) == (204, 204)
    assert first.headers["location"] == second.headers["location"] == "/v2/entities/room1?type=Room"
    assert (await v2.get("/v2/entities/room1?options=keyValues")).json() == {
        "id": "room1",
        "type": "Room",
        "temperature": 23.5,
        "name": "Attic",
        "floor": 3,
    }
    kept = (await v2.get("/v2/entities/room1/attrs/temperature")).json()
    assert kept["metadata"] == {"accuracy": {"type": "Number", "value": 0.8}}


@pytest.mark.parametrize(
    ("entity", "word"),
    [
        ({}, "BadRequest"),
        ([], "ParseError"),
        ("e", "ParseError"),
        ({"type": "Room"}, "BadRequest"),
        ({"id": ""}, "BadRequest"),
        ({"id": "a b"}, "BadRequest"),
        ({"id": "a<b"}, "BadRequest"),
        ({"id": "x" * 257}, "BadRequest"),
        ({"id": "e", "type": ""}, "BadRequest"),
        ({"id": "e", "type": 3}, "BadRequest"),
        ({"id": "e", "a": 3}, "BadRequest"),
        ({"id": "e", "a": {"value": "x;y"}}, "BadRequest"),
        ({"id": "e", "a": {"value": {"k": ["x(y"]}}}, "BadRequest"),
        ({"id": "e", "a": {"value": 1, "other": 2}}, "BadRequest"),
        ({"id": "e", "a": {"value": 1, "type": "a b"}}, "BadRequest"),
        ({"id": "e", "a": {"value": 1, "metadata": {"m": 3}}}, "BadRequest"),
        ({"id": "e", "a/b": {"value": 1}}, "BadRequest"),
        ({"id": "e", "geo:distance": {"value": 1}}, "BadRequest"),
        ({"id": "e", "a": {"type": "DateTime", "value": "yesterday"}}, "BadRequest"),
        ({"id": "e", "a": {"type": "geo:point", "value": "somewhere"}}, "BadRequest"),
        ({"id": "e", "dateExpires": {"type": "DateTime", "value": "never"}}, "BadRequest"),
    ],
)
async def test_a_malformed_entity_is_refused_and_not_stored(v2: httpx.AsyncClient, entity: object, word: str) -> None:
    refused = await _create(v2, entity)
    assert refused.status_code == 400
    assert refused.json()["error"] == word
    assert (await v2.get("/v2/entities")).json() == []


async def test_text_that_is_not_json_is_a_parse_error(v2: httpx.AsyncClient) -> None:
    refused = await v2.post("/v2/entities", content=b'{"id": ', headers={"content-type": "application/json"})
    assert refused.status_code == 400
    assert refused.json()["error"] == "ParseError"


async def test_unrestricted_text_may_have_any_character(v2: httpx.AsyncClient) -> None:
    entity = {
        "id": "e",
        "a": {"type": "TextUnrestricted", "value": "I'm <free>"},
        "b": {"type": "Own", "value": "a=b;", "metadata": {"TextUnrestricted": {"value": True, "type": "Boolean"}}},
    }
    assert (await _create(v2, entity)).status_code == 201
    assert (await v2.get("/v2/entities/e/attrs/a")).json()["value"] == "I'm <free>"


async def test_an_entity_that_does_not_exist_is_not_found(v2: httpx.AsyncClient) -> None:
    for answer in (await v2.get("/v2/entities/none"), await v2.delete("/v2/entities/none")):
        assert answer.status_code == 404
        assert answer.json()["error"] == "NotFound"


async def test_an_id_of_several_types_needs_the_type(v2: httpx.AsyncClient) -> None:
    await _create(v2, {"id": "x", "type": "A", "n": {"value": 1}})
    await _create(v2, {"id": "x", "type": "B", "n": {"value": 2}})
    ambiguous = await v2.get("/v2/entities/x")
    assert ambiguous.status_code == 409
    assert ambiguous.json()["error"] == "TooManyResults"
    assert (await v2.patch("/v2/entities/x/attrs", json={"n": {"value": 3}})).status_code == 409
    assert (await v2.get("/v2/entities/x?type=B")).json()["n"]["value"] == 2
    assert (await v2.delete("/v2/entities/x?type=A")).status_code == 204
    assert (await v2.get("/v2/entities/x")).json()["type"] == "B"


async def test_representations_follow_the_options(v2: httpx.AsyncClient) -> None:
    await _create(v2, {"id": "e", "type": "T", "a": {"value": 1}, "b": {"value": 1}, "c": {"value": "x"}})
    assert (await v2.get("/v2/entities/e?options=keyValues")).json() == {
        "id": "e",
        "type": "T",
        "a": 1,
        "b": 1,
        "c": "x",
    }
    assert (await v2.get("/v2/entities/e?options=values&attrs=c,a,b")).json() == ["x", 1, 1]
    assert (await v2.get("/v2/entities/e?options=unique&attrs=c,a,b")).json() == ["x", 1]
    assert (await v2.get("/v2/entities/e/attrs?options=keyValues")).json() == {"a": 1, "b": 1, "c": "x"}
    assert (await v2.get("/v2/entities/e?options=keyValues,values")).status_code == 400
    assert (await v2.get("/v2/entities/e?options=pretty")).status_code == 400


async def test_builtin_attributes_are_shown_where_they_are_named(v2: httpx.AsyncClient) -> None:
    await _create(v2, ROOM, **{"fiware-servicepath": "/parks"})
    read = (await v2.get("/v2/entities/room1?attrs=dateCreated,dateModified,servicePath,name")).json()
    assert set(read) == {"id", "type", "dateCreated", "dateModified", "servicePath", "name"}
    assert read["servicePath"] == {"type": "Text", "value": "/parks", "metadata": {}}
    assert read["dateCreated"]["type"] == "DateTime"
    everything = (await v2.get("/v2/entities/room1?attrs=dateCreated,*&options=keyValues")).json()
    assert set(everything) == {"id", "type", "dateCreated", "temperature", "name"}


async def test_builtin_metadata_are_shown_where_they_are_named(v2: httpx.AsyncClient) -> None:
    await _create(v2)
    read = (await v2.get("/v2/entities/room1?attrs=temperature&metadata=dateCreated,*")).json()
    assert set(read["temperature"]["metadata"]) == {"accuracy", "dateCreated"}
    read = (await v2.get("/v2/entities/room1?metadata=nothing")).json()
    assert read["temperature"]["metadata"] == {}


async def test_appending_writes_over_and_adds(v2: httpx.AsyncClient) -> None:
    await _create(v2)
    done = await v2.post("/v2/entities/room1/attrs", json={"temperature": {"value": 24}, "pressure": {"value": 720}})
    assert done.status_code == 204
    assert done.content == b""
    read = (await v2.get("/v2/entities/room1")).json()
    assert read["temperature"]["value"] == 24
    assert read["temperature"]["metadata"] == {"accuracy": {"type": "Number", "value": 0.8}}
    assert read["pressure"]["value"] == 720


async def test_strict_appending_refuses_what_exists(v2: httpx.AsyncClient) -> None:
    await _create(v2)
    body = {"temperature": {"value": 24}}
    refused = await v2.post("/v2/entities/room1/attrs?options=append", json=body)
    assert (refused.status_code, refused.json()["error"]) == (422, "Unprocessable")
    partial = await v2.post("/v2/entities/room1/attrs?options=append", json={**body, "fresh": {"value": 1}})
    assert (partial.status_code, partial.json()["error"]) == (422, "PartialUpdate")
    read = (await v2.get("/v2/entities/room1?options=keyValues")).json()
    assert (read["temperature"], read["fresh"]) == (23.5, 1)


async def test_updating_what_does_not_exist_is_refused(v2: httpx.AsyncClient) -> None:
    await _create(v2)
    refused = await v2.patch("/v2/entities/room1/attrs", json={"none": {"value": 1}})
    assert (refused.status_code, refused.json()["error"]) == (422, "Unprocessable")
    assert refused.json()["description"] == "do not exist: room1 - [ none ]"
    partial = await v2.patch("/v2/entities/room1/attrs?type=Room", json={"none": {"value": 1}, "name": {"value": "A"}})
    assert (partial.status_code, partial.json()["error"]) == (422, "PartialUpdate")
    assert partial.json()["description"] == "do not exist: room1/Room - [ none ]"
    assert (await v2.get("/v2/entities/room1/attrs/name")).json()["value"] == "A"
    missing = await v2.patch("/v2/entities/other/attrs", json={"a": {"value": 1}})
    assert (missing.status_code, missing.json()["error"]) == (404, "NotFound")


async def test_replacing_leaves_only_what_is_sent(v2: httpx.AsyncClient) -> None:
    await _create(v2)
    assert (await v2.put("/v2/entities/room1/attrs?options=keyValues", json={"x": 1})).status_code == 204
    assert (await v2.get("/v2/entities/room1?options=keyValues")).json() == {"id": "room1", "type": "Room", "x": 1}
    assert (await v2.put("/v2/entities/none/attrs", json={"x": {"value": 1}})).status_code == 404


async def test_id_and_type_are_refused_in_updates(v2: httpx.AsyncClient) -> None:
    await _create(v2)
    for name in ("id", "type"):
        refused = await v2.patch("/v2/entities/room1/attrs", json={name: "x", "name": {"value": "y"}})
        assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")
    assert (await v2.patch("/v2/entities/room1/attrs", json={})).status_code == 400


async def test_metadata_stay_unless_they_are_overridden(v2: httpx.AsyncClient) -> None:
    await _create(v2)
    unit = {"value": 1, "type": "Number", "metadata": {"unitCode": {"value": "CEL", "type": "Text"}}}
    await v2.patch("/v2/entities/room1/attrs", json={"temperature": unit})
    read = (await v2.get("/v2/entities/room1/attrs/temperature")).json()
    assert set(read["metadata"]) == {"accuracy", "unitCode"}
    await v2.patch("/v2/entities/room1/attrs?options=overrideMetadata", json={"temperature": {"value": 2}})
    read = (await v2.get("/v2/entities/room1/attrs/temperature")).json()
    assert read == {"type": "Number", "value": 2, "metadata": {}}


async def test_an_entity_has_one_location(v2: httpx.AsyncClient) -> None:
    here, there = {"type": "geo:point", "value": "34.3, 134.0"}, {"type": "geo:point", "value": "35, 135"}
    refused = await _create(v2, {"id": "e", "a": here, "b": there})
    assert (refused.status_code, refused.json()["error"]) == (413, "NoResourcesAvailable")
    ignored = {**there, "metadata": {"ignoreType": {"type": "Boolean", "value": True}}}
    assert (await _create(v2, {"id": "e", "a": here, "b": ignored})).status_code == 201
    assert (await v2.post("/v2/entities/e/attrs", json={"c": there})).status_code == 413
    assert (await v2.get("/v2/entities/e/attrs/a")).json()["value"] == "34.3, 134.0"


async def test_a_feature_is_shown_as_its_geometry(v2: httpx.AsyncClient) -> None:
    point = {"type": "Point", "coordinates": [134.04, 34.34]}
    feature = {"type": "Feature", "properties": {}, "geometry": point}
    await _create(v2, {"id": "e", "location": {"type": "geo:json", "value": feature}})
    assert (await v2.get("/v2/entities/e/attrs/location")).json() == {
        "type": "geo:json",
        "value": point,
        "metadata": {},
    }


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2017-06-17", "2017-06-17T00:00:00.000Z"),
        ("2017-06-17T07:21:24.238Z", "2017-06-17T07:21:24.238Z"),
        ("2017-06-17T07:21", "2017-06-17T07:21:00.000Z"),
        ("2017-06-17T07", "2017-06-17T07:00:00.000Z"),
        ("2017-06-17T072124+09", "2017-06-16T22:21:24.000Z"),
        ("2017-06-17T07:21:24-0130", "2017-06-17T08:51:24.000Z"),
        (None, None),
    ],
)
async def test_dates_are_shown_in_utc_with_milliseconds(v2: httpx.AsyncClient, sent: str, shown: str) -> None:
    assert (await _create(v2, {"id": "e", "when": {"type": "DateTime", "value": sent}})).status_code == 201
    read = (await v2.get("/v2/entities/e/attrs/when")).json()
    assert (read["type"], read["value"]) == ("DateTime", shown)


async def test_a_transient_entity_ends(v2: httpx.AsyncClient) -> None:
    await _create(v2, {"id": "e", "type": "T", "a": {"value": 1}})
    later = {"type": "DateTime", "value": "2099-01-01T00:00:00Z"}
    assert (await v2.post("/v2/entities/e/attrs", json={"dateExpires": later})).status_code == 204
    assert "dateExpires" not in (await v2.get("/v2/entities/e")).json()
    shown = (await v2.get("/v2/entities/e?attrs=dateExpires")).json()
    assert shown["dateExpires"]["value"] == "2099-01-01T00:00:00.000Z"
    assert (await v2.delete("/v2/entities/e/attrs/dateExpires")).status_code == 204
    assert "dateExpires" not in (await v2.get("/v2/entities/e?attrs=dateExpires")).json()
    past = {"type": "DateTime", "value": "2001-01-01T00:00:00Z"}
    assert (await v2.put("/v2/entities/e/attrs/dateExpires", json=past)).status_code == 204
    await asyncio.sleep(0)
    assert (await v2.get("/v2/entities/e")).status_code == 404
