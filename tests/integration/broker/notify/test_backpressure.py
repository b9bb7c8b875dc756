"""Writers that outrun the notifications are slowed down, and no notification is dropped."""

import asyncio
import itertools
from collections.abc import Iterable

from services.kernel.app import background
from tests.integration.broker.notify.conftest import Bench, running_bench, subscription_to
from tests.support.receiver import Receiver
from tests.support.told import until

ID = "urn:ngsi-ld:Subscription:1"


async def _climb(bench: Bench, number: int, levels: Iterable[int]) -> int:
    """Write levels one after the other; return how many."""
    count = 0
    for level in levels:
        await bench.write(number, level=level)
        count += 1
    return count


async def _climb_together(bench: Bench) -> int:
    """Write to four entities for two seconds; return how often."""
    return sum(await asyncio.gather(*(_climb(bench, each, until(2, itertools.count())) for each in range(4))))


async def _pending_once_slowed(bench: Bench, receiver: Receiver) -> int:
    """Write until each write waits up to a second; return how many notifications were pending then.

    A stall of the machine may look like a slow receiver, which slows nobody down before it is up to date again.
    """
    for _ in until(90, itertools.count()):
        receiver.delay_s = 0
        await bench.wait_until_settled(ID)
        receiver.delay_s = 0.02
        written = [await _climb_together(bench) for _ in range(4)]
        pending = int((await bench.health(ID))["pending"])
        if bench.notices.pressure.wait_s(bench.tenant.tenant_id) > 0 and min(written) <= 4 * 4:
            return pending
    raise AssertionError("writers were not slowed down")


async def test_writes_slow_down_to_what_can_be_notified(database_url: str, receiver: Receiver) -> None:
    async with running_bench(database_url, notify_lag_s=0.3, notify_window=1) as bench:
        await bench.subscribe(subscription_to(receiver.url))
        for number in range(4):
            await bench.create(number, level=-1)
        async with background(bench.dispatcher().run()):
            await receiver.wait_for(4)
            assert await _pending_once_slowed(bench, receiver) > 0
            receiver.delay_s = 0
            found = await bench.wait_until_settled(ID)
    assert found["times_sent"] == len(receiver.received)
    assert found["parked"] == 0


async def test_a_slow_receiver_slows_no_writer(database_url: str, receiver: Receiver) -> None:
    receiver.delay_s = 0.6
    async with running_bench(database_url, notify_lag_s=0.1, notify_window=1) as bench:
        await bench.subscribe(subscription_to(receiver.url))
        await bench.create(1, level=-1)
        async with background(bench.dispatcher().run()):
            await receiver.wait_for(1)
            written = await _climb(bench, 1, until(2, itertools.count()))
            assert bench.notices.pressure.wait_s(bench.tenant.tenant_id) == 0
    assert written > 10
