"""Reading the current state, as far as the caller may see it."""

from dataclasses import replace

from services.broker.domain.entity import Entity
from services.broker.domain.selection import EntityRef, LdRef
from services.broker.domain.view import View
from services.broker.operations import consents
from services.broker.operations.broker import Broker
from services.broker.query.entity_query import EntityQuery
from services.broker.query.referenced import asks_for_links, attributes_of, named_types
from services.broker.store import queries
from services.kernel.errors import NotAllowed
from services.kernel.identity.assurance import insufficient
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant


async def retrieve(broker: Broker, tenant: Tenant, ref: EntityRef) -> Entity:
    """Return one entity (NGSI-LD 5.7.1; NGSIv2 GET /v2/entities/{id}). Raises NotFound, Ambiguous."""
    entity = await _chosen(broker, tenant, ref)
    if entity is None:
        raise ref.missing()
    broker.trail.note_access("read", entity.types)
    return entity


async def is_stored(broker: Broker, tenant: Tenant, ref: EntityRef) -> bool:
    """Tell whether an entity is stored here. Raises Ambiguous."""
    return await _chosen(broker, tenant, ref) is not None


async def _chosen(broker: Broker, tenant: Tenant, ref: EntityRef) -> Entity | None:
    name, by_uri = (ref.uri, True) if isinstance(ref, LdRef) else (ref.id, False)
    present = await broker.lookups.stored_under(broker.pool, tenant.tenant_id, name, by_uri=by_uri)
    shown = await _shown(broker, tenant, present)
    if broker.view is not None and present and not shown:
        asked = broker.view.shortage(present[0])
        if asked is not None:
            raise insufficient(asked, f"Entity {name}")
    return ref.choose(shown)


async def find(broker: Broker, tenant: Tenant, query: EntityQuery) -> queries.Result:
    """Return the entities that a query asks for, and their number if asked (NGSI-LD 5.7.2; GET /v2/entities)."""
    await broker.expiries.collect(broker.pool, broker.writer, tenant, broker.clock())
    if broker.view is not None:
        query = within_view(query, broker.view)
    async with session(broker.query_pool) as connection:
        query = await broker.indexes.narrowed(connection, tenant.tenant_id, query)
        found = await queries.find(connection, tenant.tenant_id, query)
    shown = queries.Result(await _shown(broker, tenant, found.entities), found.count)
    broker.trail.note_access("read", (each for entity in shown.entities for each in entity.types))
    return shown


def within_view(query: EntityQuery, view: View) -> EntityQuery:
    """Return a query for what a caller may see. Raises NotAllowed where it asks about what the caller may not see.

    Where the query names a type or an attribute that higher levels would show: InsufficientAssurance.
    """
    attributes = attributes_of(query)
    asked = view.shortage_of(named_types(query), attributes)
    if asked is not None:
        raise insufficient(asked, "The query")
    hidden = view.hidden(attributes)
    if hidden is not None:
        raise NotAllowed(f"The caller has no grant to ask for {hidden} of every entity that it may see")
    if asks_for_links(query.filter):
        raise NotAllowed("A caller whose grants do not reach everything cannot filter by linked entities")
    return replace(query, view=view)


async def _shown(broker: Broker, tenant: Tenant, entities: list[Entity]) -> list[Entity]:
    if broker.view is None:
        return entities
    return await consents.shown(broker.pool, tenant.tenant_id, broker.view, entities)
