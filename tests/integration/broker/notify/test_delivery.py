"""What is due is delivered: content, order, promises."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.broker.domain.subscription import V2_TRIGGERS, Content, Endpoint, SubscriptionFace, Trigger
from services.kernel.app import background
from tests.integration.broker.notify.conftest import Bench, subscription_to, uri_of
from tests.support.receiver import Receiver, receiving

ID = "urn:ngsi-ld:Subscription:1"


async def test_a_change_is_told_with_the_entity_as_it_is_after(bench: Bench, receiver: Receiver) -> None:
    await bench.subscribe(subscription_to(receiver.url, watched=("level",)))
    await bench.create(1, level=1, name="橋")
    await bench.write(1, level=2)
    first, second = (await receiver.wait_for(2))[:2]
    assert first.body["type"] == "Notification"
    assert first.body["subscriptionId"] == ID
    assert first.body["data"] == [{"id": uri_of(1), "type": "Gauge", "level": 1, "name": "橋"}]
    assert second.body["data"][0]["level"] == 2
    assert first.body["id"].startswith("urn:ngsi-ld:Notification:")
    assert first.body["id"] != second.body["id"]
    assert first.headers["Content-Type"] == "application/json"
    assert "http://www.w3.org/ns/json-ld#context" in first.headers["Link"]
    assert first.headers["NGSILD-Tenant"] == "fukui"


async def test_what_is_not_watched_is_not_told(bench: Bench, receiver: Receiver) -> None:
    await bench.create(1, level=1, name="a")
    await bench.subscribe(subscription_to(receiver.url, watched=("level",)))
    await bench.write(1, name="b")
    await bench.write(1, level=2)
    await receiver.wait_for(1)
    await bench.wait_until_settled(ID)
    assert [body["data"][0]["level"] for body in receiver.bodies] == [2]


async def test_what_fell_due_before_the_dispatcher_ran_is_told(idle: Bench, receiver: Receiver) -> None:
    await idle.subscribe(subscription_to(receiver.url))
    for level in range(150):
        await idle.write(1, level=level) if level else await idle.create(1, level=level)
    async with background(idle.dispatcher().run()):
        await receiver.wait_for(150)
    assert [body["data"][0]["level"] for body in receiver.bodies] == list(range(150))


async def test_two_dispatchers_tell_everything_once_and_in_order_per_entity(idle: Bench, receiver: Receiver) -> None:
    for name in ("1", "2", "3"):
        await idle.subscribe(subscription_to(f"{receiver.url}/{name}", name=name))
    async with background(idle.dispatcher().run(), idle.dispatcher().run()):
        await asyncio.gather(*(_climb(idle, number, 30) for number in range(8)))
        await receiver.wait_for(3 * 8 * 30)
        await asyncio.sleep(0.3)
    told: dict[tuple[str, str], list[int]] = {}
    for each in receiver.received:
        entity = each.body["data"][0]
        told.setdefault((each.path, entity["id"]), []).append(entity["level"])
    assert len(told) == 24
    assert all(levels == list(range(30)) for levels in told.values())


async def _climb(bench: Bench, number: int, steps: int) -> None:
    await bench.create(number, level=0)
    for level in range(1, steps):
        await bench.write(number, level=level)


async def test_counters_tell_what_was_sent(bench: Bench, receiver: Receiver) -> None:
    await bench.subscribe(subscription_to(receiver.url))
    await bench.create(1, level=1)
    await receiver.wait_for(1)
    await bench.wait_until_settled(ID)
    status = (await bench.record(ID)).status
    assert (status.times_sent, status.times_failed, status.last_success_code) == (1, 0, 204)
    assert status.last_notification == status.last_success
    assert status.last_failure is None


async def test_a_failed_notification_is_tried_again_with_the_same_id(bench: Bench, receiver: Receiver) -> None:
    receiver.statuses = [500, 503]
    await bench.subscribe(subscription_to(receiver.url))
    await bench.create(1, level=1)
    await receiver.wait_for(3)
    await bench.wait_until_settled(ID)
    assert len({body["id"] for body in receiver.bodies}) == 1
    status = (await bench.record(ID)).status
    assert (status.times_sent, status.times_failed, status.fails_in_row) == (3, 2, 0)
    assert status.last_failure_reason == "The receiver answers 503"


async def test_order_is_kept_across_a_failure(bench: Bench, receiver: Receiver) -> None:
    receiver.statuses = [500]
    await bench.subscribe(subscription_to(receiver.url))
    await bench.create(1, level=0)
    for level in range(1, 6):
        await bench.write(1, level=level)
    await receiver.wait_for(7)
    assert [body["data"][0]["level"] for body in receiver.bodies] == [0, 0, 1, 2, 3, 4, 5]


async def test_what_a_receiver_always_refuses_is_parked_and_the_next_goes_on(idle: Bench, receiver: Receiver) -> None:
    await idle.subscribe(subscription_to(receiver.url))
    refusing = idle.broker.settings.model_copy(update={"notify_refusals": 2})
    picky = replace(idle, broker=replace(idle.broker, settings=refusing))
    receiver.statuses = [400, 400]
    async with background(picky.dispatcher().run()):
        await idle.create(1, level=1)
        await idle.write(1, level=2)
        await receiver.wait_for(3)
        found = await idle.wait_until_settled(ID)
    assert [body["data"][0]["level"] for body in receiver.bodies] == [1, 1, 2]
    assert found["parked"] == 1


async def test_a_dead_and_a_slow_receiver_do_not_hold_up_others(bench: Bench, receiver: Receiver) -> None:
    async with receiving() as slow:
        slow.delay_s = 60
        await bench.subscribe(subscription_to("http://127.0.0.1:1/", name="dead"))
        await bench.subscribe(subscription_to(slow.url, name="slow"))
        await bench.subscribe(subscription_to(receiver.url, name="well"))
        await bench.create(1, level=0)
        for level in range(1, 10):
            await bench.write(1, level=level)
        await receiver.wait_for(10, 50)
        assert slow.received == []


async def test_throttling_drops_what_comes_too_soon(bench: Bench, receiver: Receiver) -> None:
    await bench.subscribe(subscription_to(receiver.url, throttling_s=3.0))
    await bench.create(1, level=0)
    await bench.write(1, level=1)
    await bench.write(1, level=2)
    await asyncio.sleep(3.1)
    await bench.write(1, level=3)
    await receiver.wait_for(2)
    await bench.wait_until_settled(ID)
    assert [body["data"][0]["level"] for body in receiver.bodies] == [0, 3]


async def test_a_oneshot_is_told_once_and_turns_inactive(bench: Bench, receiver: Receiver) -> None:
    await bench.subscribe(subscription_to(receiver.url, oneshot=True))
    for number in range(3):
        await bench.create(number, level=number)
    await receiver.wait_for(1)
    await bench.wait_until_settled(ID)
    await bench.create(9, level=9)
    await asyncio.sleep(0.3)
    assert len(receiver.received) == 1
    assert not (await bench.record(ID)).subscription.is_active


async def test_an_expired_subscription_is_not_told(bench: Bench, receiver: Receiver) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    await bench.subscribe(subscription_to(receiver.url, name="old", expires_at=past))
    await bench.subscribe(subscription_to(receiver.url))
    await bench.create(1, level=0)
    await receiver.wait_for(1)
    await asyncio.sleep(0.3)
    assert [body["subscriptionId"] for body in receiver.bodies] == [ID]


async def test_too_many_failures_in_a_row_make_it_inactive_and_park_what_is_due(
    bench: Bench, receiver: Receiver
) -> None:
    receiver.status = 500
    await bench.subscribe(subscription_to("", endpoint=Endpoint(receiver.url, max_fails=0)))
    await bench.create(1, level=0)
    await receiver.wait_for(1)
    found = await bench.wait_until_settled(ID)
    assert found["parked"] == 1
    assert not (await bench.record(ID)).subscription.is_active


async def test_a_deletion_is_told_to_who_asked_for_it(bench: Bench, receiver: Receiver) -> None:
    subscription = subscription_to(receiver.url, content=Content(show_changes=True))
    conditions = replace(subscription.conditions, triggers=frozenset({Trigger.ENTITY_DELETED}))
    await bench.subscribe(replace(subscription, conditions=conditions))
    await bench.create(1, level=4)
    await bench.delete(1)
    [received] = await receiver.wait_for(1)
    entity = received.body["data"][0]
    assert entity["id"] == uri_of(1)
    assert entity["deletedAt"].endswith("Z")
    assert entity["level"] == {"type": "Property", "value": "urn:ngsi-ld:null", "previousValue": 4}


async def test_previous_values_are_shown_where_asked_for(bench: Bench, receiver: Receiver) -> None:
    await bench.subscribe(subscription_to(receiver.url, content=Content(show_changes=True)))
    await bench.create(1, level=4)
    await bench.write(1, level=5)
    await receiver.wait_for(2)
    assert receiver.bodies[1]["data"][0]["level"] == {"type": "Property", "value": 5, "previousValue": 4}
    assert receiver.bodies[0]["data"][0]["level"] == {"type": "Property", "value": 4}


async def test_an_ngsiv2_subscriber_is_told_in_its_dialect(bench: Bench, receiver: Receiver) -> None:
    subscription = subscription_to(
        receiver.url, face=SubscriptionFace.NGSIV2, name="v2", content=Content(metadata=("previousValue",))
    )
    subscription = replace(subscription, conditions=replace(subscription.conditions, triggers=V2_TRIGGERS))
    await bench.subscribe(subscription)
    await bench.create(1, level=4)
    await bench.write(1, level=5)
    received = (await receiver.wait_for(2))[1]
    entity = received.body["data"][0]
    assert received.body["subscriptionId"] == subscription.id
    assert entity["type"] == "Gauge"
    assert entity["level"]["value"] == 5
    assert entity["level"]["metadata"] == {"previousValue": {"type": "Number", "value": 4}}
    assert received.headers["Ngsiv2-AttrsFormat"] == "normalized"
    assert received.headers["Fiware-Service"] == "fukui"
    assert received.headers["Fiware-ServicePath"] == "/"
    assert received.headers["Fiware-Correlator"].endswith("; cbnotif=1")
    assert received.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_what_did_not_commit_is_not_told(bench: Bench, receiver: Receiver) -> None:
    await bench.subscribe(subscription_to(receiver.url))
    await bench.create(1, level=1)
    outcome = await asyncio.gather(bench.create(1, level=7), return_exceptions=True)
    assert isinstance(outcome[0], Exception)
    await receiver.wait_for(1)
    await asyncio.sleep(0.3)
    assert [body["data"][0]["level"] for body in receiver.bodies] == [1]
