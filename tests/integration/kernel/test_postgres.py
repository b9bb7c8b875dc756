"""Connections, and how the driver's errors come out."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text

from services.kernel import errors
from services.kernel.postgres import is_reachable, open_engine, open_pool, session, translated
from tests.support.relay import relayed

NOWHERE = "postgresql://nobody@127.0.0.1:9/none"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    opened = await open_pool(database_url, schema="auth", size=2)
    yield opened
    await opened.close()


async def test_a_session_reads_its_schema_and_json_as_values(pool: asyncpg.Pool) -> None:
    async with session(pool) as connection:
        assert await connection.fetchval("select current_schema()") == "auth"
        assert await connection.fetchval("select $1::jsonb", {"名": [1, None]}) == {"名": [1, None]}
        assert await connection.fetchval("select position from feed") == 0


FAULTS = [
    ("insert into feed values ('tenants', 1)", errors.AlreadyExists),
    (
        "insert into tenant (name, kind, status, parent, position) values ('a', 'other', 'active', 'b', 1)",
        errors.Conflict,
    ),
    ("insert into tenant (name, kind, status, position) values ('A', 'other', 'active', 1)", errors.Conflict),
    ("select '(' ~ '('", errors.InvalidRequest),
    ("select '2024-99-99'::timestamptz", errors.InvalidRequest),
    ("select 1 / 0", errors.InvalidRequest),
    ("set statement_timeout = 20; select pg_sleep(5)", errors.TooComplex),
]


@pytest.mark.parametrize(("statement", "kind"), FAULTS)
async def test_an_error_of_the_driver_becomes_a_word_of_the_domain(
    pool: asyncpg.Pool, statement: str, kind: type[errors.HubError]
) -> None:
    with pytest.raises(kind):
        async with session(pool) as connection:
            await connection.execute(statement)


async def test_a_connection_that_the_server_is_ending_is_an_absence_of_the_database() -> None:
    with pytest.raises(errors.Unavailable), translated():
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")


async def test_a_fault_in_our_own_statement_stays_what_it_is(pool: asyncpg.Pool) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        async with session(pool) as connection:
            await connection.execute("select * from nothing")


async def test_sqlalchemy_errors_are_translated_alike(database_url: str) -> None:
    engine = open_engine(database_url, schema="auth", size=1)
    for statement, kind in FAULTS[:5]:
        with pytest.raises(kind), translated():
            async with engine.begin() as connection:
                await connection.execute(text(statement))
    await engine.dispose()


async def test_a_pool_opens_although_the_database_is_away() -> None:
    pool = await open_pool(NOWHERE, schema="auth")
    assert not await is_reachable(pool)
    with pytest.raises(errors.Unavailable):
        async with session(pool):
            pass
    await pool.close()


async def test_an_engine_without_a_database_says_so() -> None:
    engine = open_engine(NOWHERE, schema="auth")
    with pytest.raises(errors.Unavailable), translated():
        async with engine.connect():
            pass
    await engine.dispose()


async def test_an_engine_with_no_connection_left_says_try_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(database_url, schema="auth", size=1)
    monkeypatch.setattr(engine.sync_engine.pool, "_timeout", 0.2)
    async with engine.connect() as connection:
        await connection.execute(text("select 1"))
        with pytest.raises(errors.Unavailable), translated():
            async with engine.connect():
                pass
    await engine.dispose()


async def test_a_pool_recovers_when_the_database_comes_back(database_url: str) -> None:
    async with relayed(database_url) as (relay, url):
        pool = await open_pool(url, schema="auth", size=2)
        assert await is_reachable(pool)
        relay.cut()
        await asyncio.sleep(0.05)
        with pytest.raises(errors.Unavailable):
            async with session(pool) as connection:
                await connection.fetchval("select 1")
        assert not await is_reachable(pool)
        relay.mend()
        assert await is_reachable(pool)
        async with session(pool) as connection:
            assert await connection.fetchval("select 1") == 1
        await pool.close()
