"""The log of changes that streams read, kept while a tenant has streams and for a while after."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.broker.domain.change import Change
from services.broker.domain.logged_change import LoggedChange, Place, change_document, change_from_document
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

NEVER: Final = 2**62
"""A floor above every transaction: nothing is complete yet."""
_SQL = load_statements("services.broker.store", "sql/change_log.sql")


async def append(connection: Connection, tenant_id: int, changes: Sequence[Change], now: datetime) -> None:
    """Log changes in the writer's transaction, in their order."""
    await connection.execute(_SQL["append"], tenant_id, [change_document(each) for each in changes], now)


async def horizon(connection: Connection) -> int:
    """Return the number of the oldest transaction under way: all that older ones logged can be read."""
    return int(await connection.fetchval(_SQL["horizon"]))


async def read(connection: Connection, tenant_id: int, place: Place, limit: int) -> list[LoggedChange]:
    """Return what transactions from `place.start` to before `place.end` logged after `place.seq`, in order."""
    rows = await connection.fetch(_SQL["read"], tenant_id, place.start, place.end, place.seq, limit)
    return [
        LoggedChange(row["xid"], row["seq"], row["created_at"], change_from_document(dict(row), row["created_at"]))
        for row in rows
    ]


async def demand(connection: Connection, tenant_id: int, seconds: float) -> bool:
    """Ask that changes are logged for so long from now; tell whether they were not before."""
    return bool(await connection.fetchval(_SQL["demand"], tenant_id, seconds, NEVER) == NEVER)


async def begin(connection: Connection, tenant_id: int) -> None:
    """Say, after a first demand was committed, from which transaction on the log is complete."""
    await connection.execute(_SQL["begin"], tenant_id, NEVER)


async def remaining_s(connection: Connection, tenant_id: int) -> float:
    """Return for how many seconds changes are still logged; 0 where they are not."""
    return max(await connection.fetchval(_SQL["remaining"], tenant_id) or 0.0, 0.0)


async def wanted_until(connection: Connection, tenant_id: int) -> datetime | None:
    """Return until when changes are logged, or None."""
    found: datetime | None = await connection.fetchval(_SQL["wanted_until"], tenant_id)
    return found


async def floor(connection: Connection, tenant_id: int) -> int:
    """Return the transaction from which on the log is complete."""
    found: int | None = await connection.fetchval(_SQL["floor"], tenant_id)
    return NEVER if found is None else found


async def prune(connection: Connection, seconds: float) -> int:
    """Delete a portion of what is older (every tenant_id), raise the floors to match, and return how much it was."""
    return int(await connection.fetchval(_SQL["prune"], seconds))
