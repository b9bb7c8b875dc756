"""What NGSIv2 subscribers are told, when, and in which request (Orion API, Subscriptions and Notification Messages)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.support.receiver import Received, Receiver, receiving

JSON_UTF8 = "application/json; charset=utf-8"
ROOM: dict[str, Any] = {
    "id": "r1",
    "type": "Room",
    "level": {"type": "Number", "value": 1, "metadata": {"unit": {"type": "Text", "value": "m"}}},
    "name": {"type": "Text", "value": "north"},
}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


class Subscriber:
    """One tenant's client with a receiver; rooms are watched unless told otherwise."""

    def __init__(self, broker: httpx.AsyncClient, receiver: Receiver) -> None:
        self.broker = broker
        self.receiver = receiver

    async def subscribe(self, condition: dict[str, Any] | None = None, **given: Any) -> str:
        """Subscribe and return the subscription's id; `http` or another channel is in `given`, or the plain one."""
        channels = ("http", "httpCustom", "mqtt", "mqttCustom")
        notification = given.pop("notification", {})
        if not any(name in notification for name in channels):
            notification = {"http": {"url": self.receiver.url}, **notification}
        if "httpCustom" in notification:
            notification["httpCustom"].setdefault("url", self.receiver.url)
        entities = given.pop("entities", [{"idPattern": ".*", "type": "Room"}])
        subject = {"entities": entities, **({"condition": condition} if condition else {})}
        body = {"subject": subject, "notification": notification, **given}
        answer = await self.broker.post("/v2/subscriptions", json=body)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"].rsplit("/", 1)[1]

    async def shown(self, subscription_id: str) -> dict[str, Any]:
        """Return the subscription as it is shown."""
        found: dict[str, Any] = (await self.broker.get(f"/v2/subscriptions/{subscription_id}")).json()
        return found

    async def create(self, **changed: Any) -> None:
        """Create a room."""
        answer = await self.broker.post("/v2/entities", json={**ROOM, **changed})
        assert answer.status_code == 201, answer.text

    async def write(self, query: str = "", **attributes: Any) -> None:
        """Write attributes of the room."""
        answer = await self.broker.post(f"/v2/entities/r1/attrs{query}", json=attributes)
        assert answer.status_code == 204, answer.text

    async def told(self, count: int) -> list[Received]:
        """Return what came, which must be so much and no more once all has been sent."""
        received = await self.receiver.wait_for(count) if count else []
        deadline = asyncio.get_running_loop().time() + 10
        while asyncio.get_running_loop().time() < deadline:
            health = (await self.broker.get("/deliveries")).json()
            if not any(each["pending"] for each in health):
                break
            await asyncio.sleep(0.02)
        assert len(self.receiver.received) == count
        return received


@pytest.fixture
def subscriber(v2: httpx.AsyncClient, receiver: Receiver) -> Subscriber:
    return Subscriber(v2, receiver)


async def test_a_notification_is_the_request_that_orion_sends(subscriber: Subscriber) -> None:
    subscription_id = await subscriber.subscribe()
    headers = {"Fiware-Correlator": "c1", "Fiware-ServicePath": "/house"}
    await subscriber.broker.post("/v2/entities", json=ROOM, headers=headers)
    (received,) = await subscriber.told(1)
    assert received.method == "POST"
    sent = {name.lower(): value for name, value in received.headers.items()}
    assert sent["fiware-servicepath"] == "/house"
    assert sent["fiware-service"] == subscriber.broker.headers["Fiware-Service"]
    assert sent["ngsiv2-attrsformat"] == "normalized"
    assert sent["fiware-correlator"] == "c1; cbnotif=1"
    assert (sent["accept"], sent["content-type"]) == ("application/json", JSON_UTF8)
    assert received.body == {
        "subscriptionId": subscription_id,
        "data": [{**ROOM, "name": {**ROOM["name"], "metadata": {}}}],
    }
    assert b'", "' not in received.raw


@pytest.mark.parametrize(
    ("alterations", "told"),
    [
        (None, ["created", "changed"]),
        (["entityCreate"], ["created"]),
        (["entityChange"], ["changed"]),
        (["entityUpdate"], ["same", "changed"]),
        (["entityDelete"], ["deleted"]),
        (["entityCreate", "entityDelete"], ["created", "deleted"]),
        (["entityChange", "entityUpdate"], ["same", "changed"]),
    ],
)
async def test_alteration_types_decide_what_is_told(
    subscriber: Subscriber, alterations: list[str] | None, told: list[str]
) -> None:
    condition = {"attrs": ["level"], **({"alterationTypes": alterations} if alterations else {})}
    await subscriber.subscribe(condition, notification={"attrs": ["alterationType", "*"]})
    words = {"created": "entityCreate", "deleted": "entityDelete", "same": "entityUpdate"}
    changed = "entityUpdate" if "same" in told else "entityChange"
    await subscriber.create()
    await subscriber.write(level={"type": "Number", "value": 1, "metadata": ROOM["level"]["metadata"]})
    await subscriber.write(level={"type": "Number", "value": 2})
    await subscriber.write(name={"value": "south"})
    await subscriber.broker.delete("/v2/entities/r1")
    received = await subscriber.told(len(told))
    found = [each.body["data"][0]["alterationType"]["value"] for each in received]
    assert found == [words.get(each, changed) for each in told]


