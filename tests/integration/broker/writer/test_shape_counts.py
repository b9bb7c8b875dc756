"""What the writer counts of shapes is what a scan of all entities counts."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from random import Random

from services.broker.domain.entity import Entity
from services.broker.domain.selection import LdRef
from services.broker.domain.shape import Shape, shape_of
from services.broker.operations.mutation import Mutation
from services.broker.operations.writes import AppendAttributes, DeleteAttribute, DeleteEntity, Existing, StoreEntity
from services.broker.store import shapes
from services.broker.store.rows import COLUMNS, entity_from_row
from services.kernel.clock import system_clock
from tests.support.broker import WriterBench, gauge, running_writer

_SCAN = f"select {COLUMNS} from entity where tenant_id = $1 and (expires_at is null or expires_at > now())"


async def _counts(bench: WriterBench) -> tuple[Mapping[Shape, int], Mapping[Shape, int]]:
    """Return what is counted and what a scan finds, as of one instant."""
    async with bench.pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        counted = await shapes.living(connection, bench.tenant_id)
        rows = await connection.fetch(_SCAN, bench.tenant_id)
    return counted, Counter(shape_of(entity_from_row(row)) for row in rows)


def _entity(chance: Random) -> Entity:
    names = chance.sample(("level", "name", "flow"), chance.randint(0, 3))
    made = gauge(chance.randrange(8), **{name: chance.randrange(3) for name in names})
    for name in names:
        made.attrs[name][0]["kind"] = chance.choice(("Property", "Property", "JsonProperty"))
    expires_at = system_clock() + timedelta(milliseconds=chance.choice((30, 10**7))) if chance.random() < 0.3 else None
    return made.with_(types=chance.choice((("Gauge",), ("Gauge", "Thing"), ("Thing",))), expires_at=expires_at)


def _mutation(chance: Random) -> Mutation:
    entity = _entity(chance)
    match chance.randrange(5):
        case 0:
            return DeleteEntity(LdRef(entity.uri))
        case 1:
            return AppendAttributes(LdRef(entity.uri), entity.attrs, types=entity.types)
        case 2:
            return DeleteAttribute(LdRef(entity.uri), "level", all_instances=True)
        case _:
            return StoreEntity(entity, existing=chance.choice(tuple(Existing)))


async def test_the_counted_shapes_are_those_of_a_scan_whatever_is_written(database_url: str) -> None:
    chance = Random(7)
    async with running_writer(database_url, lanes=3, batch=5) as bench:
        for _ in range(40):
            batches = [[_mutation(chance) for _ in range(chance.randint(1, 6))] for _ in range(4)]
            await asyncio.gather(*(bench.writer.write_batch(bench.tenant_id, each) for each in batches))
            counted, scanned = await _counts(bench)
            assert counted == scanned


async def test_folding_changes_no_count(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        for number in range(130):
            await bench.writer.write(bench.tenant_id, StoreEntity(gauge(number, level=number)))
        await bench.writer.write(bench.tenant_id, DeleteEntity(LdRef(gauge(0).uri)))
        before = await _counts(bench)
        async with bench.pool.acquire() as connection:
            await shapes.fold(connection)
        counted, scanned = await _counts(bench)
        assert (counted, counted) == (scanned, before[0])
        assert await bench.pool.fetchval("select count(*) from shape_count") == 1


async def test_an_update_of_values_counts_nothing(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        for level in range(5):
            await bench.writer.write(bench.tenant_id, StoreEntity(gauge(1, level=level), existing=Existing.UPDATE))
        assert await bench.pool.fetchval("select count(*) from shape_count") == 1
