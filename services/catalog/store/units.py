"""The publishers' units as rows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.unit import Unit
from services.catalog.store.tables import tenant
from services.catalog.store.version_tables import unit


async def units_of(connection: AsyncConnection, tenant_name: str) -> tuple[Unit, ...]:
    """Return the units of a tenant by their paths."""
    statement = select(unit).join(tenant, tenant.c.tenant_id == unit.c.tenant_id).where(tenant.c.name == tenant_name)
    return tuple(map(_unit, (await connection.execute(statement.order_by(unit.c.path))).mappings()))


async def store_unit(connection: AsyncConnection, tenant_id: int, named: Unit) -> None:
    """Name a unit, or name it anew."""
    values = {"titles": dict(named.titles), "email": named.email}
    statement = insert(unit).values(tenant_id=tenant_id, path=named.path, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "path"], set_=values))


async def remove_unit(connection: AsyncConnection, tenant_id: int, path: str) -> bool:
    """Forget a unit's name; tell whether it had one."""
    result = await connection.execute(delete(unit).where(unit.c.tenant_id == tenant_id, unit.c.path == path))
    return bool(result.rowcount)


def _unit(row: Mapping[str, Any] | Any) -> Unit:
    return Unit(row["path"], row["titles"], row["email"])
