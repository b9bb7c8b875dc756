"""What a tenant has of that for which there are quotas, and what is older than it keeps."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Final

from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL: Final = load_statements("services.broker.store", "sql/quotas.sql")


async def held(connection: Connection, tenant_id: int) -> Mapping[str, int]:
    """Return what a tenant has, by names of quotas; history and storage as they were last measured."""
    return dict(await connection.fetchrow(_SQL["held"], tenant_id))


async def first_day_of_history(connection: Connection) -> date | None:
    """Return the oldest day that has a partition of the history."""
    day: date | None = await connection.fetchval(_SQL["first_history"])
    return day


async def forget_history(connection: Connection, tenant_id: int, since: date, until: date) -> int:
    """Delete a tenant's history of some days (UTC), the last one excluded, and return how many rows that were."""
    begin, end = (datetime.combine(day, time(), UTC) for day in (since, until))
    done = await connection.execute(_SQL["forget_history"], tenant_id, begin, end, timeout=None)
    return int(done.rpartition(" ")[2])


async def forget_dead_letters(connection: Connection, tenant_id: int, days: int) -> int:
    """Delete a portion of a tenant's dead letters older than some days, and return how many those were."""
    done = await connection.execute(_SQL["forget_dead_letters"], tenant_id, days)
    return int(done.rpartition(" ")[2])
