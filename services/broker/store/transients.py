"""When attributes expire (4.22): noted by the writer, read by the housekeeping."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from services.broker.domain.change import Change
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL: Final = load_statements("services.broker.store", "sql/transients.sql")


async def note(connection: Connection, tenant_id: int, changes: Iterable[Change]) -> None:
    """Note when the attributes expire that changes wrote."""
    due = [(change.after.uri, instant) for change in changes if change.after for instant in _expiries(change)]
    if due:
        await connection.execute(_SQL["keep"], tenant_id, [uri for uri, _ in due], [instant for _, instant in due])


def _expiries(change: Change) -> list[datetime]:
    attrs = change.after.attrs if change.after else {}
    return [
        datetime.fromisoformat(instance["expiresAt"])
        for name in change.written
        for instance in attrs.get(name, ())
        if "expiresAt" in instance
    ]


async def due(connection: Connection, now: datetime) -> list[Any]:
    """Return tenant, URI and instant of entities with attributes whose time is over, of every tenant."""
    rows: list[Any] = await connection.fetch(_SQL["due"], now)
    return rows


async def next_expiry(connection: Connection, tenant_id: int) -> datetime | None:
    """Return when the next attribute of a tenant expires, or did."""
    instant: datetime | None = await connection.fetchval(_SQL["next_expiry"], tenant_id)
    return instant


async def due_of_tenant(connection: Connection, tenant_id: int, now: datetime) -> list[Any]:
    """Return tenant, URI and instant of one tenant's entities with attributes whose time is over."""
    rows: list[Any] = await connection.fetch(_SQL["due_of_tenant"], tenant_id, now)
    return rows


async def forget(connection: Connection, rows: Iterable[Any]) -> None:
    """Forget what has been collected."""
    await connection.executemany(_SQL["forget"], [(row["tenant_id"], row["uri"], row["expires_at"]) for row in rows])
