"""Real processes, real faults: every due notification arrives at least once, in order per entity, and no other.

`scripts/test-faults` runs this with PostgreSQL away for 30 seconds and says how many notifications were repeated.
"""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from services.kernel.migrations import migrate
from services.local.postgres import EmbeddedPostgres
from tests.support import patience
from tests.support.broker_process import Fleet
from tests.support.receiver import Receiver
from tests.support.receiver_process import ReceiverProcess
from tests.support.told import Told, Written, climb, create, subscribe, until

pytestmark = pytest.mark.slow
OUTAGE_S = float(os.environ.get("HIROBA_TEST_OUTAGE_S", "3"))
GAUGES = range(6)


@pytest.fixture
def fleet(database_url: str, tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(database_url, tmp_path)
    yield fleet
    fleet.end()


@pytest.fixture
def written() -> dict[int, Written]:
    return {number: Written() for number in GAUGES}


@pytest.fixture
async def own_postgres(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    await asyncio.to_thread(tmp_path.chmod, 0o711)
    server = EmbeddedPostgres(tmp_path / "postgres")
    await asyncio.to_thread(server.start)
    await migrate(server.url, "broker")
    yield server
    await asyncio.to_thread(server.stop)


async def _until_told(receiver: Receiver, written: dict[int, Written]) -> Told:
    await receiver.until(lambda: Told(receiver.bodies).has_all(written), 60)
    return Told(receiver.bodies)


async def test_a_killed_broker_loses_nothing_that_it_acknowledged(
    fleet: Fleet, receiver: Receiver, written: dict[int, Written]
) -> None:
    [first] = await asyncio.to_thread(fleet.start)
    async with httpx.AsyncClient(base_url=first.url) as client:
        await subscribe(client, receiver.url)
        assert await create(client, 1) == 201
        receiver.status = 503
        writing = asyncio.create_task(climb([client], 1, range(1, 200), written[1]))
        await patience.until(lambda: len(written[1].acknowledged) > 30)
        first.end(signal.SIGKILL)
        await writing
    assert 0 < len(written[1].acknowledged) < 199
    receiver.status = 204
    receiver.received.clear()
    await asyncio.to_thread(fleet.start)
    (await _until_told(receiver, written)).check("broker killed between commit and delivery", written)


async def test_of_two_brokers_one_is_killed_while_both_deliver(
    fleet: Fleet, receiver: Receiver, written: dict[int, Written]
) -> None:
    brokers = await asyncio.to_thread(fleet.start, 2)
    async with (
        httpx.AsyncClient(base_url=brokers[0].url) as one,
        httpx.AsyncClient(base_url=brokers[1].url) as other,
    ):
        for _ in range(3):
            await subscribe(one, receiver.url)
        assert await asyncio.gather(*(create(one, number) for number in GAUGES)) == [201] * len(GAUGES)
        receiver.delay_s = 0.01
        orders = ([one, other], [other, one])
        climbs = [climb(orders[each % 2], each, until(4, itertools.count(1)), written[each]) for each in GAUGES]
        writing = asyncio.gather(*climbs)
        await asyncio.sleep(1.5)
        await asyncio.to_thread(brokers[0].end, signal.SIGKILL)
        await writing
        assert [await create(other, number, level=-1) for number in GAUGES] == [409] * len(GAUGES)
        await receiver.until(lambda: all(each.has_all(written) for each in _by_subscription(receiver, 3)), 60)
    for told in _by_subscription(receiver, 3):
        told.check("one of two brokers killed, one of three subscriptions", written)


def _by_subscription(receiver: Receiver, count: int) -> list[Told]:
    bodies = receiver.bodies
    ids = sorted({body["subscriptionId"] for body in bodies})
    assert len(ids) <= count
    told = [Told([body for body in bodies if body["subscriptionId"] == each]) for each in ids]
    return [*told, *[Told([])] * (count - len(told))]


async def test_two_brokers_on_one_database_tell_all_once_and_in_order(
    fleet: Fleet, receiver: Receiver, written: dict[int, Written]
) -> None:
    brokers = await asyncio.to_thread(fleet.start, 2)
    async with (
        httpx.AsyncClient(base_url=brokers[0].url) as one,
        httpx.AsyncClient(base_url=brokers[1].url) as other,
    ):
        await subscribe(one, receiver.url)
        await asyncio.gather(*(create(one, number) for number in GAUGES))
        await asyncio.gather(*(climb([(one, other)[each % 2]], each, range(1, 40), written[each]) for each in GAUGES))
    assert all(each.acknowledged == list(range(1, 40)) for each in written.values())
    told = await _until_told(receiver, written)
    told.check("two brokers, no fault", written)
    assert told.repetitions == 0, "no fault, no repetition"


async def test_a_broker_that_is_stopped_settles_and_repeats_nothing(
    fleet: Fleet, receiver: Receiver, written: dict[int, Written]
) -> None:
    [first] = await asyncio.to_thread(fleet.start)
    async with httpx.AsyncClient(base_url=first.url) as client:
        await subscribe(client, receiver.url)
        await create(client, 1)
        receiver.delay_s = 0.02
        await climb([client], 1, range(1, 60), written[1])
    await asyncio.to_thread(first.end, signal.SIGTERM)
    await asyncio.to_thread(fleet.start)
    told = await _until_told(receiver, written)
    told.check("broker stopped", written)
    assert told.repetitions <= 1


async def test_a_receiver_that_is_killed_in_the_middle_is_told_again(
    fleet: Fleet, tmp_path: Path, written: dict[int, Written]
) -> None:
    receiver = ReceiverProcess(tmp_path / "received", delay_s=0.02)
    [broker] = await asyncio.to_thread(fleet.start)
    async with httpx.AsyncClient(base_url=broker.url) as client:
        await subscribe(client, receiver.url)
        await asyncio.gather(*(create(client, number) for number in GAUGES))
        writing = asyncio.gather(
            *(climb([client], each, until(3, itertools.count(1)), written[each]) for each in GAUGES)
        )
        for _ in range(2):
            await asyncio.sleep(0.8)
            receiver.kill()
            await asyncio.sleep(0.3)
            receiver.start()
        await writing
    await patience.until(lambda: Told(receiver.bodies).has_all(written))
    Told(receiver.bodies).check("receiver killed twice", written)
    receiver.kill()


async def test_postgresql_that_stops_and_comes_back_loses_and_reorders_nothing(
    own_postgres: EmbeddedPostgres, tmp_path: Path, receiver: Receiver, written: dict[int, Written]
) -> None:
    fleet = Fleet(own_postgres.url, tmp_path)
    [broker] = await asyncio.to_thread(fleet.start)
    try:
        async with httpx.AsyncClient(base_url=broker.url) as client:
            await subscribe(client, receiver.url)
            await asyncio.gather(*(create(client, number) for number in GAUGES))
            receiver.delay_s = 0.01
            writing = asyncio.gather(
                *(climb([client], each, until(OUTAGE_S + 3, itertools.count(1)), written[each]) for each in GAUGES)
            )
            await asyncio.sleep(1)
            await asyncio.to_thread(own_postgres.stop)
            await asyncio.sleep(OUTAGE_S)
            assert (await client.get("/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:1")).status_code == 503
            await asyncio.to_thread(own_postgres.start)
            await writing
            assert await create(client, 99) == 201, "it recovers by itself"
            (await _until_told(receiver, written)).check(f"PostgreSQL away for {OUTAGE_S:g} s", written)
    finally:
        await asyncio.to_thread(fleet.end)
