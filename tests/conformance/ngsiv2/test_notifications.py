"""What NGSIv2 subscribers are told, when, and in which request (Orion API, Subscriptions and Notification Messages)."""

import asyncio
from typing import Any

import pytest

from tests.support.v2_subscriber import ROOM, Subscriber

JSON_UTF8 = "application/json; charset=utf-8"


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
    async with asyncio.timeout(60):
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
