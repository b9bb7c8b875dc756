"""NGSI-LD subscriptions as a subscriber meets them: what it may send, what it is told (5.2.12, 5.2.14, 5.8)."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.support.receiver import Receiver, receiving

GAUGE = {"id": "urn:ngsi-ld:Gauge:1", "type": "Gauge", "level": {"type": "Property", "value": 1.5}}
ONE = "entities/urn:ngsi-ld:Gauge:1"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


def subscription(url: str = "http://127.0.0.1:9/notify", **members: Any) -> dict[str, Any]:
    """Make a subscription to gauges; `shown` are members of `notification`."""
    notification = {"endpoint": {"uri": url}, **members.pop("shown", {})}
    return {"type": "Subscription", "entities": [{"type": "Gauge"}], "notification": notification, **members}


async def subscribed(broker: httpx.AsyncClient, document: dict[str, Any]) -> str:
    """Subscribe and return the subscription's path."""
    answer = await broker.post("subscriptions", json=document)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].removeprefix("/ngsi-ld/v1/")


async def written(broker: httpx.AsyncClient, *documents: dict[str, Any]) -> None:
    """Store entities."""
    answer = await broker.post("entityOperations/upsert", json=documents)
    assert answer.status_code in (201, 204), answer.text


@pytest.mark.clause("5.2.12")
async def test_members_that_no_subscription_has_are_left_out(broker: httpx.AsyncClient) -> None:
    path = await subscribed(broker, subscription(colour="red", status="expired", shown={"timesSent": 42}))
    found = (await broker.get(path)).json()
    assert "colour" not in found
    assert found["status"] == "active"
    assert "timesSent" not in found["notification"]


@pytest.mark.clause("5.8.2")
async def test_an_update_of_the_notification_must_say_where_it_goes(broker: httpx.AsyncClient) -> None:
    path = await subscribed(broker, subscription(shown={"format": "concise"}))
    assert (await broker.patch(path, json={"notification": {"format": "simplified"}})).status_code == 400
    whole = {"notification": {"endpoint": {"uri": "http://127.0.0.1:9/other"}}}
    assert (await broker.patch(path, json=whole)).status_code == 204
    assert "format" not in (await broker.get(path)).json()["notification"]


@pytest.mark.clause("5.8.2")
async def test_null_takes_a_member_away(broker: httpx.AsyncClient) -> None:
    path = await subscribed(broker, subscription(q="level>3", throttling=5))
    assert (await broker.patch(path, json={"q": None, "throttling": None})).status_code == 204
    found = (await broker.get(path)).json()
    assert found.keys().isdisjoint({"q", "throttling"})
    assert (await broker.patch(path, json={"notification": None})).status_code == 400


@pytest.mark.clause("5.8.6")
@pytest.mark.clause("4.9")
async def test_a_condition_on_a_linked_entity_is_decided_when_it_is_written(
    broker: httpx.AsyncClient, receiver: Receiver
) -> None:
    river = {"id": "urn:ngsi-ld:River:1", "type": "River", "flow": 3, "basin": {"object": "urn:ngsi-ld:Basin:1"}}
    basin = {"id": "urn:ngsi-ld:Basin:1", "type": "Basin", "area": 9}
    await written(broker, river, {**river, "id": "urn:ngsi-ld:River:2", "basin": {"object": "urn:x:none"}}, basin)
    await subscribed(broker, subscription(receiver.url, q="river{basin{area}}>5"))
    for number in (2, 1):
        gauge = {**GAUGE, "id": f"urn:ngsi-ld:Gauge:{number}", "river": {"object": f"urn:ngsi-ld:River:{number}"}}
        await written(broker, gauge)
    (received,) = await receiver.wait_for(1)
    assert received.body["data"][0]["id"] == "urn:ngsi-ld:Gauge:1"


