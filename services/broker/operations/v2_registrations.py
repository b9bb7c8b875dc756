"""Use cases of NGSIv2 registrations, and the cache that tells whether a request may concern one.

The cache holds a tenant's registrations for a second, so that requests of tenants without any cost nothing; the
process that changes them sees its change at once.
"""

from typing import Final

from services.broker.domain.v2_registration import V2Registration
from services.broker.operations.broker import Broker
from services.broker.operations.quotas import Rooms
from services.broker.store import v2_registrations as store
from services.kernel.errors import NotFound
from services.kernel.paging import Page
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant

_MISSING: Final = "The requested registration has not been found. Check id"


async def create(broker: Broker, tenant: Tenant, registration: V2Registration) -> None:
    """Store a registration (POST /v2/registrations). Raises QuotaReached."""
    await Rooms(broker.pool, broker.tenants).require(tenant, "registrations")
    async with session(broker.pool) as connection:
        await store.insert(connection, tenant.tenant_id, registration)
    broker.v2_registrations.forget(tenant.tenant_id)


async def retrieve(broker: Broker, tenant: Tenant, identifier: str) -> V2Registration:
    """Return a registration (GET /v2/registrations/{id}). Raises NotFound."""
    async with session(broker.pool) as connection:
        registration = await store.retrieve(connection, tenant.tenant_id, identifier)
    if registration is None:
        raise NotFound(_MISSING)
    return registration


async def find(broker: Broker, tenant: Tenant, path: str | None, page: Page) -> tuple[list[V2Registration], int | None]:
    """Return a page of registrations and their number, if asked (GET /v2/registrations)."""
    async with session(broker.pool) as connection:
        found = await store.find(connection, tenant.tenant_id, path, page)
        total = await store.count(connection, tenant.tenant_id, path) if page.count else None
    return found, total


async def delete(broker: Broker, tenant: Tenant, identifier: str) -> None:
    """Delete a registration (DELETE /v2/registrations/{id}). Raises NotFound."""
    async with session(broker.pool) as connection:
        if not await store.delete(connection, tenant.tenant_id, identifier):
            raise NotFound(_MISSING)
    broker.v2_registrations.forget(tenant.tenant_id)


async def living(broker: Broker, tenant: Tenant) -> list[V2Registration]:
    """Return the tenant's registrations that have not expired, as far as the caller sees their service paths whole."""
    cache = broker.v2_registrations
    now = broker.clock()
    known = cache.known(tenant.tenant_id, now)
    if known is None:
        async with session(broker.pool) as connection:
            known = await store.living(connection, tenant.tenant_id, now)
        cache.keep(tenant.tenant_id, known, now)
    view = broker.view
    return known if view is None else [each for each in known if view.shows_whole(each.path)]


async def note(broker: Broker, tenant: Tenant, identifier: str, *, success: bool) -> None:
    """Keep what became of one forwarding."""
    async with session(broker.pool) as connection:
        await store.note(connection, tenant.tenant_id, identifier, broker.clock(), success=success)
