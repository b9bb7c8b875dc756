"""The examples of subscriptions in Orion's walkthrough and API manual, told to a receiver, request by request."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.support.receiver import Received, Receiver, receiving

ROOM = {
    "id": "Room1",
    "type": "Room",
    "temperature": {"value": 23, "type": "Float"},
    "pressure": {"value": 720, "type": "Integer"},
}
SENSOR = {
    "id": "DC_S1-D41",
    "type": "Room",
    "temperature": {"value": 23.4, "type": "Number"},
    "humidity": {"value": 70, "type": "percentage"},
}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Return a receiver of notifications."""
    async with receiving() as running:
        yield running


async def _subscribe(v2: httpx.AsyncClient, notification: dict[str, Any], **members: Any) -> str:
    body = {"subject": {"entities": [{"idPattern": ".*", "type": "Room"}]}, "notification": notification, **members}
    created = await v2.post("/v2/subscriptions", json=body)
    assert created.status_code == 201, created.text
    return created.headers["location"]


async def _told(v2: httpx.AsyncClient, receiver: Receiver, notification: dict[str, Any]) -> Received:
    """Subscribe, create the manual's sensor and return what the receiver got."""
    await _subscribe(v2, notification)
    await v2.post("/v2/entities", json=SENSOR)
    return (await receiver.wait_for(1))[0]


async def test_the_subscription_of_the_walkthrough(v2: httpx.AsyncClient, receiver: Receiver) -> None:
    await v2.post("/v2/entities", json=ROOM)
    subscription = {
        "description": "A subscription to get info about Room1",
        "subject": {"entities": [{"id": "Room1", "type": "Room"}], "condition": {"attrs": ["pressure"]}},
        "notification": {"http": {"url": receiver.url}, "attrs": ["temperature"]},
        "expires": "2040-01-01T14:00:00.00Z",
    }
    location = (await v2.post("/v2/subscriptions", json=subscription)).headers["location"]
    for pressure in (720, 763):
        await v2.put(
            "/v2/entities/Room1/attrs/pressure/value", content=str(pressure), headers={"content-type": "text/plain"}
        )
    await v2.put("/v2/entities/Room1/attrs/temperature", json={"value": 29, "type": "Float"})
    await v2.patch("/v2/entities/Room1/attrs", json={"pressure": {"value": 764, "type": "Integer"}})
    told = await receiver.wait_for(2)
    temperatures: list[dict[str, Any]] = [{"type": "Float", "value": value, "metadata": {}} for value in (23, 29)]
    assert receiver.bodies == [
        {"subscriptionId": location.rpartition("/")[2], "data": [{"id": "Room1", "type": "Room", "temperature": each}]}
        for each in temperatures
    ]
    assert (told[0].method, told[0].path) == ("POST", "/notify")
    assert told[0].headers["Content-Type"] == "application/json; charset=utf-8"
    assert told[0].headers["Accept"] == "application/json"
    await v2.patch(location, json={"status": "inactive"})
    await v2.patch("/v2/entities/Room1/attrs", json={"pressure": {"value": 765, "type": "Integer"}})
    await v2.patch(location, json={"status": "active"})
    await v2.patch("/v2/entities/Room1/attrs", json={"pressure": {"value": 766, "type": "Integer"}})
    await receiver.wait_for(3)
    assert len(receiver.received) == 3


async def test_an_expression_narrows(v2: httpx.AsyncClient, receiver: Receiver) -> None:
    await v2.post("/v2/entities", json=ROOM)
    condition = {"attrs": ["pressure"], "expression": {"q": "temperature>40"}}
    subject = {"entities": [{"id": "Room1", "type": "Room"}], "condition": condition}
    await _subscribe(v2, {"http": {"url": receiver.url}, "attrs": ["temperature"]}, subject=subject)
    for pressure, temperature in ((750, 35), (751, 45)):
        changes = {"pressure": {"value": pressure}, "temperature": {"value": temperature, "type": "Float"}}
        await v2.patch("/v2/entities/Room1/attrs", json=changes)
    [told] = await receiver.wait_for(1)
    assert told.body["data"][0]["temperature"]["value"] == 45


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("keyValues", [{"id": "DC_S1-D41", "type": "Room", "temperature": 23.4, "humidity": 70}]),
        ("values", [[23.4, 70]]),
        ("simplifiedKeyValues", {"id": "DC_S1-D41", "type": "Room", "temperature": 23.4, "humidity": 70}),
    ],
)
async def test_the_formats_of_notifications(
    v2: httpx.AsyncClient, receiver: Receiver, form: str, data: list[Any] | dict[str, Any]
) -> None:
    attributes = ["temperature", "humidity"]
    told = await _told(v2, receiver, {"http": {"url": receiver.url}, "attrs": attributes, "attrsFormat": form})
    assert (told.body if form.startswith("simplified") else told.body["data"]) == data
    assert told.headers["Ngsiv2-AttrsFormat"] == form


async def test_some_attributes_are_excepted(v2: httpx.AsyncClient, receiver: Receiver) -> None:
    told = await _told(v2, receiver, {"http": {"url": receiver.url}, "exceptAttrs": ["humidity"]})
    assert told.body["data"][0].keys() == {"id", "type", "temperature"}


async def test_covered_attributes_are_null_where_they_are_missing(v2: httpx.AsyncClient, receiver: Receiver) -> None:
    attributes = ["temperature", "humidity", "brightness"]
    told = await _told(v2, receiver, {"http": {"url": receiver.url}, "attrs": attributes, "covered": True})
    assert told.body["data"][0]["brightness"] == {"type": "None", "value": None, "metadata": {}}


