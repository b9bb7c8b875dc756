"""Items with keys of their own are written once, in whichever batch they come."""

import asyncio

from services.broker.domain.selection import LdRef
from services.broker.operations.mutation import Outcome
from services.broker.operations.writes import AppendAttributes, Existing, StoreEntity
from services.kernel.errors import NotFound
from tests.support.broker import gauge, running_writer

URI = "urn:ngsi-ld:Gauge:1"


def store(value: object) -> StoreEntity:
    return StoreEntity(gauge(1, level=value), existing=Existing.UPDATE)


async def test_an_item_that_comes_again_in_another_batch_is_left_out(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        tenant = bench.tenant_id
        await bench.writer.write_batch(tenant, (store(1), store(2)), key="a", once=("k1", "k2"))
        results = await bench.writer.write_batch(tenant, (store(2), store(3), store(4)), key="b", once=("k2", "k3", ""))
        assert [type(each) for each in results] == [Outcome] * 3
        assert [value for _, value in await bench.history(URI)] == [1, 2, 3, 4]


async def test_an_item_without_a_key_is_always_written(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        for _ in range(2):
            await bench.writer.write_batch(bench.tenant_id, (store(1),), once=("",))
        assert len(await bench.history(URI)) == 2


async def test_of_repeats_in_one_batch_and_at_the_same_time_one_is_written(database_url: str) -> None:
    async with running_writer(database_url, lanes=4) as bench:
        tenant = bench.tenant_id
        batches = [(bench.writer.write_batch(tenant, (store(n), store(n)), once=("k", "k"))) for n in range(20)]
        await asyncio.gather(*batches)
        assert len(await bench.history(URI)) == 1


async def test_the_key_of_a_refused_item_may_come_again(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        tenant = bench.tenant_id
        append = AppendAttributes(LdRef(URI), gauge(1, level=1).attrs)
        [refused, written] = await bench.writer.write_batch(
            tenant, (append, StoreEntity(gauge(2, level=1))), once=("k1", "k2")
        )
        assert isinstance(refused, NotFound)
        assert isinstance(written, Outcome)
        await bench.writer.write_batch(tenant, (store(0),))
        await bench.writer.write_batch(tenant, (append,), once=("k1",))
        assert [value for _, value in await bench.history(URI)] == [0, 1]
