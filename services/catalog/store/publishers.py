"""Tenants as publishers."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.dataset import Publisher
from services.catalog.store.appearance_tables import PUBLISHER
from services.catalog.store.rows import publisher_of
from services.catalog.store.tables import tenant


async def publisher(connection: AsyncConnection, tenant_id: int) -> Publisher:
    """Return a tenant as a publisher, with the code that auth's feed last told and the titles that hold."""
    rows = await connection.execute(select(tenant.c.tenant_id, *PUBLISHER).where(tenant.c.tenant_id == tenant_id))
    return publisher_of(rows.mappings().one())


async def tenant_id_of(connection: AsyncConnection, name: str) -> int | None:
    """Return the identifier of a tenant, None if there is none."""
    found = await connection.execute(select(tenant.c.tenant_id).where(tenant.c.name == name))
    return found.scalar_one_or_none()


async def active_publishers(connection: AsyncConnection) -> list[Publisher]:
    """Return every active tenant as a publisher, by name."""
    rows = await connection.execute(
        select(tenant.c.tenant_id, *PUBLISHER).where(tenant.c.status == "active").order_by(tenant.c.name)
    )
    return [publisher_of(row) for row in rows.mappings()]
