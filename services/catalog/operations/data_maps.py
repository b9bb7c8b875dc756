"""Use cases of data maps: draw one from the running hub and keep it, read it again, tell what changed."""

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import true
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.datamap.data_map import DataMap
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
SCHEDULE: Final = "schedule"
"""Who has those maps drawn that nobody asked for."""


async def draw_map(catalogue: Catalogue, clients: HubClients, tenant_name: str, by: str) -> KeptMap:
    """Draw a tenant's map from what the hub tells, and keep it; `by`: for whom.

    Raises UnknownTenant, Unavailable. Services that are away or refuse become gaps in the map.
    """
    async with _drawn(catalogue, clients, tenant_name) as (connection, tenant_id, drawn):
        return await store.keep(connection, tenant_id, (catalogue.clock(), by), drawn)


async def renew_map(catalogue: Catalogue, clients: HubClients, tenant_name: str, patience: timedelta) -> None:
    """Draw a tenant's map, and keep it if it is not as the last one; else note that the last one holds.

    One with gaps is left, so that another is drawn soon, while the last one is not older than `patience`.
    Raises UnknownTenant, Unavailable.
    """
    async with _drawn(catalogue, clients, tenant_name) as (connection, tenant_id, drawn):
        last, now = await store.find_kept(connection, tenant_id, None), catalogue.clock()
        if last is not None and dataclasses.replace(drawn, made_at=last.content.made_at) == last.content:
            await store.confirm(connection, tenant_id, last.map_id, now)
        elif last is None or not drawn.gaps or last.confirmed_at < now - patience:
            await store.keep(connection, tenant_id, (now, SCHEDULE), drawn)


@contextlib.asynccontextmanager
async def _drawn(
    catalogue: Catalogue, clients: HubClients, tenant_name: str
) -> AsyncIterator[tuple[AsyncConnection, int, DataMap]]:
    """Draw a map and yield it with the tenant's number, in the transaction that it is kept in."""
    tenant = await catalogue.tenants.find(tenant_name)
    facts = await gather_facts(clients, tenant_name)
    async with writing(catalogue.engine) as connection:
        owner = await publisher(connection, tenant.tenant_id)
        datasets = await find_of_tenant(connection, tenant.tenant_id, true())
        drawn = draw(datasets, facts, to_iso_millis(catalogue.clock()), (tenant_name, owner.title))
        yield connection, tenant.tenant_id, drawn


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
