"""Devices in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, Select, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.domain.device import Device
from services.ingest.domain.errors import DeviceNotFound, DuplicateDevice
from services.ingest.domain.liveness import Heard
from services.ingest.store.sessions import is_of_tenant, tenant_id_of, transaction
from services.ingest.store.tables import device, device_group, tenant
from services.ingest.store.versions import lock_apikey, raise_version
from services.kernel.paging import Page
from services.kernel.tenancy.room import require_room, room_for

QUOTA: Final = "devices"
COUNTED: Final = (device, device_group)
"""What counts towards it."""


class DeviceStore:
    """The devices of every tenant. Each change raises the registry's version, in its transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, tenant_id: int, devices: Sequence[Device]) -> None:
        """Store devices, all or none. Raises DuplicateDevice, QuotaReached."""
        async with transaction(self._engine) as connection:
            await require_room(connection, QUOTA, COUNTED, tenant_id, len(devices))
            for each in devices:
                await _refuse_taken(connection, tenant_id, each)
                await connection.execute(insert(device).values(_row(tenant_id, each)))
            await raise_version(connection)

    async def add_unknown(self, devices: Sequence[Device]) -> Sequence[Device]:
        """Store devices that were first seen in a measure; one that another process has stored stays as it is.

        Returns those that their tenants' quotas have no room for.
        """
        left: list[Device] = []
        names = {each.tenant for each in devices}
        async with transaction(self._engine) as connection:
            found = select(tenant.c.name, tenant.c.tenant_id).where(tenant.c.name.in_(names))
            ids = {row.name: row.tenant_id for row in await connection.execute(found)}
            for name, tenant_id in ids.items():
                theirs = [each for each in devices if each.tenant == name]
                room = await room_for(connection, QUOTA, COUNTED, tenant_id)
                left += theirs[room:] if room is not None else []
                rows = [_row(tenant_id, each) for each in theirs[:room]]
                if rows:
                    await connection.execute(upsert(device).on_conflict_do_nothing(), rows)
        return left

    async def list(self, tenant_name: str, path: str, page: Page) -> tuple[int, Sequence[Device]]:
        """Return how many devices a service path has, and one page of them, oldest first."""
        condition = is_of_tenant(device.c.tenant_id, tenant_name) & (device.c.service_path == path)
        query = select_devices().where(condition).order_by(device.c.device_key).limit(page.limit).offset(page.offset)
        async with transaction(self._engine) as connection:
            count = await connection.scalar(select(func.count()).select_from(device).where(condition))
            rows = (await connection.execute(query)).mappings().all()
        return count or 0, [device_of(row) for row in rows]

    async def find(self, tenant_name: str, path: str, device_id: str, apikey: str | None) -> Device:
        """Return a device; without an API key the oldest of that id. Raises DeviceNotFound."""
        condition = is_of_tenant(device.c.tenant_id, tenant_name) & (device.c.service_path == path)
        condition &= device.c.device_id == device_id
        if apikey is not None:
            condition &= device.c.apikey.in_((apikey, ""))
        order = device.c.device_key if apikey is None else device.c.apikey.desc()
        query = select_devices().where(condition).order_by(order).limit(1)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise DeviceNotFound(f"No device was found with id: {device_id}")
        return device_of(row)

    async def update(self, known: Device, changes: Mapping[str, Any]) -> None:
        """Change the named fields of a device and keep the others. Raises DuplicateDevice for another's `apikey`."""
        fields = {name: value for name, value in changes.items() if name != "apikey"}
        apikey = (changes["apikey"] or "") if "apikey" in changes else known.apikey
        changed = device.c.fields.concat(fields)
        values: dict[str, Any] = {"fields": changed, "apikey": apikey, "changed_at": func.now()}
        if "lastMeasure" in changes:
            values |= {"fields": changed.op("-")("lastMeasure"), "last_measure": changes["lastMeasure"] or None}
        async with transaction(self._engine) as connection:
            if apikey != known.apikey:
                tenant_id: int | None = await connection.scalar(tenant_id_of(known.tenant))
                await _refuse_taken(connection, tenant_id or 0, replace(known, apikey=apikey))
            await connection.execute(update(device).where(_this(known)).values(values))
            await raise_version(connection)

    async def note_last(self, heard: Sequence[Heard]) -> None:
        """Store the last measures of devices that are to have them; nothing of how they are provisioned changes."""
        this = (device.c.service_path == bindparam("path")) & (device.c.device_id == bindparam("named"))
        this &= device.c.apikey == bindparam("key")
        this &= (
            device.c.tenant_id == select(tenant.c.tenant_id).where(tenant.c.name == bindparam("of")).scalar_subquery()
        )
        statement = update(device).where(this).values(last_measure=bindparam("measured", type_=JSONB))
        rows = [
            {"of": each.tenant, "path": each.path, "named": each.device_id, "key": each.apikey, "measured": measure}
            for each in heard
            if (measure := each.last_measure) is not None
        ]
        if rows:
            async with transaction(self._engine) as connection:
                await connection.execute(statement, rows)

    async def delete(self, devices: Sequence[Device]) -> None:
        """Remove devices, all or none."""
        async with transaction(self._engine) as connection:
            for each in devices:
                await connection.execute(delete(device).where(_this(each)))
            await raise_version(connection)


async def delete_all(connection: AsyncConnection, tenant_name: str, path: str) -> None:
    """Remove the devices of a service path."""
    condition = is_of_tenant(device.c.tenant_id, tenant_name) & (device.c.service_path == path)
    await connection.execute(delete(device).where(condition))


def select_devices() -> Select[Any]:
    """Select devices with the names of their tenants."""
    return select(device, tenant.c.name.label("tenant")).join_from(device, tenant)


def device_of(row: RowMapping) -> Device:
    """Read a row of `select_devices`."""
    return Device(
        tenant=row["tenant"],
        path=row["service_path"],
        device_id=row["device_id"],
        apikey=row["apikey"],
        fields=row["fields"],
        device_key=row["device_key"],
        last_measure=row["last_measure"],
    )


async def _refuse_taken(connection: AsyncConnection, tenant_id: int, new: Device) -> None:
    """Refuse a device that exists, and another tenant's API key: the measures could not be told apart."""
    same = (device.c.tenant_id == tenant_id) & (device.c.service_path == new.path) & (device.c.apikey == new.apikey)
    taken: ColumnElement[bool] = exists().where((device.c.device_id == new.device_id) & same)
    if new.apikey:
        await lock_apikey(connection, new.apikey)
        taken |= exists().where((device.c.apikey == new.apikey) & (device.c.tenant_id != tenant_id))
        taken |= exists().where((device_group.c.apikey == new.apikey) & (device_group.c.tenant_id != tenant_id))
    if await connection.scalar(select(taken)):
        raise DuplicateDevice(f"A device with id {new.device_id!r} and this API key already exists")


def _this(known: Device) -> ColumnElement[bool]:
    return (device.c.device_key == known.device_key) & is_of_tenant(device.c.tenant_id, known.tenant)


def _row(tenant_id: int, new: Device) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "service_path": new.path,
        "device_id": new.device_id,
        "apikey": new.apikey,
        "fields": dict(new.fields),
    }
