"""Tenants' appearances as rows."""

import dataclasses
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.appearance import Appearance, Emblem
from services.catalog.store.appearance_tables import tenant_appearance
from services.catalog.store.tables import tenant

Change = tuple[datetime, str]
"""When something was changed, and by whom."""


async def store_appearance(connection: AsyncConnection, tenant_id: int, appearance: Appearance, change: Change) -> None:
    """Keep what a tenant says of itself; its emblem stays."""
    told = dataclasses.asdict(appearance)
    del told["emblem"]
    await _keep(connection, tenant_id, {"appearance": told}, change)


async def store_emblem(connection: AsyncConnection, tenant_id: int, emblem: Emblem | None, change: Change) -> None:
    """Keep a tenant's emblem, or none."""
    told: dict[str, object] = {"picture": None, "emblem": ""}
    if emblem is not None:
        told = {"picture": emblem.content, "emblem": emblem.digest}
    await _keep(connection, tenant_id, told, change)


async def _keep(connection: AsyncConnection, tenant_id: int, told: dict[str, object], change: Change) -> None:
    values = {**told, "changed_at": change[0], "changed_by": change[1]}
    statement = insert(tenant_appearance).values(tenant_id=tenant_id, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values))
    await _renew(connection, tenant_id)


async def remove_appearance(connection: AsyncConnection, tenant_id: int) -> None:
    """Forget what a tenant says of itself, and its emblem."""
    await connection.execute(delete(tenant_appearance).where(tenant_appearance.c.tenant_id == tenant_id))
    await _renew(connection, tenant_id)


async def _renew(connection: AsyncConnection, tenant_id: int) -> None:
    """Make the tenant's row a new version, by which searches see that its data sets are to be written anew."""
    own = tenant.c.tenant_id == tenant_id
    await connection.execute(update(tenant).where(own).values(status=tenant.c.status))


async def picture_of(connection: AsyncConnection, tenant_name: str) -> Emblem | None:
    """Return the emblem of an active tenant, None where it has none."""
    joined = tenant_appearance.join(tenant, tenant.c.tenant_id == tenant_appearance.c.tenant_id)
    wanted = (tenant.c.name == tenant_name, tenant.c.status == "active", tenant_appearance.c.picture.is_not(None))
    statement = select(tenant_appearance.c.picture, tenant_appearance.c.emblem).select_from(joined).where(*wanted)
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else Emblem(row.picture, row.emblem)
