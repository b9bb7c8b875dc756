"""Reading the current state."""

from services.broker.domain.entity import Entity
from services.broker.domain.selection import EntityRef, LdRef
from services.broker.operations.broker import Broker
from services.broker.query.entity_query import EntityQuery
from services.broker.store import queries
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant


async def retrieve(broker: Broker, tenant: Tenant, ref: EntityRef) -> Entity:
    """Return one entity (NGSI-LD 5.7.1; NGSIv2 GET /v2/entities/{id}). Raises NotFound, Ambiguous."""
    entity = await _chosen(broker, tenant, ref)
    if entity is None:
        raise ref.missing()
    return entity


async def is_stored(broker: Broker, tenant: Tenant, ref: EntityRef) -> bool:
    """Tell whether an entity is stored here. Raises Ambiguous."""
    return await _chosen(broker, tenant, ref) is not None


async def _chosen(broker: Broker, tenant: Tenant, ref: EntityRef) -> Entity | None:
    name, by_uri = (ref.uri, True) if isinstance(ref, LdRef) else (ref.id, False)
    present = await broker.lookups.stored_under(broker.pool, tenant.tenant_id, name, by_uri=by_uri)
    return ref.choose(present)


async def find(broker: Broker, tenant: Tenant, query: EntityQuery) -> queries.Result:
    """Return the entities that a query asks for, and their number if asked (NGSI-LD 5.7.2; GET /v2/entities)."""
    await broker.expiries.collect(broker, tenant)
    async with session(broker.query_pool) as connection:
        return await queries.find(connection, tenant.tenant_id, query)
