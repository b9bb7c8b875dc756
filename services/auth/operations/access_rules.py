"""What a tenant asks of callers beyond grants, put where every service is told of it: into the feed of tenants."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.provided_service import ProvidedService
from services.auth.domain.tenant import Tenant
from services.auth.store import provided_services, tenants
from services.kernel.errors import BadData, Conflict, NotFound
from services.kernel.identity.assurance import NOT_ASSURED


async def set_access(connection: AsyncConnection, name: str, changes: Mapping[str, Any], now: datetime) -> Tenant:
    """Change what a tenant asks; what is empty is taken away. Raises NotFound, Conflict.

    Services know within a second.
    """
    position = await tenants.lock_feed(connection)
    present = await tenants.find(connection, name)
    if present is None:
        raise NotFound(f"Tenant {name} does not exist")
    if present.status == "deleting":
        raise Conflict(f"Tenant {name} is being deleted")
    access = {key: value for key, value in {**present.access, **changes}.items() if value}
    if access == present.access:
        return present
    return await tenants.put(connection, replace(present, access=access), position + 1, now)


async def require_tenant(connection: AsyncConnection, name: str) -> None:
    """Refuse a tenant that there is not. Raises BadData."""
    if await tenants.unknown_names(connection, {name}):
        raise BadData(f"Tenant {name} does not exist", field="tenant")


async def tell_areas(connection: AsyncConnection, tenant: str, now: datetime, *, without: str = "") -> None:
    """Tell the services which data areas of a tenant are separated or ask levels, without one that is being deleted."""
    found = await provided_services.of_tenant(connection, tenant)
    telling = [each for each in found if each.storage == "separated" or each.asked != NOT_ASSURED]
    areas = [_area(each) for each in telling if each.service_id != without]
    await set_access(connection, tenant, {"areas": areas}, now)


def _area(service: ProvidedService) -> dict[str, Any]:
    return {
        "service": service.service_id,
        "path": service.area,
        "separated": service.storage == "separated",
        "ial": service.asked.ial,
        "aal": service.asked.aal,
    }
