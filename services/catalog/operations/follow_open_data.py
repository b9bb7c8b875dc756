"""Keeping the access of live data sets equal to what their tenants open to all."""

import asyncio
import dataclasses
import logging

from services.catalog.domain.dataset import Dataset
from services.catalog.domain.opening import with_open_data
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.live_datasets import live_of_tenant, tenants_with_live
from services.catalog.store.session import reading, writing
from services.catalog.store.write import replace
from services.kernel.errors import HubError, UnknownTenant
from services.kernel.tenancy.open_data import open_grants

_AGAIN_S = 2.0
_log = logging.getLogger("hiroba.catalog.open_data")


async def settle_access(catalogue: Catalogue, tenant: str) -> int:
    """Open and close the live data sets of a tenant as it says now; return how many changed. Raises UnknownTenant."""
    tenant_id = (await catalogue.tenants.find(tenant)).tenant_id
    async with reading(catalogue.engine) as connection:
        known = await live_of_tenant(connection, tenant_id)
    if not await _unsettled(catalogue, tenant, known):
        return 0
    async with writing(catalogue.engine) as connection:
        known = await live_of_tenant(connection, tenant_id, lock=True)
        changed = await _unsettled(catalogue, tenant, known)
        for each in changed:
            await replace(connection, dataclasses.replace(each, updated_at=catalogue.clock()))
    return len(changed)


async def _unsettled(catalogue: Catalogue, tenant: str, known: tuple[Dataset, ...]) -> list[Dataset]:
    opened = open_grants(await catalogue.tenants.find(tenant))
    settled = (with_open_data(each, opened) for each in known)
    return [after for before, after in zip(known, settled, strict=True) if after != before]


async def follow_open_data(catalogue: Catalogue) -> None:
    """Settle the access of all live data sets, then that of each tenant that auth tells of anew, until cancelled."""
    waiting: set[str] = set()
    told = asyncio.Event()

    def hear(tenant: str) -> None:
        waiting.add(tenant)
        told.set()

    catalogue.tenants.watch(hear)
    is_begun = False
    while True:
        try:
            if not is_begun:
                async with reading(catalogue.engine) as connection:
                    waiting.update(await tenants_with_live(connection))
                is_begun = True
            while waiting:
                await _settle_one(catalogue, waiting)
        except HubError as error:
            _log.info("Live data sets cannot be opened or closed now", extra={"reason": error.detail})
            await asyncio.sleep(_AGAIN_S)
            continue
        await told.wait()
        told.clear()


async def _settle_one(catalogue: Catalogue, waiting: set[str]) -> None:
    tenant = waiting.pop()
    try:
        changed = await settle_access(catalogue, tenant)
    except UnknownTenant:  # suspended or gone: nobody sees its data sets
        return
    except HubError:
        waiting.add(tenant)
        raise
    if changed:
        _log.info("Live data sets follow what is open to all", extra={"tenant": tenant, "datasets": changed})