async def test_forced_updates_are_told_without_a_change(subscriber: Subscriber) -> None:
    await subscriber.create()
    await subscriber.subscribe({"attrs": ["level"]})
    level = {"type": "Number", "value": 1, "metadata": ROOM["level"]["metadata"]}
    await subscriber.write(level=level)
    await subscriber.write("?options=forcedUpdate", level=level)
    await subscriber.told(1)


@pytest.mark.parametrize("counts", [True, False])
async def test_a_change_of_metadata_counts_unless_told_otherwise(subscriber: Subscriber, counts: bool) -> None:
    await subscriber.create()
    await subscriber.subscribe({"attrs": ["level"], "notifyOnMetadataChange": counts})
    await subscriber.write(level={"type": "Number", "value": 1, "metadata": {"unit": {"value": "cm"}}})
    await subscriber.told(int(counts))


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ({"expression": {"q": "level>1"}}, [2, 3]),
        ({"expression": {"q": "level>1;level<3"}}, [2]),
        ({"expression": {"mq": "level.unit==m"}}, [1, 2, 3]),
        ({"expression": {"mq": "level.unit==cm"}}, []),
        ({"jexlExpression": "level > 2"}, [3]),
        ({"expression": {"q": "level>1"}, "jexlExpression": "level != 3"}, [2]),
        (
            {
                "attrs": ["level"],
                "expression": {"georel": "near;maxDistance:1000", "geometry": "point", "coords": "34.34,134.05"},
            },
            [1, 2, 3],
        ),
        ({"attrs": ["level"], "expression": {"georel": "coveredBy", "geometry": "box", "coords": "0,0;1,1"}}, []),
    ],
)
async def test_all_conditions_must_hold(subscriber: Subscriber, condition: dict[str, Any], values: list[int]) -> None:
    await subscriber.subscribe(condition, notification={"attrsFormat": "keyValues", "attrs": ["level"]})
    place = {"type": "geo:json", "value": {"type": "Point", "coordinates": [134.05, 34.34]}}
    await subscriber.create(place=place)
    for value in (2, 3):
        await subscriber.write(level={"type": "Number", "value": value})
    assert [each.body["data"][0]["level"] for each in await subscriber.told(len(values))] == values


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        ([{"id": "r1"}], 1),
        ([{"id": "r1", "type": "Room"}, {"id": "r1"}], 1),
        ([{"idPattern": "^r"}], 1),
        ([{"idPattern": ".*", "typePattern": "^Ro"}], 1),
        ([{"id": "r1", "type": "House"}], 0),
        ([{"idPattern": "^x"}, {"id": "r2"}], 0),
    ],
)
async def test_subjects_are_told_of_by_id_type_and_patterns(
    subscriber: Subscriber, entities: list[dict[str, str]], count: int
) -> None:
    await subscriber.subscribe(entities=entities)
    await subscriber.create()
    await subscriber.told(count)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("keyValues", {"data": [{"id": "r1", "type": "Room", "name": "north", "level": 1}]}),
        ("values", {"data": [["north", 1]]}),
        ("simplifiedKeyValues", {"id": "r1", "type": "Room", "name": "north", "level": 1}),
        (
            "simplifiedNormalized",
            {"id": "r1", "type": "Room", "name": {**ROOM["name"], "metadata": {}}, "level": ROOM["level"]},
        ),
    ],
)
async def test_formats_show_attributes_in_the_order_asked_for(
    subscriber: Subscriber, form: str, body: dict[str, Any]
) -> None:
    subscription_id = await subscriber.subscribe(notification={"attrs": ["name", "level"], "attrsFormat": form})
    await subscriber.create()
    (received,) = await subscriber.told(1)
    expected = {"subscriptionId": subscription_id, **body} if "data" in body else body
    assert received.body == expected
    assert list(received.body) == list(expected)
    assert received.headers["Ngsiv2-AttrsFormat"] == form


async def test_excepted_attributes_are_left_out_and_missing_ones_covered(subscriber: Subscriber) -> None:
    await subscriber.subscribe(notification={"exceptAttrs": ["level"], "attrsFormat": "keyValues"})
    covered = {"attrs": ["level", "depth"], "covered": True, "attrsFormat": "values"}
    await subscriber.subscribe(notification=covered)
    await subscriber.create()
    data = [each.body["data"][0] for each in await subscriber.told(2)]
    assert {"id": "r1", "type": "Room", "name": "north"} in data
    assert [1, None] in data


