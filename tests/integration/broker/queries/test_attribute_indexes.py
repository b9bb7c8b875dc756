"""Declared attribute indexes: they narrow, and never lose what a query finds."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from hypothesis import given

from services.broker.domain.selection import LdRef, TypeIs
from services.broker.operations import attribute_indexes
from services.broker.operations.attribute_indexes import KnownIndexes, build_declared
from services.broker.operations.writes import DeleteEntity, Existing, StoreEntity
from services.broker.query.entity_query import EntityQuery, EntitySelector
from services.broker.query.parse_q_ld import parse_q_ld
from services.broker.query.selection import meets
from services.broker.query.spans import needed
from services.broker.store import attribute_indexes as store
from services.broker.store import entities, queries
from services.kernel.errors import NotFound, TooComplex
from services.kernel.tenancy import Tenant
from tests.integration.broker.queries.making import NAMES, Making
from tests.integration.broker.queries.test_agreement import CALM, QUESTIONS, TENANT, makings, population_of, session
from tests.support.broker import WriterBench, gauge, running_writer
from tests.support.patience import until


@CALM
@given(making=makings)
def test_an_index_finds_every_entity_that_a_query_finds(database_url: str, making: Making) -> None:
    population = population_of(making)
    with session(database_url) as (runner, connection):
        transaction = connection.transaction()
        runner.run(transaction.start())
        stored = runner.run(entities.insert(connection, TENANT, population))
        for name in NAMES:
            runner.run(store.declare(connection, TENANT, name))
            runner.run(connection.execute("update attribute_index set is_ready = true where tenant_id = $1", TENANT))
        runner.run(store.keep_values(connection, TENANT, list(stored.values()), list(NAMES)))
        for query in making.several(making.query, QUESTIONS, QUESTIONS):
            for attribute, spans in needed(query.filter) if query.filter is not None else ():
                numbers = runner.run(store.numbers_within(connection, TENANT, attribute, spans))
                met = {stored[each.key] for each in population if meets(query, each, {e.uri: [e] for e in population})}
                assert numbers is None or met <= set(numbers), (query, attribute, spans)
        runner.run(transaction.rollback())


@pytest.fixture
async def bench(database_url: str) -> AsyncIterator[WriterBench]:
    async with running_writer(database_url) as bench:
        yield bench


def _tenant(bench: WriterBench) -> Tenant:
    return Tenant(bench.tenant_id, "fukui")


async def _build(bench: WriterBench) -> None:
    """Build until all is ready: transactions in other databases of the server are waited for too."""

    async def is_built() -> bool:
        await build_declared(bench.pool)
        return all(each.is_ready for each in await attribute_indexes.find(bench.pool, _tenant(bench)))

    await until(is_built)


async def _find(bench: WriterBench, q: str) -> tuple[bool, list[str]]:
    """Return whether an index narrowed a query, and the ids that it finds."""
    query = EntityQuery((EntitySelector(types=TypeIs("Gauge")),), filter=parse_q_ld(q, str))
    async with bench.pool.acquire() as connection:
        narrowed = await KnownIndexes().narrowed(connection, bench.tenant_id, query)
        found = await queries.find(connection, bench.tenant_id, narrowed)
    return narrowed.numbers is not None, [each.id for each in found.entities]


async def test_what_was_stored_before_and_what_is_written_after_is_found_by_its_value(bench: WriterBench) -> None:
    for number in range(3):
        await bench.writer.write(bench.tenant_id, StoreEntity(gauge(number, level=number, name=f"g{number}")))
    await attribute_indexes.declare(bench.pool, _tenant(bench), "level")
    assert await _find(bench, "level==2") == (False, ["urn:ngsi-ld:Gauge:2"])
    await _build(bench)
    assert await _find(bench, "level==2") == (True, ["urn:ngsi-ld:Gauge:2"])
    await bench.writer.write(bench.tenant_id, StoreEntity(gauge(2, level=7), existing=Existing.UPDATE))
    await bench.writer.write(bench.tenant_id, StoreEntity(gauge(3, level=2)))
    assert await _find(bench, "level==2") == (True, ["urn:ngsi-ld:Gauge:3"])
    assert await _find(bench, "level>=2;name==g2") == (True, ["urn:ngsi-ld:Gauge:2"])
    await bench.writer.write(bench.tenant_id, DeleteEntity(LdRef("urn:ngsi-ld:Gauge:3")))
    assert await _find(bench, "level==2") == (True, [])


async def test_a_query_of_another_attribute_is_answered_without_the_index(bench: WriterBench) -> None:
    await bench.writer.write(bench.tenant_id, StoreEntity(gauge(1, level=1, name="a")))
    await attribute_indexes.declare(bench.pool, _tenant(bench), "level")
    await _build(bench)
    assert await _find(bench, "name==a") == (False, ["urn:ngsi-ld:Gauge:1"])
    assert await _find(bench, "level==1|name==a") == (False, ["urn:ngsi-ld:Gauge:1"])
    assert await _find(bench, "level!=2") == (False, ["urn:ngsi-ld:Gauge:1"])


async def test_an_index_is_built_only_when_writers_that_do_not_know_it_are_done(
    bench: WriterBench, database_url: str
) -> None:
    other = await asyncpg.connect(database_url, server_settings={"search_path": "broker"})
    try:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("insert into batch_key (tenant_id, key, answer) values ($1, 'k', '[]')", bench.tenant_id)
        await attribute_indexes.declare(bench.pool, _tenant(bench), "level")
        await build_declared(bench.pool)
        assert [each.is_ready for each in await attribute_indexes.find(bench.pool, _tenant(bench))] == [False]
        await transaction.commit()
        await _build(bench)
        assert [each.is_ready for each in await attribute_indexes.find(bench.pool, _tenant(bench))] == [True]
    finally:
        await other.close()


async def test_a_dropped_index_is_not_used_and_leaves_nothing(bench: WriterBench) -> None:
    await bench.writer.write(bench.tenant_id, StoreEntity(gauge(1, level=1)))
    await attribute_indexes.declare(bench.pool, _tenant(bench), "level")
    await _build(bench)
    await attribute_indexes.drop(bench.pool, _tenant(bench), "level")
    assert await _find(bench, "level==1") == (False, ["urn:ngsi-ld:Gauge:1"])
    assert await bench.pool.fetchval("select count(*) from indexed_value") == 0
    with pytest.raises(NotFound):
        await attribute_indexes.drop(bench.pool, _tenant(bench), "level")


async def test_a_tenant_may_not_declare_indexes_without_end(bench: WriterBench) -> None:
    for number in range(attribute_indexes.MOST):
        await attribute_indexes.declare(bench.pool, _tenant(bench), f"a{number}")
    with pytest.raises(TooComplex):
        await attribute_indexes.declare(bench.pool, _tenant(bench), "one-more")
