"""What tenants have in a service's schema: rows and bytes of every table that holds rows of tenants.

A table, or a part of one that is divided by time, is read through again only when its rows have changed since:
PostgreSQL counts changes of each. The days of a long history are so read once.
"""

from collections.abc import Mapping
from typing import Final

from services.kernel.metering.kinds import Kind
from services.kernel.postgres import Connection

_ROW_HEADER: Final = 24
_PARTS: Final = """
select
    c.relname as part,
    coalesce(p.relname, c.relname) as table_name,
    coalesce(s.n_tup_ins + s.n_tup_upd + s.n_tup_del, 0) as changes,
    (
        select string_agg(format('coalesce(pg_column_size(%I), 0)', a.attname), ' + ')
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as size
from pg_class c
join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id' and not t.attisdropped
left join pg_inherits i on i.inhrelid = c.oid
left join pg_class p on p.oid = i.inhparent
left join pg_stat_all_tables s on s.relid = c.oid
where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname not in ('tenant', 'usage_part')
"""
_TOTALS: Final = """
select tenant.name as tenant, coalesce(p.relname, u.part) as table_name, sum(u.rows)::bigint as rows,
    sum(u.bytes)::bigint as bytes
from usage_part u
join tenant using (tenant_id)
left join pg_class c on c.relname = u.part and c.relnamespace = current_schema()::regnamespace
left join pg_inherits i on i.inhrelid = c.oid
left join pg_class p on p.oid = i.inhparent
group by 1, 2
"""


async def measure(connection: Connection, tables: Mapping[str, Kind]) -> dict[tuple[str, Kind], int] | None:
    """Return the stocks of every tenant by name and kind, none left out; None while another process measures."""
    lock = "hashtext('usage_part ' || current_schema())"
    if not await connection.fetchval(f"select pg_try_advisory_lock({lock})"):
        return None
    try:
        await _read_changed(connection)
        names = [row["name"] for row in await connection.fetch("select name from tenant")]
        totals = await connection.fetch(_TOTALS)
    finally:
        await connection.execute(f"select pg_advisory_unlock({lock})")
    found: dict[tuple[str, Kind], int] = {
        (name, kind): 0 for name in names for kind in (*tables.values(), "storage_bytes")
    }
    for row in totals:
        tenant = row["tenant"]
        kind = tables.get(row["table_name"])
        if kind is not None:
            found[tenant, kind] = found.get((tenant, kind), 0) + row["rows"]
        found[tenant, "storage_bytes"] = found.get((tenant, "storage_bytes"), 0) + row["bytes"]
    return found


async def _read_changed(connection: Connection) -> None:
    parts = {row["part"]: row for row in await connection.fetch(_PARTS)}
    known = {
        row["part"]: row["changes"]
        for row in await connection.fetch("select part, max(changes) as changes from usage_part group by part")
    }
    gone = [part for part in known if part not in parts]
    if gone:
        await connection.execute("delete from usage_part where part = any ($1)", gone)
    for part, row in parts.items():
        if known.get(part) != row["changes"] or not row["changes"]:
            await _read_through(connection, part, row["size"], row["changes"])


async def _read_through(connection: Connection, part: str, size: str, changes: int) -> None:
    table = '"' + part.replace('"', '""') + '"'
    statement = (
        "insert into usage_part (part, tenant_id, changes, rows, bytes)"  # noqa: S608  # names from the catalogue, quoted
        f" select $1, tenant_id, $2, count(*), sum({_ROW_HEADER} + {size})::bigint from {table}"
        " where tenant_id is not null group by tenant_id"
    )
    async with connection.transaction():
        await connection.execute("delete from usage_part where part = $1", part)
        await connection.execute(statement, part, changes, timeout=None)
