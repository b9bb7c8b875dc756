"""All that a service keeps of one tenant, whatever the tables: counted, read out, deleted.

A table belongs to a tenant's data if it has a column `tenant_id`; tables without one hang on those by a foreign key
that cascades. So a new table is exported and deleted without anybody thinking of it.
"""

from collections.abc import AsyncIterator

import asyncpg
import orjson

from services.kernel.postgres import Connection, session

_BATCH = 5000
_TABLES = """
select c.relname as name, c.relkind = 'p' as is_partitioned
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  and c.relname not in ('tenant', 'usage_part')
order by (select count(*) from pg_constraint f where f.confrelid = c.oid and f.contype = 'f'), c.relname
"""
"""Tables that others refer to come last, so that their rows can go; what was measured of a tenant is no row of it."""


async def tables(connection: Connection) -> list[tuple[str, bool]]:
    """Return the tables that hold tenants' rows, quoted, and whether each is partitioned."""
    rows = await connection.fetch(_TABLES)
    return [('"' + row["name"].replace('"', '""') + '"', row["is_partitioned"]) for row in rows]


async def purge(pool: asyncpg.Pool, tenant_id: int) -> int:
    """Delete every row of a tenant, in batches, and return how many there were. Safe to repeat."""
    deleted = 0
    async with session(pool) as connection:
        for table, is_partitioned in await tables(connection):
            deleted += await _empty(connection, table, tenant_id, whole=is_partitioned)
    return deleted


async def _empty(connection: Connection, table: str, tenant_id: int, *, whole: bool) -> int:
    which = "tenant_id = $1"
    if not whole:  # a ctid names a row of one table, not of a partitioned one
        which = f"ctid = any(array(select ctid from {table} where tenant_id = $1 limit {_BATCH}))"  # noqa: S608
    deleted = 0
    while True:
        done = await connection.execute(f"delete from {table} where {which}", tenant_id, timeout=None)  # noqa: S608
        count = int(done.rpartition(" ")[2])
        deleted += count
        if whole or count < _BATCH:
            return deleted


async def export(pool: asyncpg.Pool, tenant_id: int) -> AsyncIterator[bytes]:
    """Yield every row of a tenant as a line of JSON, `{"table": …, "row": {…}}`, all as of one instant."""
    async with session(pool) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        for table, _ in await tables(connection):
            name = table.strip('"')
            statement = f"select to_jsonb(t) as row from {table} t where tenant_id = $1"  # noqa: S608  # a name from the catalogue, quoted
            lines: list[bytes] = []
            async for found in connection.cursor(statement, tenant_id, prefetch=500):
                lines.append(orjson.dumps({"table": name, "row": found["row"]}) + b"\n")
                if len(lines) == _BATCH:
                    yield b"".join(lines)
                    lines = []
            if lines:
                yield b"".join(lines)
