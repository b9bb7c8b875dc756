"""The broker's writer on a real database, for tests below HTTP."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg

from services.broker.domain.attribute import Attributes
from services.broker.domain.entity import Entity
from services.broker.operations.notices import Notices
from services.broker.operations.writer import Writer
from services.broker.store import entities
from services.kernel.app import background
from services.kernel.clock import Clock, system_clock
from services.kernel.postgres import open_pool


@dataclass(frozen=True)
class WriterBench:
    """A running writer, its pool and a tenant to write in."""

    pool: asyncpg.Pool
    writer: Writer
    tenant_id: int

    async def stored(self, uri: str) -> Entity | None:
        """Return the entity stored under an NGSI-LD id, or None."""
        async with self.pool.acquire() as connection:
            found = await entities.stored_under(connection, self.tenant_id, uri, by_uri=True)
        return found[0] if found else None

    async def history(self, uri: str) -> list[tuple[str, object]]:
        """Return what the history tells of an entity: attribute and value, in the order of recording."""
        statement = (
            "select attribute, instance -> 'value' as value from history where tenant_id = $1 and uri = $2"
            " order by recorded_at"
        )
        rows = await self.pool.fetch(statement, self.tenant_id, uri)
        return [(row["attribute"], row["value"]) for row in rows]


@contextlib.asynccontextmanager
async def running_writer(
    database_url: str, *, lanes: int = 2, batch: int = 200, clock: Clock = system_clock
) -> AsyncIterator[WriterBench]:
    """Run a writer on a database for the length of the block."""
    pool = await open_pool(database_url, schema="broker")
    statement = "insert into tenant (name) values ('fukui') on conflict (name) do update set name = 'fukui'"
    tenant_id = await pool.fetchval(statement + " returning tenant_id")
    writer = Writer(pool, Notices(), clock, lanes=lanes, batch=batch)
    try:
        async with background(writer.run()):
            yield WriterBench(pool, writer, tenant_id)
    finally:
        await pool.close()


def gauge(number: int, **values: object) -> Entity:
    """Make a gauge with Property values."""
    attrs: Attributes = {name: [{"kind": "Property", "value": value}] for name, value in values.items()}
    uri = f"urn:ngsi-ld:Gauge:{number}"
    return Entity(id=uri, uri=uri, types=("Gauge",), attrs=attrs)