async def test_only_changed_attributes_with_what_was_before(subscriber: Subscriber) -> None:
    await subscriber.create()
    shown = {"onlyChangedAttrs": True, "metadata": ["previousValue", "actionType"]}
    await subscriber.subscribe(notification=shown)
    await subscriber.write(level={"type": "Number", "value": 2}, depth={"type": "Number", "value": 5})
    (received,) = await subscriber.told(1)
    (entity,) = received.body["data"]
    assert "name" not in entity
    assert entity["level"]["metadata"] == {
        "previousValue": {"type": "Number", "value": 1},
        "actionType": {"type": "Text", "value": "update"},
    }
    assert entity["depth"]["metadata"] == {"actionType": {"type": "Text", "value": "append"}}


async def test_builtin_attributes_and_metadata_are_shown_on_demand(subscriber: Subscriber) -> None:
    shown = {"attrs": ["level", "dateCreated", "servicePath"], "metadata": ["dateModified", "*"]}
    await subscriber.subscribe(notification=shown)
    await subscriber.create()
    (received,) = await subscriber.told(1)
    (entity,) = received.body["data"]
    assert entity["dateCreated"]["type"] == "DateTime"
    assert entity["servicePath"]["value"] == "/"
    assert entity["level"]["metadata"].keys() == {"unit", "dateModified"}


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


async def test_counters_tell_successes_and_failures_with_their_reasons(subscriber: Subscriber) -> None:
    subscriber.receiver.statuses = [200, 500, 204]
    subscription_id = await subscriber.subscribe()
    await subscriber.create()
    await subscriber.told(1)
    found = (await subscriber.shown(subscription_id))["notification"]
    assert (found["timesSent"], found["lastSuccessCode"]) == (1, 200)
    assert found.keys().isdisjoint({"lastFailure", "failsCounter"})
    await subscriber.write(level={"value": 2})
    await subscriber.told(3)
    found = (await subscriber.shown(subscription_id))["notification"]
    assert (found["timesSent"], found["lastSuccessCode"]) == (3, 204)
    assert "500" in found["lastFailureReason"]
    assert "failsCounter" not in found


async def test_a_oneshot_is_told_once_until_it_is_armed_again(subscriber: Subscriber) -> None:
    subscription_id = await subscriber.subscribe(status="oneshot")
    await subscriber.create()
    await subscriber.told(1)
    await subscriber.write(level={"value": 2})
    await subscriber.told(1)
    assert (await subscriber.shown(subscription_id))["status"] == "inactive"
    path = f"/v2/subscriptions/{subscription_id}"
    assert (await subscriber.broker.patch(path, json={"status": "oneshot"})).status_code == 204
    await subscriber.write(level={"value": 3})
    await subscriber.write(level={"value": 4})
    await subscriber.told(2)


async def test_too_many_failures_turn_a_subscription_inactive(subscriber: Subscriber) -> None:
    subscriber.receiver.status = 500
    subscription_id = await subscriber.subscribe(notification={"maxFailsLimit": 1})
    await subscriber.create()
    await subscriber.told(2)
    assert (await subscriber.shown(subscription_id))["status"] == "inactive"
    assert (await subscriber.shown(subscription_id))["notification"]["failsCounter"] == 2


async def test_what_comes_within_the_throttling_is_not_told(subscriber: Subscriber) -> None:
    await subscriber.subscribe(throttling=60)
    await subscriber.create()
    await subscriber.told(1)
    await subscriber.write(level={"value": 2})
    await subscriber.told(1)


async def test_a_receiver_has_the_time_that_the_subscription_gives(subscriber: Subscriber) -> None:
    subscriber.receiver.delay_s = 1
    http = {"url": subscriber.receiver.url, "timeout": 100}
    subscription_id = await subscriber.subscribe(notification={"http": http, "maxFailsLimit": 1})
    await subscriber.create()
    async with asyncio.timeout(10):
        while (await subscriber.shown(subscription_id))["status"] != "inactive":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert "0.1 s" in (await subscriber.shown(subscription_id))["notification"]["lastFailureReason"]


async def test_an_expired_subscription_is_told_nothing(subscriber: Subscriber) -> None:
    subscription_id = await subscriber.subscribe(expires="2020-01-01T00:00:00.000Z")
    await subscriber.create()
    await subscriber.told(0)
    assert (await subscriber.shown(subscription_id))["status"] == "expired"
    assert (
        await subscriber.broker.patch(f"/v2/subscriptions/{subscription_id}", json={"expires": ""})
    ).status_code == 204
    await subscriber.write(level={"value": 2})
    await subscriber.told(1)


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