@pytest.mark.clause("4.5.23")
@pytest.mark.parametrize("join", ["flat", "inline"])
async def test_linked_entities_are_shown_where_asked_for(
    broker: httpx.AsyncClient, receiver: Receiver, join: str
) -> None:
    await written(broker, {"id": "urn:ngsi-ld:River:1", "type": "River", "flow": 3})
    shown = {"join": join, "format": "simplified", "pick": ["id", "river{flow}"] if join == "inline" else ["river"]}
    path = await subscribed(broker, subscription(receiver.url, shown=shown))
    await written(broker, {**GAUGE, "river": {"object": "urn:ngsi-ld:River:1"}})
    (received,) = await receiver.wait_for(1)
    if join == "inline":
        assert received.body["data"] == [{"id": GAUGE["id"], "river": {"flow": 3}}]
    else:
        river = {"id": "urn:ngsi-ld:River:1", "type": "River", "flow": 3}
        assert received.body["data"] == [{"river": "urn:ngsi-ld:River:1"}, river]
    assert (await broker.get(path)).json()["notification"]["pick"] == shown["pick"]


@pytest.mark.clause("4.5.23")
@pytest.mark.parametrize(
    "shown", [{"join": "sideways"}, {"join": "flat", "joinLevel": 0}, {"pick": ["river{flow}"]}, {"join": 1}]
)
async def test_links_that_cannot_be_followed_are_refused(broker: httpx.AsyncClient, shown: dict[str, Any]) -> None:
    answer = await broker.post("subscriptions", json=subscription(shown=shown))
    assert answer.status_code == 400, answer.text


@pytest.mark.clause("5.8.6")
@pytest.mark.clause("4.5.5")
@pytest.mark.parametrize("form", ["normalized", "concise", "simplified"])
async def test_who_waits_for_deletions_is_told_of_one_instance(
    broker: httpx.AsyncClient, receiver: Receiver, form: str
) -> None:
    low = {"type": "Property", "value": 1, "datasetId": "urn:ngsi-ld:Dataset:low"}
    await written(broker, {**GAUGE, "level": [GAUGE["level"], low]})
    shown = {"format": form}
    triggers = ["attributeDeleted"]
    await subscribed(broker, subscription(receiver.url, notificationTrigger=triggers, shown=shown))
    await broker.patch(ONE + "/attrs", json={"level": {"value": 7}})
    deleted = await broker.delete(ONE + "/attrs/level?datasetId=urn:ngsi-ld:Dataset:low")
    assert deleted.status_code == 204
    (received,) = await receiver.wait_for(1)
    level = received.body["data"][0]["level"]
    if form == "simplified":
        assert level == {"dataset": {"@none": 7, "urn:ngsi-ld:Dataset:low": "urn:ngsi-ld:null"}}
    else:
        gone = {"value": "urn:ngsi-ld:null", "datasetId": "urn:ngsi-ld:Dataset:low"}
        assert [each for each in level if each != 7 and each.get("value") != 7] == [
            {"type": "Property", **gone} if form == "normalized" else gone
        ]


@pytest.mark.clause("5.8.6")
async def test_a_deleted_attribute_shows_all_its_times(broker: httpx.AsyncClient, receiver: Receiver) -> None:
    await written(broker, GAUGE)
    shown = {"sysAttrs": True}
    await subscribed(broker, subscription(receiver.url, notificationTrigger=["attributeDeleted"], shown=shown))
    assert (await broker.delete(ONE)).status_code == 204
    (received,) = await receiver.wait_for(1)
    (entity,) = received.body["data"]
    assert entity["level"].keys() == {"type", "value", "createdAt", "modifiedAt", "deletedAt"}


@pytest.mark.clause("4.3.6.8")
async def test_a_subscription_is_the_same_in_every_version_that_is_preferred(broker: httpx.AsyncClient) -> None:
    path = await subscribed(broker, subscription())
    plain = (await broker.get(path)).json()
    answer = await broker.get(path, headers={"Prefer": "respond-async, ngsi-ld=1.0"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (200, "ngsi-ld=1.0")
    assert answer.json() == plain
