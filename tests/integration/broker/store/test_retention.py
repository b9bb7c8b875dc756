"""History as old as its tenant wants is deleted, and nobody else's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.broker.operations.retention import Retention
from services.kernel.postgres import open_pool
from services.kernel.tenancy import TenantDirectory

NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)


@pytest.fixture
async def pool(database_url: str) -> Any:
    made = await open_pool(database_url, schema="broker", size=2)
    yield made
    await made.close()


async def _put(connection: Any, name: str, retention: dict[str, int]) -> int:
    statement = "insert into tenant (name, details) values ($1, $2) returning tenant_id"
    number: int = await connection.fetchval(statement, name, {"retention": retention})
    rows = [(number, NOW - timedelta(days=days)) for days in (0, 1, 2, 9, 400)]
    for row in rows:
        await connection.execute(
            "insert into history (tenant_id, uri, attribute, recorded_at, seq, change)"
            " values ($1, 'u', 'a', $2, 1, '')",
            *row,
        )
    letters = "insert into dead_letter (tenant_id, subscription_id, seq, kind, entities, touched, correlator,"
    letters += (
        " created_at, parked_at, reason) select $1, 's', n, '', '[]', '[]', '', now(), now() - n * interval '1 d', ''"
    )
    await connection.execute(f"{letters} from generate_series(1, 4) n", number)
    return number


async def test_what_is_older_than_a_tenant_keeps_is_deleted(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute(
            "create table history_20260411 partition of history for values from ('2026-04-11') to ('2026-04-12')"
        )
        short = await _put(connection, "short", {"history_days": 1, "dead_letter_days": 2})
        week = await _put(connection, "week", {"history_days": 7})
        ever = await _put(connection, "ever", {})
    retention = Retention(pool, TenantDirectory(pool, creates_on_write=False), lambda: NOW)
    for _ in range(2):
        await retention.collect()
    async with pool.acquire() as connection:
        history = dict(await connection.fetch("select tenant_id, count(*) from history group by 1"))
        letters = dict(await connection.fetch("select tenant_id, count(*) from dead_letter group by 1"))
    assert history == {short: 2, week: 3, ever: 5}
    assert letters == {short: 1, week: 4, ever: 4}
