"""Reading the current state."""

from services.broker.domain.entity import Entity
from services.broker.domain.selection import EntityRef, LdRef
from services.broker.operations.broker import Broker
from services.broker.query.entity_query import EntityQuery
from services.broker.store import entities, queries
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant


async def retrieve(broker: Broker, tenant: Tenant, ref: EntityRef) -> Entity:
    """Return one entity (NGSI-LD 5.7.1; NGSIv2 GET /v2/entities/{id}). Raises NotFound, Ambiguous."""
    async with session(broker.pool) as connection:
        name, by_uri = (ref.uri, True) if isinstance(ref, LdRef) else (ref.id, False)
        present = await entities.stored_under(connection, tenant.tenant_id, name, by_uri=by_uri)
    entity = ref.choose(present)
    if entity is None:
        raise ref.missing()
    return entity


async def find(broker: Broker, tenant: Tenant, query: EntityQuery) -> queries.Result:
    """Return the entities that a query asks for, and their number if asked (NGSI-LD 5.7.2; GET /v2/entities)."""
    async with session(broker.query_pool) as connection:
        return await queries.find(connection, tenant.tenant_id, query)
