"""What PostgreSQL answers is what the matcher decides, on random queries and entities."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.broker.domain.entity import Entity
from services.broker.query.entity_query import EntityQuery
from services.broker.query.selection import meets
from services.broker.query.to_sql import branches, where
from services.broker.store import entities as store
from services.broker.store.queries import find
from services.kernel.postgres import Connection, open_pool
from services.kernel.sql import join, literal
from tests.integration.broker.queries.making import Making

TENANT = 7
EXAMPLES = int(os.environ.get("HIROBA_TEST_EXAMPLES", "60"))
POPULATION = 15
QUESTIONS = 25
CALM = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
# Chance is drawn whole: thirty times as fast as draw by draw. To shrink a failure, set use_true_random=False.
makings = st.randoms(use_true_random=True).map(Making)


def population_of(making: Making) -> list[Entity]:
    """Make some entities."""
    return [making.entity(number) for number in range(POPULATION)]


async def store_all(connection: Connection, population: Sequence[Entity]) -> None:
    """Store entities for the tenant, and the first of them for another."""
    await store.insert(connection, TENANT, population)
    await store.insert(connection, TENANT + 1, population[:1])


async def ask(connection: Connection, query: EntityQuery) -> tuple[list[str], list[str]]:
    """Return the ids that meet `where`, and those that meet its branches, each as often as it does."""
    condition = where(query, TENANT)
    whole = literal("select id from entity where ") + condition
    head = literal("select id from entity where ")
    parts = join(" union all ", [head + branch.condition for branch in branches(query, TENANT)])
    answers = [await connection.fetch(each.text, *each.parameters) for each in (whole, parts)]
    return sorted(row["id"] for row in answers[0]), sorted(row["id"] for row in answers[1])


async def check(connection: Connection, population: Sequence[Entity], asked: Sequence[EntityQuery]) -> None:
    """Compare the two interpreters."""
    links = {each.uri: [each] for each in population}
    transaction = connection.transaction()
    await transaction.start()
    try:
        await store_all(connection, population)
        for query in asked:
            expected = sorted(each.id for each in population if meets(query, each, links))
            found, in_branches = await ask(connection, query)
            assert found == expected, query
            assert in_branches == expected, query
    finally:
        await transaction.rollback()


@contextmanager
def session(url: str) -> Iterator[tuple[asyncio.Runner, Connection]]:
    """Run a loop with a session like those that the broker reads with."""
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(url, schema="broker", size=1))
        connection = runner.run(_acquire(pool))
        yield runner, connection
        runner.run(pool.release(connection))
        runner.run(pool.close())


async def _acquire(pool: Any) -> Connection:
    connection = await pool.acquire()
    await connection.execute("set plan_cache_mode = force_custom_plan")
    return connection


def test_the_database_and_the_matcher_agree_on_every_filter(database_url: str) -> None:
    with session(database_url) as (runner, connection):

        @CALM
        @given(makings)
        def agree(making: Making) -> None:
            asked = [EntityQuery(filter=making.filter()) for _ in range(QUESTIONS)]
            runner.run(check(connection, population_of(making), asked))

        agree()


def test_the_database_and_the_matcher_agree_on_every_selection(database_url: str) -> None:
    with session(database_url) as (runner, connection):

        @CALM
        @given(makings)
        def agree(making: Making) -> None:
            runner.run(check(connection, population_of(making), [making.query() for _ in range(QUESTIONS)]))

        agree()


def test_the_database_and_the_matcher_agree_on_every_place(database_url: str) -> None:
    with session(database_url) as (runner, connection):

        @CALM
        @given(makings)
        def agree(making: Making) -> None:
            population = [making.located_entity(number) for number in range(POPULATION)]
            runner.run(check_pages(connection, population, [making.located_query() for _ in range(QUESTIONS)]))

        agree()


async def check_pages(connection: Connection, population: Sequence[Entity], asked: Sequence[EntityQuery]) -> None:
    """Compare pages and counts with what the matcher lets through, in order of creation."""
    await connection.execute("delete from entity")
    await store_all(connection, population)
    for query in asked:
        expected = [each.id for each in population if meets(query, each)]
        result = await find(connection, TENANT, query)
        start = query.page.offset
        assert [each.id for each in result.entities] == expected[start : start + query.page.limit], query
        assert result.count == (len(expected) if query.page.count else None), query
