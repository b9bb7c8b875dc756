"""What the registry's cache asks: has provisioning changed, and who are these devices."""

from collections.abc import Collection, Sequence

import asyncpg
from sqlalchemy import tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.arrival import Key
from services.ingest.domain.device import Device
from services.ingest.store.devices import device_of, select_devices
from services.ingest.store.sessions import transaction
from services.ingest.store.tables import device
from services.ingest.store.versions import raise_version
from services.kernel.postgres import session


class RegistryStore:
    """Reads devices by what their measures name."""

    def __init__(self, engine: AsyncEngine, pool: asyncpg.Pool) -> None:
        self._engine = engine
        self._pool = pool

    async def version(self) -> int:
        """Return the number that every change of groups and devices raises."""
        async with session(self._pool) as connection:  # asked for every batch: SQLAlchemy takes three round trips
            return int(await connection.fetchval("select version from registry_version") or 0)

    async def mark(self) -> tuple[int, int]:
        """Return what changes with every change of provisioning, and with every device that registers itself."""
        async with session(self._pool) as connection:
            statement = "select version, (select max(device_key) from device) from registry_version"
            row = await connection.fetchrow(statement)
        return (int(row[0]), int(row[1] or 0)) if row else (0, 0)

    async def forget(self) -> None:
        """Let every replica look up its devices anew: some have gone with their tenant."""
        async with transaction(self._engine) as connection:
            await raise_version(connection)

    async def find_by_keys(self, keys: Collection[Key]) -> Sequence[Device]:
        """Return the devices with these ids whose API key is the given one or that of their group."""
        named = [(device_id, apikey) for key, device_id in keys for apikey in (key, "")]
        query = select_devices().where(tuple_(device.c.device_id, device.c.apikey).in_(named))
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [device_of(row) for row in rows]
