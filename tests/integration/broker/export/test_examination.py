"""Examining types: the dear ones seldom, and never without end."""

from dataclasses import replace
from pathlib import Path

from services.broker.main import create_api
from services.broker.operations.broker import Broker
from services.broker.operations.type_statistics import examine_due
from services.broker.settings import BrokerSettings
from services.broker.store import type_statistics as store
from services.kernel.clock import system_clock
from services.kernel.postgres import open_pool

_ENTITY = """
insert into entity (tenant_id, id, type, uri, attrs, created_at, modified_at)
select $1, 'urn:x:' || n, 'https://e.jp/Gauge', 'urn:x:' || n, '{}', now(), now() from generate_series(1, 20000) n
"""


async def test_a_type_that_takes_too_long_is_left_alone_for_a_while(database_url: str, tmp_path: Path) -> None:
    settings = BrokerSettings(database_url=database_url, data_dir=tmp_path, auth_url="http://127.0.0.1:9")
    api = create_api(settings)
    async with api.router.lifespan_context(api):
        broker: Broker = api.state.broker
        tenant = await broker.tenants.find_or_create("")
        await broker.pool.execute(_ENTITY, tenant.tenant_id)
        hasty = await open_pool(database_url, schema="broker", size=1, session_settings={"statement_timeout": "1ms"})
        async with broker.pool.acquire() as connection:
            await store.touch(connection, [(tenant.tenant_id, "https://e.jp/Gauge", system_clock())])
        async with broker.pool.acquire() as connection:
            await connection.execute("update type_statistics set examined_at = null")
        await examine_due(replace(broker, query_pool=hasty))
        async with broker.pool.acquire() as connection:
            assert await store.due(connection) == []
            known = (await store.of_tenant(connection, tenant.tenant_id))["https://e.jp/Gauge"]
        await hasty.close()
    assert (known.bounds, dict(known.attributes)) == (None, {})
