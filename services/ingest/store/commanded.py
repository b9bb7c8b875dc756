"""The entities of which the broker forwards something here: what is registered there, and what should be."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, or_, select, text
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.device import Device
from services.ingest.store.configuration_tables import configuration_subscription
from services.ingest.store.devices import device_of, select_devices
from services.ingest.store.sessions import is_of_tenant, tenant_id_of, transaction
from services.ingest.store.tables import commanded_entity, device, device_group, tenant

_LOCK = text("select pg_try_advisory_xact_lock(4041, 2)")
_OFFERED = array(["commands", "lazy"])


@dataclass(frozen=True, slots=True)
class CommandedEntity:
    """An entity that speaks for a device; `registrations` are the broker's ids of what forwards it, by API."""

    device_key: int
    tenant: str
    path: str
    entity_id: str
    entity_type: str
    digest: str
    registrations: Mapping[str, str]


class CommandedStore:
    """The registered entities of every tenant."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        """Tell whether this process may change registrations for the length of the block: one at a time may."""
        async with transaction(self._engine) as connection:
            yield bool(await connection.scalar(_LOCK))

    async def devices(self) -> Sequence[Device]:
        """Return the devices that have commands or lazy attributes, their own or those of a group in their path.

        And those that are to be told of changes.
        """
        same = (device_group.c.tenant_id == device.c.tenant_id) & (device_group.c.service_path == device.c.service_path)
        shared = exists().where(same, device_group.c.fields.has_any(_OFFERED))
        told = exists().where(configuration_subscription.c.device_key == device.c.device_key)
        offered = or_(device.c.fields.has_any(_OFFERED), shared, told)
        query = select_devices().where(offered).order_by(device.c.device_key)
        async with transaction(self._engine) as connection:
            return [device_of(row) for row in (await connection.execute(query)).mappings()]

    async def list(self) -> Sequence[CommandedEntity]:
        """Return what is registered."""
        query = select(commanded_entity, tenant.c.name.label("tenant")).join_from(commanded_entity, tenant)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [
            CommandedEntity(
                device_key=row["device_key"],
                tenant=row["tenant"],
                path=row["service_path"],
                entity_id=row["entity_id"],
                entity_type=row["entity_type"],
                digest=row["digest"],
                registrations=row["registrations"],
            )
            for row in rows
        ]

    async def keep(self, entity: CommandedEntity) -> None:
        """Store what is registered for a device."""
        row: dict[str, Any] = {
            "device_key": entity.device_key,
            "tenant_id": tenant_id_of(entity.tenant).scalar_subquery(),
            "service_path": entity.path,
            "entity_id": entity.entity_id,
            "entity_type": entity.entity_type,
            "digest": entity.digest,
            "registrations": dict(entity.registrations),
        }
        changed = {name: value for name, value in row.items() if name != "device_key"}
        statement = (
            upsert(commanded_entity).values(row).on_conflict_do_update(index_elements=["device_key"], set_=changed)
        )
        async with transaction(self._engine) as connection:
            await connection.execute(statement)

    async def forget(self, entity: CommandedEntity) -> None:
        """Forget what was registered for a device."""
        this = (commanded_entity.c.device_key == entity.device_key) & is_of_tenant(
            commanded_entity.c.tenant_id, entity.tenant
        )
        async with transaction(self._engine) as connection:
            await connection.execute(delete(commanded_entity).where(this))