async def test_a_oneshot_subscription_tells_once_until_it_is_armed_again(
    v2: httpx.AsyncClient, receiver: Receiver
) -> None:
    location = await _subscribe(v2, {"http": {"url": receiver.url}}, status="oneshot")
    await v2.post("/v2/entities", json=ROOM)
    await receiver.wait_for(1)
    while (await v2.get(location)).json()["status"] != "inactive":
        pass
    await v2.patch("/v2/entities/Room1/attrs", json={"pressure": {"value": 1}})
    await v2.patch(location, json={"status": "oneshot"})
    await v2.patch("/v2/entities/Room1/attrs", json={"pressure": {"value": 2}})
    told = await receiver.wait_for(2)
    assert told[1].body["data"][0]["pressure"]["value"] == 2


async def test_what_alterations_are_told_of(v2: httpx.AsyncClient, receiver: Receiver) -> None:
    condition = {"alterationTypes": ["entityCreate", "entityDelete"]}
    subject = {"entities": [{"idPattern": ".*"}], "condition": condition}
    await _subscribe(v2, {"http": {"url": receiver.url}, "attrs": ["alterationType"]}, subject=subject)
    await v2.post("/v2/entities", json=ROOM)
    await v2.patch("/v2/entities/Room1/attrs", json={"pressure": {"value": 1}})
    await v2.delete("/v2/entities/Room1")
    await receiver.wait_for(2)
    assert [each["data"][0]["alterationType"]["value"] for each in receiver.bodies] == ["entityCreate", "entityDelete"]


async def test_macros_fill_a_custom_request(v2: httpx.AsyncClient, receiver: Receiver) -> None:
    custom = {
        "url": f"{receiver.url.removesuffix('/notify')}/entity/${{id}}",
        "headers": {"Content-Type": "text/plain"},
        "method": "PUT",
        "qs": {"type": "${type}"},
        "json": {"t": "${temperature}", "unit": "degress", "text": "it is ${temperature}", "none": "${x}"},
    }
    told = await _told(v2, receiver, {"httpCustom": custom})
    assert (told.method, told.path, told.query) == ("PUT", "/entity/DC_S1-D41", "type=Room")
    assert told.body == {"t": 23.4, "unit": "degress", "text": "it is 23.4", "none": None}
    assert told.headers["Ngsiv2-AttrsFormat"] == "custom"


async def test_a_text_is_decoded_and_a_header_removed(v2: httpx.AsyncClient, receiver: Receiver) -> None:
    custom = {
        "url": receiver.url,
        "headers": {"Authorization": "Basic ABC%3D%3D", "Accept": "", "Fiware-Correlator": "foo"},
        "payload": "the value of the %22temperature%22 attribute %28of type Number%29 is ${temperature}",
    }
    told = await _told(v2, receiver, {"httpCustom": custom})
    assert told.raw == b'the value of the "temperature" attribute (of type Number) is 23.4'
    assert told.headers["Content-Type"] == "text/plain"
    assert told.headers["Authorization"] == "Basic ABC=="
    assert told.headers["Fiware-Correlator"] != "foo"
    assert told.headers.get("Accept", "*/*") == "*/*"


@pytest.mark.parametrize(("payload", "is_empty"), [(None, True), ("", False)])
async def test_a_payload_may_be_omitted(
    v2: httpx.AsyncClient, receiver: Receiver, payload: str | None, is_empty: bool
) -> None:
    told = await _told(v2, receiver, {"httpCustom": {"url": receiver.url, "payload": payload}})
    assert (told.raw == b"") is is_empty
    assert (told.headers.get("Content-Length") == "0") is is_empty


async def test_a_patch_changes_the_entity_that_is_told(v2: httpx.AsyncClient, receiver: Receiver) -> None:
    v2.headers["fiware-servicepath"] = "/a"
    patch = {
        "id": "prefix:${id}",
        "type": "newType",
        "originalService": {"value": "${service}", "type": "Text"},
        "originalServicePath": {"value": "${servicePath}", "type": "Text"},
    }
    told = await _told(v2, receiver, {"httpCustom": {"url": receiver.url, "ngsi": patch}})
    [entity] = told.body["data"]
    assert (entity["id"], entity["type"]) == ("prefix:DC_S1-D41", "newType")
    assert entity["originalService"]["value"] == v2.headers["fiware-service"]
    assert entity["originalServicePath"] == {"type": "Text", "value": "/a", "metadata": {}}
    assert entity["temperature"]["value"] == 23.4
    assert told.headers["Ngsiv2-AttrsFormat"] == "normalized"


async def test_a_notification_is_taken_by_another_broker(v2: httpx.AsyncClient, receiver: Receiver) -> None:
    told = await _told(v2, receiver, {"http": {"url": receiver.url}})
    elsewhere = {"fiware-service": f"{v2.headers['fiware-service']}b", "fiware-servicepath": "/b"}
    taken = await v2.post("/v2/op/notify", json=told.body, headers=elsewhere)
    assert (taken.status_code, taken.content) == (200, b"")
    read = await v2.get("/v2/entities/DC_S1-D41?options=keyValues", headers=elsewhere)
    assert read.json() == {"id": "DC_S1-D41", "type": "Room", "temperature": 23.4, "humidity": 70}
