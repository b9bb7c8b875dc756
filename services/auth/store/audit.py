"""Audit records in the database."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, desc, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.store.tables import audit_record
from services.kernel.audit.chain import AuditRecord
from services.kernel.clock import from_iso
from services.kernel.paging import Page


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which records are searched for; None: whichever."""

    tenant: str | None = None
    actor: str | None = None
    action: str | None = None
    status: int | None = None
    since: datetime | None = None
    until: datetime | None = None


async def append(connection: AsyncConnection, records: Sequence[AuditRecord]) -> None:
    """Write records."""
    await connection.execute(audit_record.insert(), [_values(record) for record in records])


async def last_of(connection: AsyncConnection, segment: str) -> tuple[int, str]:
    """Return number and hash of a segment's last record, 0 and empty where there is none; locks the segment."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"audit segment {segment}"))))
    columns = audit_record.c.number, audit_record.c.document["hash"].astext
    statement = select(*columns).where(audit_record.c.segment == segment).order_by(desc(audit_record.c.number))
    row = (await connection.execute(statement.limit(1))).one_or_none()
    return (0, "") if row is None else (int(row[0]), str(row[1]))


async def heads(connection: AsyncConnection) -> dict[str, str]:
    """Return the last hash of each segment."""
    statement = text(
        "select distinct on (segment) segment, document ->> 'hash' as hash from audit_record"
        " order by segment, number desc"
    )
    return {row.segment: row.hash for row in await connection.execute(statement)}


async def search(connection: AsyncConnection, wanted: AuditFilter, part: Page) -> list[Mapping[str, Any]]:
    """Return one page of records as they are exported, the latest first."""
    statement = select(audit_record.c.document).where(*_conditions(wanted))
    ordered = statement.order_by(desc(audit_record.c.at), audit_record.c.segment, desc(audit_record.c.number))
    return list(await connection.scalars(ordered.limit(part.limit).offset(part.offset)))


async def everything(connection: AsyncConnection, tenant: str | None = None) -> AsyncIterator[Mapping[str, Any]]:
    """Yield all records, or a tenant's, as they are exported, by segment and number."""
    statement = select(audit_record.c.document).order_by(audit_record.c.segment, audit_record.c.number)
    if tenant is not None:
        statement = statement.where(audit_record.c.tenant == tenant)
    async for document in await connection.stream_scalars(statement):
        yield document


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    columns = audit_record.c
    equal = {"tenant": wanted.tenant, "actor": wanted.actor, "action": wanted.action, "status": wanted.status}
    conditions = [columns[name] == value for name, value in equal.items() if value is not None]
    if wanted.since is not None:
        conditions.append(columns.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(columns.at < wanted.until)
    return conditions


def _values(record: AuditRecord) -> dict[str, Any]:
    act = record.act
    shown = {"actor": act.actor, "action": act.action, "tenant": act.tenant, "status": act.status}
    place = {"segment": record.segment, "number": record.number, "at": from_iso(act.at)}
    return {**place, **shown, "document": record.document}
