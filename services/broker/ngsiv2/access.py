"""What every NGSIv2 handler begins with: the tenant, its names, and the entity that a path means.

Ids, attribute names and types in paths have been held against the rules by the dialect.
"""

from services.broker.domain.entity import Entity
from services.broker.domain.selection import V2Ref
from services.broker.http.face import Call
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.service_path import path_to_write, paths_to_read
from services.broker.operations import reads
from services.kernel.errors import NotFound, UnknownTenant
from services.kernel.tenancy import Tenant

NOT_FOUND = "The requested entity has not been found. Check type and id"
NO_ATTRIBUTE = "The entity does not have such an attribute"


async def tenant_to_read(call: Call) -> Tenant | None:
    """Return the tenant to read from; None where it does not exist, which is to be read as empty."""
    try:
        return await call.tenant()
    except UnknownTenant:
        return None


async def names_of(call: Call, tenant: Tenant) -> Names:
    """Return the tenant's names."""
    return Names(await call.broker.contexts.of_tenant(tenant))


def reference_to_read(call: Call, names: Names) -> V2Ref:
    """Return the entity that a reading path means; everywhere unless a service path is given."""
    path, *more = paths_to_read(call.request)
    return V2Ref(call.values[0], _type(call, names), path, tuple(more))


def reference_to_write(call: Call, names: Names) -> V2Ref:
    """Return the entity that a writing path means; in `/` unless a service path is given."""
    return V2Ref(call.values[0], _type(call, names), path_to_write(call.request))


def _type(call: Call, names: Names) -> str | None:
    text = call.request.parameters.get("type")
    return None if text is None else names.expand_type(text)


async def retrieve(call: Call) -> tuple[Entity, Names]:
    """Return the entity of a reading path and the tenant's names. Raises NotFound, Ambiguous."""
    tenant = await tenant_to_read(call)
    if tenant is None:
        raise NotFound(NOT_FOUND)
    names = await names_of(call, tenant)
    return await reads.retrieve(call.broker, tenant, reference_to_read(call, names)), names
