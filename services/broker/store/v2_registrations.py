"""NGSIv2 registrations to rows and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from services.broker.domain.v2_registration import V2Registration
from services.kernel.paging import Page
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL: Final = load_statements("services.broker.store", "sql/v2_registrations.sql")


def _from_row(row: Mapping[str, Any]) -> V2Registration:
    return V2Registration(
        id=row["id"],
        path=row["path"],
        document=row["document"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        times_sent=row["times_sent"],
        last_forwarding=row["last_forwarding"],
        last_success=row["last_success"],
        last_failure=row["last_failure"],
    )


async def insert(connection: Connection, tenant_id: int, registration: V2Registration) -> None:
    """Store a new registration."""
    await connection.execute(
        _SQL["insert"],
        tenant_id,
        registration.id,
        registration.path,
        registration.document,
        registration.created_at,
        registration.expires_at,
    )


async def retrieve(connection: Connection, tenant_id: int, identifier: str) -> V2Registration | None:
    """Return a registration, or None."""
    row = await connection.fetchrow(_SQL["retrieve"], tenant_id, identifier)
    return None if row is None else _from_row(row)


async def find(connection: Connection, tenant_id: int, path: str | None, page: Page) -> list[V2Registration]:
    """Return a page of registrations in order of creation; with a path, those made with exactly this one."""
    rows = await connection.fetch(_SQL["find"], tenant_id, path, page.limit, page.offset)
    return [_from_row(row) for row in rows]


async def count(connection: Connection, tenant_id: int, path: str | None) -> int:
    """Count registrations."""
    return int(await connection.fetchval(_SQL["count"], tenant_id, path))


async def living(connection: Connection, tenant_id: int, now: datetime) -> list[V2Registration]:
    """Return the registrations that have not expired, in order of creation."""
    return [_from_row(row) for row in await connection.fetch(_SQL["living"], tenant_id, now)]


async def delete(connection: Connection, tenant_id: int, identifier: str) -> bool:
    """Delete a registration and tell whether it was there."""
    return await connection.fetchval(_SQL["delete"], tenant_id, identifier) is not None


async def note(connection: Connection, tenant_id: int, identifier: str, now: datetime, *, success: bool) -> None:
    """Keep what became of one forwarding."""
    await connection.execute(_SQL["note_success" if success else "note_failure"], tenant_id, identifier, now)
