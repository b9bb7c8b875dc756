"""The entities a broker benchmark runs on, written straight into the table."""

import asyncpg

_VOCABULARY = "https://uri.etsi.org/ngsi-ld/default-context/"
_GAUGES = f"""
insert into entity (tenant_id, id, type, uri, attrs, created_at, modified_at)
select $1, uri, '{_VOCABULARY}Gauge', uri,
    jsonb_build_object(
        '{_VOCABULARY}level', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', n)),
        '{_VOCABULARY}flow', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', n)),
        '{_VOCABULARY}name', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', '観測所 ' || n))
    ), now(), now()
from (select n, 'urn:ngsi-ld:Gauge:' || n as uri from generate_series(0, $2::integer - 1) as n) as numbered
"""
_MANY = f"""
insert into entity (tenant_id, id, type, uri, attrs, created_at, modified_at)
select $1, uri, '{_VOCABULARY}Many', uri,
    jsonb_build_object(
        '{_VOCABULARY}level', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', n % 100)),
        '{_VOCABULARY}serial', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', n)),
        '{_VOCABULARY}name', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', '観測所 ' || n))
    ), now(), now()
from (select n, 'urn:ngsi-ld:Many:' || n as uri from generate_series(0, $2::integer - 1) as n) as numbered
"""


async def load(url: str, *, gauges: int, many: int) -> None:
    """Create the default tenant, entities to read and write, and many to query."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "broker"}, timeout=60)
    try:
        statement = "insert into tenant (name) values ('') on conflict do nothing"
        await connection.execute(statement)
        tenant_id = await connection.fetchval("select tenant_id from tenant where name = ''")
        await connection.execute("select make_history_partitions(1)")
        await connection.execute(_GAUGES, tenant_id, gauges)
        await connection.execute(_MANY, tenant_id, many, timeout=600)
        await connection.execute("vacuum analyze entity", timeout=600)
    finally:
        await connection.close()
