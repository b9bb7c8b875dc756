"""How tenants end, in the database: what the services confirm, and the tombstones that stay."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.tenant import Confirmation, Tombstone
from services.auth.store import tenants
from services.auth.store.tables import tenant, tenant_deletion, tombstone


async def confirm(connection: AsyncConnection, name: str, confirmation: Confirmation) -> None:
    """Write a service's confirmation; a repeated one adds the rows that it found since."""
    statement = insert(tenant_deletion).values(name=name, **asdict(confirmation))
    total = tenant_deletion.c.rows + statement.excluded.rows
    updated = {"rows": total, "confirmed_at": statement.excluded.confirmed_at}
    keys = [tenant_deletion.c.name, tenant_deletion.c.service]
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=updated))


async def confirmations(connection: AsyncConnection, name: str) -> list[Confirmation]:
    """Return what the services have confirmed, by service."""
    columns = (tenant_deletion.c.service, tenant_deletion.c.rows, tenant_deletion.c.confirmed_at)
    statement = select(*columns).where(tenant_deletion.c.name == name).order_by(tenant_deletion.c.service)
    return [Confirmation(**row) for row in (await connection.execute(statement)).mappings().all()]


async def bury(connection: AsyncConnection, stone: Tombstone) -> None:
    """Replace a tenant by its tombstone, at a position of the feed whose lock the caller holds."""
    await connection.execute(delete(tenant).where(tenant.c.name == stone.name))
    values: dict[str, Any] = {name: value for name, value in asdict(stone).items() if name != "status"}
    await connection.execute(insert(tombstone).values(values))
    await tenants.advance(connection, stone.position)


async def find_tombstone(connection: AsyncConnection, name: str) -> Tombstone | None:
    """Return the tombstone of a tenant that is gone."""
    row = (await connection.execute(select(tombstone).where(tombstone.c.name == name))).mappings().one_or_none()
    return None if row is None else Tombstone(**row)
