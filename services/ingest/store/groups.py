"""Configuration groups in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.domain.device import GROUP_KEYS, Group
from services.ingest.domain.errors import DuplicateGroup
from services.ingest.store.devices import COUNTED, QUOTA, delete_all
from services.ingest.store.sessions import is_of_tenant, tenant_id_of, transaction
from services.ingest.store.tables import device, device_group, tenant
from services.ingest.store.versions import lock_apikey, raise_version
from services.kernel.paging import Page
from services.kernel.tenancy.room import require_room


class GroupStore:
    """The groups of every tenant. Each change raises the registry's version, in its transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, tenant_id: int, groups: Sequence[Group]) -> None:
        """Store groups, all or none. Raises DuplicateGroup, QuotaReached.

        An API key belongs to one tenant: measures name nothing else, so another tenant's use is a duplicate too.
        """
        async with transaction(self._engine) as connection:
            await require_room(connection, QUOTA, COUNTED, tenant_id, len(groups))
            for each in groups:
                await _refuse_taken(connection, tenant_id, each)
                await connection.execute(insert(device_group).values(_row(tenant_id, each)))
            await raise_version(connection)

    async def list(self, tenant_name: str, path: str | None, page: Page) -> tuple[int, Sequence[Group]]:
        """Return how many groups a service path (none: any) has, and one page of them, oldest first."""
        condition = is_of_tenant(device_group.c.tenant_id, tenant_name)
        if path is not None:
            condition &= device_group.c.service_path == path
        query = _select().where(condition).order_by(device_group.c.group_id).limit(page.limit).offset(page.offset)
        async with transaction(self._engine) as connection:
            count = await connection.scalar(select(func.count()).select_from(device_group).where(condition))
            rows = (await connection.execute(query)).mappings().all()
        return count or 0, [_group(row) for row in rows]

    async def find(self, tenant_name: str, resource: str, apikey: str) -> Group | None:
        """Return one group of a tenant."""
        named = (device_group.c.resource == resource) & (device_group.c.apikey == apikey)
        query = _select().where(named & is_of_tenant(device_group.c.tenant_id, tenant_name))
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).mappings().first()
        return _group(row) if row is not None else None

    async def find_in(self, tenant_name: str, path: str) -> Sequence[Group]:
        """Return the groups of a service path, oldest first."""
        inside = is_of_tenant(device_group.c.tenant_id, tenant_name) & (device_group.c.service_path == path)
        async with transaction(self._engine) as connection:
            rows = (
                (await connection.execute(_select().where(inside).order_by(device_group.c.group_id))).mappings().all()
            )
        return [_group(row) for row in rows]

    async def update(self, group: Group, changes: Mapping[str, Any]) -> None:
        """Change the named fields of a group and keep the others. Raises DuplicateGroup for another's key."""
        fields = {name: value for name, value in changes.items() if name not in GROUP_KEYS}
        keys = {name: changes[name] for name in GROUP_KEYS if changes.get(name) is not None}
        renamed = replace(group, **keys)
        statement = (
            update(device_group)
            .where(device_group.c.group_id == group.group_id, is_of_tenant(device_group.c.tenant_id, group.tenant))
            .values(fields=device_group.c.fields.concat(fields), changed_at=func.now(), **keys)
        )
        async with transaction(self._engine) as connection:
            if renamed != group:
                tenant_id: int | None = await connection.scalar(tenant_id_of(group.tenant))
                await _refuse_taken(connection, tenant_id or 0, renamed)
            await connection.execute(statement)
            await raise_version(connection)

    async def delete(self, group: Group, *, with_devices: bool) -> None:
        """Remove a group, and the devices of its service path where asked for."""
        this = (device_group.c.group_id == group.group_id) & is_of_tenant(device_group.c.tenant_id, group.tenant)
        async with transaction(self._engine) as connection:
            await connection.execute(delete(device_group).where(this))
            if with_devices:
                await delete_all(connection, group.tenant, group.path)
            await raise_version(connection)

    async def find_by_apikeys(self, apikeys: Sequence[str]) -> Sequence[Group]:
        """Return the groups of API keys, whichever tenant's, oldest first."""
        query = _select().where(device_group.c.apikey.in_(apikeys)).order_by(device_group.c.group_id)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_group(row) for row in rows]


async def _refuse_taken(connection: AsyncConnection, tenant_id: int, group: Group) -> None:
    """Refuse a resource and API key that another group has, and another tenant's API key. Raises DuplicateGroup."""
    other = device_group.c.group_id != group.group_id
    same = (device_group.c.tenant_id == tenant_id) & (device_group.c.resource == group.resource)
    taken: ColumnElement[bool] = exists().where(same & other & (device_group.c.apikey == group.apikey))
    await lock_apikey(connection, group.apikey)
    if group.apikey:
        foreign = (device_group.c.apikey == group.apikey) & (device_group.c.tenant_id != tenant_id)
        taken |= exists().where(foreign)
        taken |= exists().where((device.c.apikey == group.apikey) & (device.c.tenant_id != tenant_id))
    if await connection.scalar(select(taken)):
        words = f"A group with resource {group.resource!r} and API key {group.apikey!r} already exists"
        raise DuplicateGroup(words)


def _select() -> Select[Any]:
    return select(device_group, tenant.c.name.label("tenant")).join_from(device_group, tenant)


def _row(tenant_id: int, group: Group) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "service_path": group.path,
        "resource": group.resource,
        "apikey": group.apikey,
        "fields": dict(group.fields),
    }


def _group(row: RowMapping) -> Group:
    return Group(row["tenant"], row["service_path"], row["resource"], row["apikey"], row["fields"], row["group_id"])
