"""Notifications of one subscription: side by side for different entities, one after the other for each."""

import asyncio
from dataclasses import replace

from services.broker.domain.notice import PERIODIC, Notice
from services.broker.store import outbox
from services.kernel.app import background
from tests.integration.broker.notify.conftest import Bench, gauge, subscription_to, uri_of
from tests.support.receiver import Receiver

ID = "urn:ngsi-ld:Subscription:1"


async def _fill(bench: Bench, gauges: int, levels: int) -> None:
    for level in range(levels):
        await asyncio.gather(*(bench.write(each, level=level) for each in range(gauges)))


async def test_a_slow_receiver_gets_different_entities_side_by_side_and_each_in_order(
    idle: Bench, receiver: Receiver
) -> None:
    receiver.delay_s = 0.1
    await idle.subscribe(subscription_to(receiver.url))
    await asyncio.gather(*(idle.create(each, level=-1) for each in range(20)))
    await _fill(idle, 20, 3)
    async with background(idle.dispatcher().run()):
        await receiver.wait_for(80)
        assert receiver.most_at_once > 4
        assert (await idle.wait_until_settled(ID))["times_sent"] == 80
    for number in range(20):
        told = [each["data"][0]["level"] for each in receiver.bodies if each["data"][0]["id"] == uri_of(number)]
        assert told == [-1, 0, 1, 2]


async def test_with_a_window_of_one_each_waits_for_the_one_before(idle: Bench, receiver: Receiver) -> None:
    settings = idle.broker.settings.model_copy(update={"notify_window": 1})
    strict = replace(idle, broker=replace(idle.broker, settings=settings))
    await idle.subscribe(subscription_to(receiver.url))
    for number in range(10):
        await idle.create(number, level=number)
    receiver.delay_s = 0.02
    async with background(strict.dispatcher().run()):
        await receiver.wait_for(10)
    assert [each["data"][0]["level"] for each in receiver.bodies] == list(range(10))


async def test_after_a_failure_one_goes_alone_before_the_others(idle: Bench, receiver: Receiver) -> None:
    await idle.subscribe(subscription_to(receiver.url))
    await asyncio.gather(*(idle.create(each, level=0) for each in range(60)))
    receiver.status = 503
    async with background(idle.dispatcher().run()):
        await receiver.wait_for(34)
        receiver.status = 204
        await receiver.until(lambda: len({each["id"] for each in receiver.bodies}) == 60)
        found = await idle.wait_until_settled(ID)
    failed = found["times_failed"]
    assert 33 <= failed < 60, "those on their way when it began, then one at a time"
    assert found["times_sent"] == 60 + failed
    assert found["fails_in_row"] == 0


async def test_the_present_state_is_told_after_what_is_before_it(idle: Bench, receiver: Receiver) -> None:
    receiver.delay_s = 0.02
    await idle.subscribe(subscription_to(receiver.url))
    await idle.create(1, level=1)
    await idle.create(2, level=1)
    now = idle.broker.clock()
    both = Notice(PERIODIC, (gauge(1, level=1), gauge(2, level=1)), (), now)
    async with idle.broker.pool.acquire() as connection:
        await outbox.append(connection, idle.tenant.tenant_id, [(ID, both)])
    await idle.write(1, level=2)
    await idle.write(2, level=2)
    async with background(idle.dispatcher().run()):
        await receiver.wait_for(5)
    told = [sorted(entity["level"] for entity in each["data"]) for each in receiver.bodies]
    assert told == [[1], [1], [1, 1], [2], [2]]
