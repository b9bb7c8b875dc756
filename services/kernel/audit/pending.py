"""Audit records and counts of access in a service's schema."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from services.kernel.audit.chain import AuditRecord
from services.kernel.audit.trail import AccessKey
from services.kernel.metering.tally import FRESH
from services.kernel.postgres import Connection

MOST_HANDED_OVER: Final = 500
_COUNT: Final = (
    FRESH
    + """insert into access_tally (hour, tenant, client, access, type, amount)
select $3, v.* from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
    as v (tenant, client, access, type, amount)
where exists (select from fresh)
order by 2, 3, 4, 5
on conflict (hour, tenant, client, access, type) do update set amount = access_tally.amount + excluded.amount
"""
)


async def put(connection: Connection, records: Sequence[AuditRecord]) -> None:
    """Write chained records; those that are there already stay as they are."""
    rows = [(record.segment, record.number, record.document) for record in records]
    statement = "insert into audit_pending (segment, number, document) values ($1, $2, $3) on conflict do nothing"
    await connection.executemany(statement, rows)


async def count(
    connection: Connection, process: uuid.UUID, number: int, hour: datetime, access: Mapping[AccessKey, int]
) -> None:
    """Add to an hour's counts of access; with a number that was counted before, nothing happens."""
    columns = (list(column) for column in zip(*access, strict=True))
    await connection.execute(_COUNT, process, number, hour, *columns, list(access.values()))


async def take_hours(connection: Connection, before: datetime) -> list[tuple[datetime, AccessKey, int]]:
    """Delete the counts of hours that are over and return them."""
    statement = "delete from access_tally where hour < $1 returning hour, tenant, client, access, type, amount"
    rows = await connection.fetch(statement, before)
    return sorted(
        (row["hour"], (row["tenant"], row["client"], row["access"], row["type"]), row["amount"]) for row in rows
    )


async def segments(connection: Connection) -> list[str]:
    """Return the segments with records that auth does not have."""
    return [row["segment"] for row in await connection.fetch("select distinct segment from audit_pending order by 1")]


async def records(connection: Connection, segment: str) -> list[dict[str, Any]]:
    """Return the first records of a segment that auth does not have."""
    statement = "select document from audit_pending where segment = $1 order by number limit $2"
    return [row["document"] for row in await connection.fetch(statement, segment, MOST_HANDED_OVER)]


async def forget(connection: Connection, segment: str, number: int) -> None:
    """Delete the records of a segment up to one that auth has."""
    await connection.execute("delete from audit_pending where segment = $1 and number <= $2", segment, number)
