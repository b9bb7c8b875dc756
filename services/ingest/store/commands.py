"""Commands in PostgreSQL, until their results come."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.command import Command
from services.ingest.domain.device import Device
from services.ingest.store.devices import device_of, select_devices
from services.ingest.store.sessions import is_of_tenant, tenant_id_of, transaction
from services.ingest.store.tables import command, commanded_entity, device

_LEASE = timedelta(seconds=30)
_MOST_AT_ONCE = 50
_MOST_DEVICES = 1000


class CommandStore:
    """The commands of every tenant: `queued` ones are pushed, `stored` ones fetched, `delivered` ones await results."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find_devices(self, tenant_name: str, entity_id: str | None, kind: str | None = None) -> Sequence[Device]:
        """Return the devices that an entity, or each entity of a type, speaks for."""
        named = [] if entity_id is None else [commanded_entity.c.entity_id == entity_id]
        typed = [] if kind is None else [commanded_entity.c.entity_type == kind]
        query = (
            select_devices()
            .join(commanded_entity, commanded_entity.c.device_key == device.c.device_key)
            .where(is_of_tenant(commanded_entity.c.tenant_id, tenant_name), *named, *typed)
            .order_by(device.c.device_key)
            .limit(_MOST_DEVICES)
        )
        async with transaction(self._engine) as connection:
            return [device_of(row) for row in (await connection.execute(query)).mappings()]

    async def add(
        self, target: Device, values: Mapping[str, Any], state: str, times: tuple[datetime, datetime]
    ) -> None:
        """Store commands of one device, in order; `times` are now, and when they are due (stored ones: expire)."""
        now, due_at = times
        async with transaction(self._engine) as connection:
            for name, value in values.items():
                row = {"device_key": target.device_key, "name": name, "value": value, "state": state}
                row |= {"tenant_id": tenant_id_of(target.tenant).scalar_subquery(), "created_at": now, "due_at": due_at}
                await connection.execute(insert(command).values(row))

    async def claim(self, now: datetime) -> Sequence[tuple[Command, Device]]:
        """Return commands that are to be pushed now, oldest first; another process may have them after 30 s."""
        due = (
            select(command.c.command_id)
            .where(command.c.state == "queued", command.c.due_at <= now)
            .order_by(command.c.command_id)
            .limit(_MOST_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        values = {"due_at": now + _LEASE, "attempts": command.c.attempts + 1}
        claim = update(command).where(command.c.command_id.in_(due)).values(values).returning(command)
        async with transaction(self._engine) as connection:
            rows = list((await connection.execute(claim)).mappings())
            keys = {row["device_key"] for row in rows}
            found = (await connection.execute(select_devices().where(device.c.device_key.in_(keys)))).mappings()
            devices = {row["device_key"]: device_of(row) for row in found}
        return [(_command(row), devices[row["device_key"]]) for row in sorted(rows, key=lambda row: row["command_id"])]

    async def fetch(self, target: Device, expires_at: datetime) -> Sequence[Command]:
        """Return the commands that a device fetches, in order, and note that it has them."""
        mine = (command.c.device_key == target.device_key) & (command.c.state == "stored")
        mine &= is_of_tenant(command.c.tenant_id, target.tenant)
        values = {"state": "delivered", "due_at": expires_at}
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(update(command).where(mine).values(values).returning(command))).mappings()
            return [_command(row) for row in sorted(rows, key=lambda row: row["command_id"])]

    async def note_delivered(self, found: Command, target: Device, expires_at: datetime) -> None:
        """Note that a device has a command, and await its result until then."""
        this = (command.c.command_id == found.command_id) & is_of_tenant(command.c.tenant_id, target.tenant)
        async with transaction(self._engine) as connection:
            await connection.execute(update(command).where(this).values(state="delivered", due_at=expires_at))

    async def settle(self, place: tuple[str, str], device_id: str, names: Sequence[str]) -> None:
        """Forget the commands of these names that a device, in a tenant and service path, has sent the results of."""
        tenant, path = place
        keys = select(device.c.device_key).where(device.c.device_id == device_id, device.c.service_path == path)
        keys = keys.where(is_of_tenant(device.c.tenant_id, tenant))
        mine = command.c.device_key.in_(keys) & command.c.name.in_(names)
        mine &= is_of_tenant(command.c.tenant_id, tenant)
        begun = (command.c.state != "queued") | (command.c.attempts > 0)
        async with transaction(self._engine) as connection:
            await connection.execute(delete(command).where(mine, begun))

    async def remove(self, found: Command, target: Device) -> None:
        """Forget one command."""
        this = (command.c.command_id == found.command_id) & is_of_tenant(command.c.tenant_id, target.tenant)
        async with transaction(self._engine) as connection:
            await connection.execute(delete(command).where(this))

    async def take_expired(self, now: datetime) -> Sequence[tuple[Command, Device]]:
        """Remove and return the commands for which no device has come, or no result, in time."""
        late = select(command.c.command_id).where(command.c.state != "queued", command.c.due_at <= now)
        late = late.order_by(command.c.command_id).limit(_MOST_AT_ONCE).with_for_update(skip_locked=True)
        async with transaction(self._engine) as connection:
            gone = delete(command).where(command.c.command_id.in_(late)).returning(command)
            rows = list((await connection.execute(gone)).mappings())
            keys = {row["device_key"] for row in rows}
            found = (await connection.execute(select_devices().where(device.c.device_key.in_(keys)))).mappings()
            devices = {row["device_key"]: device_of(row) for row in found}
        return [(_command(row), devices[row["device_key"]]) for row in rows]


def _command(row: RowMapping) -> Command:
    return Command(row["command_id"], row["device_key"], row["name"], row["value"], row["attempts"], row["created_at"])
