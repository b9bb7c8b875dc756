"""Data maps kept and read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.datamap.data_map import DataMap
from services.catalog.store.data_map_tables import data_map

_LATEST = data_map.c.map_id.desc()


@dataclass(frozen=True, slots=True)
class KeptMap:
    """A data map that was drawn: when, by whom, and what it says."""

    map_id: int
    made_at: datetime
    made_by: str
    content: DataMap


async def keep(connection: AsyncConnection, tenant_id: int, made: tuple[datetime, str], content: DataMap) -> KeptMap:
    """Keep a map; `made`: when and by whom."""
    values = {"tenant_id": tenant_id, "made_at": made[0], "made_by": made[1], "document": content.document}
    map_id = await connection.scalar(insert(data_map).values(values).returning(data_map.c.map_id))
    return KeptMap(int(map_id or 0), *made, content)


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


def _first(row: Any) -> KeptMap | None:
    return None if row is None else _kept(row)


def _kept(row: Any) -> KeptMap:
    return KeptMap(row["map_id"], row["made_at"], row["made_by"], DataMap.of(row["document"]))
