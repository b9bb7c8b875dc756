"""Custom notifications of NGSIv2: requests that the subscriber wrote, with macros (Orion API, Custom Notifications)."""

from typing import Any

import pytest

from tests.support.v2_subscriber import Subscriber

JSON_UTF8 = "application/json; charset=utf-8"
CUSTOM_JSON = {"Content-Type": JSON_UTF8, "Ngsiv2-AttrsFormat": "custom"}
CUSTOM_TEXT = {"Content-Type": "text/plain", "Ngsiv2-AttrsFormat": "custom"}


@pytest.mark.parametrize(
    ("custom", "body", "headers"),
    [
        ({"payload": "level is %22${level}%22 at ${id}"}, 'level is "1" at r1', CUSTOM_TEXT),
        ({"payload": None, "method": "PUT"}, "", {}),
        ({"json": {"v": "${level}", "t": "x${level}", "n": "${no}"}}, '{"v":1,"t":"x1","n":null}', CUSTOM_JSON),
        ({"json": ["${level + 1}", "${name|uppercase}"], "method": "PATCH"}, '[2,"NORTH"]', CUSTOM_JSON),
    ],
)
async def test_custom_requests_are_filled_in(
    subscriber: Subscriber, custom: dict[str, Any], body: str, headers: dict[str, str]
) -> None:
    await subscriber.subscribe(notification={"httpCustom": custom})
    await subscriber.create()
    (received,) = await subscriber.told(1)
    assert (received.method, received.raw.decode()) == (custom.get("method", "POST"), body)
    assert {name: received.headers[name] for name in headers} == headers


async def test_custom_url_query_and_headers_are_filled_in_and_can_be_taken_away(subscriber: Subscriber) -> None:
    custom = {
        "url": subscriber.receiver.url + "/${type}/${id}",
        "qs": {"level": "${level}"},
        "headers": {"X-Name": "${name}", "Accept": "", "Fiware-Correlator": "mine", "X-Auth": "secret"},
    }
    await subscriber.subscribe(notification={"httpCustom": custom})
    await subscriber.create()
    (received,) = await subscriber.told(1)
    assert (received.path, received.query) == ("/notify/Room/r1", "level=1")
    assert received.headers["X-Name"] == "north"
    assert received.headers.get("Accept", "*/*") != "application/json"
    assert "; cbnotif=1; of=" in received.headers["Fiware-Correlator"]


async def test_an_ngsi_patch_is_chained_by_priority_and_put_before_attributes_are_chosen(
    subscriber: Subscriber,
) -> None:
    ngsi = {
        "id": "${id}:copy",
        "type": "Copy",
        "double": {"value": "${level * 2}", "type": "Calculated", "metadata": {"evalPriority": {"value": 1}}},
        "plus": {"value": "${double + 1}", "metadata": {"evalPriority": {"value": 2}}},
        "level": {"value": 7, "type": "Number"},
        "at": {"value": "${now(0)|toIsoString}", "type": "DateTime"},
    }
    notification = {"httpCustom": {"ngsi": ngsi}, "attrs": ["double", "plus", "level", "at"]}
    await subscriber.subscribe(notification=notification)
    await subscriber.create()
    (received,) = await subscriber.told(1)
    (entity,) = received.body["data"]
    assert (entity.pop("id"), entity.pop("type")) == ("r1:copy", "Copy")
    assert [each["value"] for each in entity.values()][:3] == [2, 3, 7]
    assert [each["type"] for each in entity.values()] == ["Calculated", "Number", "Number", "DateTime"]


async def test_a_notification_that_writes_back_does_not_go_round_in_circles(subscriber: Subscriber) -> None:
    tenant = {"Fiware-Service": subscriber.broker.headers["Fiware-Service"]}
    broker = str(subscriber.broker.base_url).rstrip("/")
    for of, to in (("r1", "r2"), ("r2", "r1")):
        custom = {
            "url": f"{broker}/v2/entities/{to}/attrs",
            "headers": {**tenant, "Content-Type": "application/json"},
            "json": {"count": {"value": "${count + 1}", "type": "Number"}},
        }
        entity = {"id": to, "type": "Room", "count": {"value": 0, "type": "Number"}}
        assert (await subscriber.broker.post("/v2/entities", json=entity)).status_code == 201
        condition = {"attrs": ["count"], "alterationTypes": ["entityChange"]}
        await subscriber.subscribe(condition, entities=[{"id": of}], notification={"httpCustom": custom})
    await subscriber.write(count={"value": 1, "type": "Number"})
    await subscriber.told(0)
    shown = (await subscriber.broker.get("/v2/entities?options=keyValues")).json()
    assert {each["id"]: each["count"] for each in shown} == {"r1": 3, "r2": 2}
