"""What a process counts reaches auth once, whatever is repeated; replicas add up, stocks replace."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from services.kernel.credentials import ServiceCredentials
from services.kernel.metering import Ledger, Meter, tally

NOBODY = ServiceCredentials("http://auth.test", "", "")
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)


def _ledger(pool: asyncpg.Pool, meter: Meter, at: datetime = NOON) -> Ledger:
    return Ledger(pool, meter, {"entity": "entities", "history": "history_rows"}, clock=lambda: at)


async def _hand_over(ledger: Ledger, hub: httpx.AsyncClient) -> None:
    while await ledger.hand_over(hub, NOBODY):
        pass


async def _usage(hub: httpx.AsyncClient, **query: Any) -> dict[tuple[str, ...], int]:
    asked = {"since": "2026-03-01", "until": "2026-04-30", **query}
    answer = await hub.get("/usage", params=asked)
    assert answer.status_code == 200, answer.text
    names = ("day", "tenant", "client", "kind")
    return {tuple(each[name] for name in names if name in each): each["amount"] for each in answer.json()["usage"]}


async def test_counts_of_two_replicas_add_up(pool: asyncpg.Pool, hub: httpx.AsyncClient) -> None:
    meters = Meter(), Meter()
    ledgers = [_ledger(pool, meter) for meter in meters]
    for round_number in (1, 2):
        for meter, ledger in zip(meters, ledgers, strict=True):
            meter.count("takamatsu", "app", "interactive", round_number)
            meter.count("takamatsu", "", "notifications")
            await ledger.keep()
        await _hand_over(ledgers[0], hub)
    assert await _usage(hub) == {
        ("2026-04-01", "takamatsu", "app", "interactive"): 6,
        ("2026-04-01", "takamatsu", "", "notifications"): 4,
    }


async def test_a_batch_that_auth_took_without_being_heard_is_not_counted_again(
    pool: asyncpg.Pool, hub: httpx.AsyncClient
) -> None:
    meter = Meter()
    ledger = _ledger(pool, meter)
    meter.count("a", "app", "batch", 5)
    await ledger.keep()
    async with pool.acquire() as connection:
        batch = await tally.next_batch(connection)
    assert batch is not None
    body = {"amounts": [{"day": "2026-04-01", "tenant": "a", "client": "app", "kind": "batch", "amount": 5}]}
    path = f"/usage/reports/broker/{batch.number}"
    first = await hub.put(path, json=body)
    assert (first.status_code, first.json()) == (200, {"is_new": True})
    meter.count("a", "app", "batch")
    await ledger.keep()
    await _hand_over(ledger, hub)
    assert (await hub.put(path, json=body)).json() == {"is_new": False}
    assert await _usage(hub) == {("2026-04-01", "a", "app", "batch"): 6}


async def test_a_write_whose_answer_was_lost_is_not_kept_twice(pool: asyncpg.Pool) -> None:
    ledger = _ledger(pool, Meter())
    amounts: dict[tuple[str, ...], int] = {("2026-04-01", "a", "app", "interactive"): 3}
    async with pool.acquire() as connection:
        for number in (1, 1, 2):
            await tally.keep(connection, ledger.process, number, amounts)
        batch = await tally.next_batch(connection)
    assert batch is not None
    assert [each.amount for each in batch.amounts] == [6]


async def test_while_auth_is_away_counts_wait(pool: asyncpg.Pool, hub: httpx.AsyncClient) -> None:
    meter = Meter()
    ledger = _ledger(pool, meter)

    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(503)

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse), base_url="http://auth.test") as away:
        for _ in range(3):
            meter.count("a", "app", "interactive")
            await ledger.keep()
            with pytest.raises(httpx.HTTPStatusError):
                await ledger.hand_over(away, NOBODY)
    await _hand_over(ledger, hub)
    assert await _usage(hub) == {("2026-04-01", "a", "app", "interactive"): 3}


async def test_what_is_counted_until_the_end_is_kept(pool: asyncpg.Pool) -> None:
    meter = Meter()
    running = asyncio.create_task(_ledger(pool, meter).run("http://127.0.0.1:9", NOBODY))
    await asyncio.sleep(0)
    meter.count("a", "app", "interactive", 7)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    async with pool.acquire() as connection:
        assert await connection.fetchval("select sum(amount) from usage_tally") == 7


async def test_a_day_ends_at_midnight_in_japan(pool: asyncpg.Pool, hub: httpx.AsyncClient) -> None:
    instants = [datetime(2026, 3, 31, 14, 59, 59, tzinfo=UTC), datetime(2026, 3, 31, 15, tzinfo=UTC)]
    meter = Meter()
    ledger = Ledger(pool, meter, {}, clock=lambda: instants[0])
    meter.count("a", "app", "interactive")
    instants.pop(0)
    await ledger.keep()
    meter.count("a", "app", "interactive", 2)
    await ledger.keep()
    await _hand_over(ledger, hub)
    found = await _usage(hub)
    assert found == {("2026-03-31", "a", "app", "interactive"): 1, ("2026-04-01", "a", "app", "interactive"): 2}


async def test_stocks_are_measured_for_each_tenant_and_replace_each_other(
    pool: asyncpg.Pool, hub: httpx.AsyncClient
) -> None:
    ledger = _ledger(pool, Meter())
    await _put_entities(pool, "a", 3)
    await _put_entities(pool, "b", 1)
    for more in (0, 2):
        await _put_entities(pool, "a", more)
        assert await ledger.measure()
        await _hand_over(ledger, hub)
    found = await _usage(hub, by="day,tenant")
    assert found["2026-04-01", "a", "entities"] == 5
    assert found["2026-04-01", "b", "entities"] == 1
    assert 5 * 40 < found["2026-04-01", "a", "storage_bytes"] < 5 * 2000
    assert ("2026-04-01", "a", "history_rows") not in found


async def test_only_one_process_measures_at_a_time(pool: asyncpg.Pool) -> None:
    ledger = _ledger(pool, Meter())
    async with pool.acquire() as connection:
        await connection.execute("select pg_advisory_lock(hashtext('usage_part broker'))")
        assert not await ledger.measure()
        await connection.execute("select pg_advisory_unlock(hashtext('usage_part broker'))")
    assert await ledger.measure()


async def _put_entities(pool: asyncpg.Pool, tenant: str, count: int) -> None:
    statement = (
        "insert into entity (tenant_id, id, type, uri, attrs, created_at, modified_at)"
        " select $1, md5(random()::text), 'T', md5(random()::text), '{}', now(), now() from generate_series(1, $2)"
    )
    async with pool.acquire() as connection:
        await connection.execute("insert into tenant (name) values ($1) on conflict do nothing", tenant)
        number = await connection.fetchval("select tenant_id from tenant where name = $1", tenant)
        await connection.execute(statement, number, count)
        await connection.execute("select pg_stat_force_next_flush()")
        await connection.fetchval("select 1")
