"""Use cases of data maps: draw one from the running hub and keep it, read it again, tell what changed."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import true

from services.catalog.datamap.difference import Step, difference
from services.catalog.datamap.draw import draw
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.hub_facts import HubClients, gather_facts
from services.catalog.store import data_maps as store
from services.catalog.store.data_maps import KeptMap
from services.catalog.store.find import find_of_tenant
from services.catalog.store.publishers import publisher
from services.catalog.store.session import reading, writing
from services.kernel.clock import to_iso_millis
from services.kernel.errors import NotFound

MOST_LISTED: Final = 200


async def draw_map(
    catalogue: Catalogue, clients: HubClients, tenant_name: str, caller: tuple[str, str | None]
) -> KeptMap:
    """Draw a tenant's map from what the hub tells the caller, and keep it. `caller`: name and token.

    Raises UnknownTenant, Unavailable. Services that are away or refuse become gaps in the map.
    """
    tenant = await catalogue.tenants.find(tenant_name)
    name, authorization = caller
    facts = await gather_facts(clients, tenant_name, authorization)
    now = catalogue.clock()
    async with writing(catalogue.engine) as connection:
        owner = await publisher(connection, tenant.tenant_id)
        datasets = await find_of_tenant(connection, tenant.tenant_id, true())
        drawn = draw(datasets, facts, to_iso_millis(now), (tenant_name, owner.title))
        return await store.keep(connection, tenant.tenant_id, (now, name), drawn)


async def list_maps(catalogue: Catalogue, tenant_name: str) -> list[KeptMap]:
    """Return a tenant's maps, the latest first. Raises UnknownTenant."""
    tenant = await catalogue.tenants.find(tenant_name)
    async with reading(catalogue.engine) as connection:
        return await store.list_kept(connection, tenant.tenant_id, MOST_LISTED)


async def find_map(catalogue: Catalogue, tenant_name: str, map_id: int | None) -> KeptMap:
    """Return a tenant's map, None: the latest. Raises NotFound."""
    tenant = await catalogue.tenants.find(tenant_name)
    async with reading(catalogue.engine) as connection:
        found = await store.find_kept(connection, tenant.tenant_id, map_id)
    if found is None:
        what = "no data map yet" if map_id is None else f"no data map {map_id}"
        raise NotFound(f"Tenant {tenant_name or '(default)'} has {what}")
    return found


async def changes_since(
    catalogue: Catalogue, tenant_name: str, present: KeptMap, day: date
) -> tuple[KeptMap, list[Step]]:
    """Return the map as it was at the end of a day (Japan), and what changed since. Raises NotFound."""
    tenant = await catalogue.tenants.find(tenant_name)
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=24 - 9)
    async with reading(catalogue.engine) as connection:
        before = await store.find_at(connection, tenant.tenant_id, end)
    if before is None:
        raise NotFound(f"Tenant {tenant_name or '(default)'} has no data map of {day.isoformat()} or before")
    return before, difference(before.content, present.content)
