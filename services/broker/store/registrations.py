"""Context source registrations to rows and back (5.9)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from services.broker.domain.registration import Registration, RegistrationStatus
from services.kernel.errors import AlreadyExists
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL: Final = load_statements("services.broker.store", "sql/registrations.sql")


def _from_row(row: Mapping[str, Any]) -> Registration:
    return Registration(
        id=row["id"],
        document=row["document"],
        context=row["context"],
        created_at=row["created_at"],
        modified_at=row["modified_at"],
        status=RegistrationStatus(row["times_sent"], row["times_failed"], row["last_success"], row["last_failure"]),
        fiware=row["fiware"],
    )


async def lock_tenant(connection: Connection, tenant_id: int) -> None:
    """Let changes of a tenant's registrations follow one another until the transaction ends."""
    await connection.execute(_SQL["lock_tenant"], tenant_id)


async def insert(connection: Connection, tenant_id: int, registration: Registration) -> None:
    """Store a new registration. Raises AlreadyExists."""
    stored = await connection.fetchval(
        _SQL["insert"],
        tenant_id,
        registration.id,
        registration.mode,
        registration.document,
        registration.context,
        registration.fiware,
        registration.created_at,
        registration.expires_at,
    )
    if stored is None:
        raise AlreadyExists(f"Registration {registration.id} already exists", id=registration.id)


async def retrieve(connection: Connection, tenant_id: int, identifier: str, now: datetime) -> Registration | None:
    """Return a registration that has not expired, or None."""
    row = await connection.fetchrow(_SQL["retrieve"], tenant_id, identifier, now)
    return None if row is None else _from_row(row)


async def living(connection: Connection, tenant_id: int, now: datetime) -> list[Registration]:
    """Return the registrations that have not expired, in order of creation."""
    return [_from_row(row) for row in await connection.fetch(_SQL["living"], tenant_id, now)]


async def replace(connection: Connection, tenant_id: int, registration: Registration) -> None:
    """Write over a registration."""
    await connection.execute(
        _SQL["replace"],
        tenant_id,
        registration.id,
        registration.mode,
        registration.document,
        registration.context,
        registration.modified_at,
        registration.expires_at,
    )


async def delete(connection: Connection, tenant_id: int, identifier: str) -> bool:
    """Delete a registration and tell whether it was there."""
    return await connection.fetchval(_SQL["delete"], tenant_id, identifier) is not None


async def delete_expired(connection: Connection, now: datetime) -> None:
    """Delete the registrations whose time is over."""
    await connection.execute(_SQL["delete_expired"], now)


async def note(connection: Connection, tenant_id: int, identifier: str, now: datetime, *, success: bool) -> None:
    """Keep what became of one forwarded request."""
    await connection.execute(_SQL["note_success" if success else "note_failure"], tenant_id, identifier, now)
