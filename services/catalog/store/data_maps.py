"""Data maps kept and read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.datamap.data_map import DataMap
from services.catalog.store.data_map_tables import data_map
from services.catalog.store.tables import tenant

_LATEST = data_map.c.map_id.desc()


@dataclass(frozen=True, slots=True)
class KeptMap:
    """A data map that was drawn: when, by whom, what it says, and when nothing else was found for the last time."""

    map_id: int
    made_at: datetime
    made_by: str
    content: DataMap
    confirmed_at: datetime


async def keep(connection: AsyncConnection, tenant_id: int, made: tuple[datetime, str], content: DataMap) -> KeptMap:
    """Keep a map; `made`: when and by whom."""
    values = {"tenant_id": tenant_id, "made_at": made[0], "made_by": made[1], "document": content.document}
    values["confirmed_at"] = made[0]
    map_id = await connection.scalar(insert(data_map).values(values).returning(data_map.c.map_id))
    return KeptMap(int(map_id or 0), *made, content, made[0])


async def list_kept(connection: AsyncConnection, tenant_id: int, limit: int) -> list[KeptMap]:
    """Return a tenant's maps, the latest first."""
    statement = select(data_map).where(data_map.c.tenant_id == tenant_id).order_by(_LATEST).limit(limit)
    return [_kept(row) for row in (await connection.execute(statement)).mappings()]


async def find_kept(connection: AsyncConnection, tenant_id: int, map_id: int | None) -> KeptMap | None:
    """Return one of a tenant's maps; None: its latest."""
    statement = select(data_map).where(data_map.c.tenant_id == tenant_id).order_by(_LATEST).limit(1)
    if map_id is not None:
        statement = statement.where(data_map.c.map_id == map_id)
    return _first((await connection.execute(statement)).mappings().first())


async def find_at(connection: AsyncConnection, tenant_id: int, instant: datetime) -> KeptMap | None:
    """Return the latest of a tenant's maps that was made by an instant."""
    own = data_map.c.tenant_id == tenant_id
    statement = select(data_map).where(own, data_map.c.made_at <= instant).order_by(_LATEST).limit(1)
    return _first((await connection.execute(statement)).mappings().first())


async def confirm(connection: AsyncConnection, tenant_id: int, map_id: int, now: datetime) -> None:
    """Note that a map still holds."""
    own = and_(data_map.c.tenant_id == tenant_id, data_map.c.map_id == map_id)
    await connection.execute(update(data_map).where(own).values(confirmed_at=now))


async def due_tenants(connection: AsyncConnection, before: datetime) -> list[str]:
    """Return the tenants in use whose last map was drawn or confirmed before an instant, or that have none."""
    own = data_map.c.tenant_id == tenant.c.tenant_id
    last = select(func.max(data_map.c.confirmed_at)).where(own).scalar_subquery()
    due = select(tenant.c.name).where(tenant.c.status == "active", or_(last.is_(None), last < before))
    return list(await connection.scalars(due.order_by(tenant.c.name)))


async def forget(connection: AsyncConnection, before: datetime) -> int:
    """Delete maps that another one had replaced by an instant; return how many."""
    later = data_map.alias()
    same_tenant = later.c.tenant_id == data_map.c.tenant_id
    replaced = exists().where(same_tenant, later.c.map_id > data_map.c.map_id, later.c.made_at <= before)
    return int((await connection.execute(delete(data_map).where(replaced))).rowcount)


def _first(row: Any) -> KeptMap | None:
    return None if row is None else _kept(row)


def _kept(row: Any) -> KeptMap:
    content = DataMap.of(row["document"])
    return KeptMap(row["map_id"], row["made_at"], row["made_by"], content, row["confirmed_at"])
