"""What dispatchers owe each other and their database: throttling counted once, orphans swept, absences survived."""

import asyncio
import contextlib
from datetime import timedelta

from services.broker.domain.notice import Notice
from services.broker.store import outbox
from services.kernel.app import background
from services.kernel.errors import HubError
from tests.integration.broker.notify.conftest import Bench, gauge, running_bench, subscription_to
from tests.support.receiver import Receiver, receiving
from tests.support.relay import relayed

ID = "urn:ngsi-ld:Subscription:1"


async def test_two_dispatchers_throttle_as_one(idle: Bench, receiver: Receiver) -> None:
    await idle.subscribe(subscription_to(receiver.url, throttling_s=60))
    async with background(idle.dispatcher().run(), idle.dispatcher().run()):
        await asyncio.gather(*(idle.create(number, level=1) for number in range(20)))
        await idle.wait_until_settled(ID)
    assert len(receiver.received) == 1
    assert (await idle.health(ID))["times_sent"] == 1


async def test_notices_without_a_subscription_are_swept(idle: Bench) -> None:
    notice = Notice("entityUpdated", (gauge(1, level=1),), (), idle.broker.clock() - timedelta(minutes=2))
    await idle.subscribe(subscription_to("http://127.0.0.1:9/"))
    async with idle.broker.pool.acquire() as connection:
        await outbox.append(
            connection, idle.tenant.tenant_id, [("urn:ngsi-ld:Subscription:gone", notice), (ID, notice)]
        )
        await outbox.sweep(connection)
        left = await connection.fetch("select subscription_id from outbox")
    assert [each["subscription_id"] for each in left] == [ID]


async def test_a_receiver_that_dies_in_the_middle_is_told_again_when_it_is_back(bench: Bench) -> None:
    async with receiving() as first:
        port = int(first.url.split(":")[2].split("/")[0])
        await bench.subscribe(subscription_to(first.url))
        await bench.create(1, level=0)
        await first.wait_for(1)
        first.delay_s = 5
        await bench.write(1, level=1)
        await bench.write(1, level=2)
        await asyncio.sleep(0.2)
    async with receiving(port) as second:
        await second.wait_for(2)
    assert [each["data"][0]["level"] for each in second.bodies] == [1, 2]


async def test_a_database_that_was_away_loses_and_reorders_nothing(database_url: str, receiver: Receiver) -> None:
    async with relayed(database_url) as (relay, url), running_bench(url) as bench:
        await bench.subscribe(subscription_to(receiver.url, watched=("level",)))
        async with background(bench.dispatcher().run()):
            await bench.create(1, level=0)
            written = []
            for level in range(1, 60):
                if level == 20:
                    relay.cut()
                if level == 30:
                    relay.mend()
                with contextlib.suppress(HubError):
                    await bench.write(1, level=level)
                    written.append(level)
                await asyncio.sleep(0.02)
            assert len(written) < 59
            await receiver.until(lambda: set(written) <= {each["data"][0]["level"] for each in receiver.bodies})
    told = list({each["id"]: each["data"][0]["level"] for each in receiver.bodies}.values())
    assert told == sorted(told)
