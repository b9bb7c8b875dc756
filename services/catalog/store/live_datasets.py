"""Live data sets: those of the entity types that the broker holds."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.dataset import Dataset, Kind
from services.catalog.store.find import find_of_tenant
from services.catalog.store.tables import dataset, tenant

_IS_LIVE = dataset.c.kind == Kind.LIVE


async def live_of_tenant(connection: AsyncConnection, tenant_id: int, *, lock: bool = False) -> tuple[Dataset, ...]:
    """Return a tenant's live data sets in whatever state, on request locked against other writers."""
    return await find_of_tenant(connection, tenant_id, _IS_LIVE, lock=lock)


async def tenants_with_live(connection: AsyncConnection) -> list[str]:
    """Return the names of the tenants that have some."""
    owned = tenant.join(dataset, dataset.c.tenant_id == tenant.c.tenant_id)
    return list(await connection.scalars(select(tenant.c.name).select_from(owned).where(_IS_LIVE).distinct()))
