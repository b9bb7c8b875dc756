"""Counted amounts in a service's schema: kept once, closed into numbered batches, forgotten when auth has them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.kernel.metering.kinds import STOCKS
from services.kernel.postgres import Connection

MOST_IN_A_BATCH: Final = 5000

FRESH: Final = """
with fresh as (
    insert into usage_writer (process, number) values ($1, $2)
    on conflict (process) do update set number = excluded.number, written_at = now()
    where usage_writer.number < excluded.number
    returning process
)
"""
"""The start of a statement whose write happens once: `fresh` has a row unless that number was written before."""
_KEEP: Final = (
    FRESH
    + """insert into usage_tally (day, tenant, client, kind, amount)
select v.day, v.tenant, v.client, v.kind, v.amount
from unnest($3::date[], $4::text[], $5::text[], $6::text[], $7::bigint[]) as v (day, tenant, client, kind, amount)
where exists (select from fresh)
order by v.day, v.tenant, v.client, v.kind
on conflict (batch, day, tenant, client, kind) do update
set amount = case when excluded.kind = any ($8) then 0 else usage_tally.amount end + excluded.amount
"""
)
_CLOSE: Final = """
with number as (select nextval('usage_batch') as batch)
update usage_tally set batch = (select batch from number)
where (day, tenant, client, kind) in (
    select day, tenant, client, kind from usage_tally where batch = 0
    order by day, tenant, client, kind limit $1 for update
) and batch = 0
returning batch
"""


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a kind a client of a tenant used on a day."""

    day: date
    tenant: str
    client: str
    kind: str
    amount: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Amounts that auth takes under one number, or has taken."""

    number: int
    amounts: Sequence[Amount]


async def keep(connection: Connection, process: uuid.UUID, number: int, amounts: Mapping[tuple[str, ...], int]) -> None:
    """Add a process's counts, by day, tenant, client and kind; with a number that was kept before, nothing happens."""
    columns = list(zip(*amounts, strict=True)) if amounts else [(), (), (), ()]
    days = [date.fromisoformat(day) for day in columns[0]]
    texts = (list(column) for column in columns[1:])
    await connection.execute(_KEEP, process, number, days, *texts, list(amounts.values()), list(STOCKS))


async def next_batch(connection: Connection) -> Batch | None:
    """Return the oldest batch that is not handed over, closing one if there is none; None where nothing was counted."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('usage_batch ' || current_schema()))")
        number = await connection.fetchval("select min(batch) from usage_tally where batch > 0")
        if number is None:
            number = await connection.fetchval(_CLOSE, MOST_IN_A_BATCH)
    if number is None:
        return None
    columns = "day, tenant, client, kind, amount"
    rows = await connection.fetch(f"select {columns} from usage_tally where batch = $1", number)  # noqa: S608
    return Batch(number, [Amount(**row) for row in rows])


async def forget(connection: Connection, number: int) -> None:
    """Delete a batch that auth has, and what is remembered of processes that ended long ago."""
    await connection.execute("delete from usage_tally where batch = $1", number)
    await connection.execute("delete from usage_writer where written_at < now() - interval '7 days'")
