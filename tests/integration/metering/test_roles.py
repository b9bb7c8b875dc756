"""The context broker's own role measures what tenants have, also in parts of the history that are made later."""

import asyncpg
import pytest

from services.kernel.metering import Ledger, Meter
from services.kernel.migrations import grant_role
from services.kernel.postgres import open_pool

PASSWORD = "a-password-of-this-test"


@pytest.mark.xdist_group("roles")  # roles belong to the whole server
async def test_the_history_of_every_day_is_measured_with_the_services_own_role(database_url: str) -> None:
    await grant_role(database_url, "broker", PASSWORD)
    owner = await asyncpg.connect(database_url, server_settings={"search_path": "broker"})
    host = database_url.rpartition("@")[2]
    pool = await open_pool(f"postgresql://hiroba_broker:{PASSWORD}@{host}", schema="broker", size=1)
    try:
        await owner.execute("select make_history_partitions(1)")
        await owner.execute("insert into tenant (name) values ('a')")
        await owner.execute(
            "insert into history (tenant_id, uri, attribute, recorded_at, seq, change)"
            " select tenant_id, 'u', 'x', now() + n * interval '1 day', 1, '' from tenant, generate_series(0, 2) n"
        )
        await owner.execute("select pg_stat_force_next_flush()")
        await owner.fetchval("select 1")
        assert await Ledger(pool, Meter(), {"history": "history_rows"}).measure()
        statement = "select amount from usage_tally where tenant = 'a' and kind = 'history_rows'"
        assert await owner.fetchval(statement) == 3
    finally:
        await pool.close()
        await owner.close()
