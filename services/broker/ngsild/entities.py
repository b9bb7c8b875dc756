"""Operations on one entity: create, retrieve, replace, merge, delete (5.6.1, 5.6.6, 5.6.17, 5.6.18, 5.7.1)."""

from urllib.parse import quote

from services.broker.domain.entity import Entity
from services.broker.domain.names import Context
from services.broker.domain.selection import LdRef
from services.broker.http.face import Call
from services.broker.http.response import Response
from services.broker.ngsild.answers import entity_answer
from services.broker.ngsild.context import body_context, context_of
from services.broker.ngsild.input_attribute import Reading
from services.broker.ngsild.input_entity import EntityFragment, read_entity, read_fragment, read_object
from services.broker.ngsild.input_values import check_date_time, read_uri
from services.broker.ngsild.parameters import read_options, read_representation
from services.broker.ngsild.representation import Representation
from services.broker.operations.merges import NO_HEAD, Head, MergeEntity
from services.broker.operations.reads import retrieve
from services.broker.operations.writes import DeleteEntity, ReplaceEntity, StoreEntity
from services.kernel.errors import BadData, NotFound

NO_CONTENT = Response(204)


async def create_entity(call: Call) -> Response:
    """Create an entity (5.6.1, 6.4.3.1)."""
    document = read_object(await call.request.json())
    entity = read_entity(document, await body_context(call, document))
    tenant = await call.tenant_to_write()
    await call.broker.writer.write(tenant.tenant_id, StoreEntity(entity))
    return Response(201, headers=(("Location", f"/ngsi-ld/v1/entities/{quote(entity.uri, safe=':')}"),))


async def retrieve_entity(call: Call) -> Response:
    """Retrieve an entity (5.7.1, 6.5.3.1)."""
    uri = read_uri(call.values[0], "id")
    context = await context_of(call)
    shown = read_representation(call, context)
    entity = await retrieve(call.broker, await call.tenant(), entity_ref(call, uri, context))
    if has_nothing_to_show(entity, shown):
        raise NotFound(f"Entity {uri} has nothing of what is to be shown", id=uri)
    return await entity_answer(call, entity, shown)


def has_nothing_to_show(entity: Entity, shown: Representation) -> bool:
    """Tell whether a projection leaves nothing of an entity (5.7.1, 4.21)."""
    if shown.pick is None and shown.omit is None:
        return False
    if any(map(shown.shows, entity.attrs)):
        return False
    by_attrs = shown.pick is not None and "expiresAt" in shown.pick.names
    members = ("id", "type", "scope") if entity.scopes else ("id", "type")
    return by_attrs or not any(map(shown.shows, members))


async def delete_entity(call: Call) -> Response:
    """Delete an entity (5.6.6, 6.5.3.2)."""
    uri = read_uri(call.values[0], "id")
    ref = entity_ref(call, uri, await context_of(call))
    tenant = await call.tenant()
    await call.broker.writer.write(tenant.tenant_id, DeleteEntity(ref))
    return NO_CONTENT


async def replace_entity(call: Call) -> Response:
    """Replace an entity (5.6.18, 6.5.3.3)."""
    uri = read_uri(call.values[0], "id")
    document = read_object(await call.request.json())
    document.setdefault("id", uri)
    context = await body_context(call, document)
    entity = read_entity(document, context)
    if entity.uri != uri:
        raise BadData(f"id must be {uri}, as in the path", field="id")
    tenant = await call.tenant()
    await call.broker.writer.write(tenant.tenant_id, ReplaceEntity(entity_ref(call, uri, context), entity))
    return NO_CONTENT


async def merge_entity(call: Call) -> Response:
    """Merge a fragment into an entity (5.6.17, 6.5.3.4)."""
    uri = read_uri(call.values[0], "id")
    parameters = call.request.parameters
    options = read_options(parameters, frozenset({"keyValues", "simplified", "concise", "normalized"}))
    document = read_object(await call.request.json())
    context = await body_context(call, document)
    fragment = read_fragment(
        document, Reading(context, patches=True, merges="keyValues" not in options, language=parameters.get("lang"))
    )
    check_same_id(fragment, uri)
    observed_at = parameters.get("observedAt")
    if observed_at is not None:
        check_date_time(observed_at, "observedAt")
    tenant = await call.tenant()
    merge = MergeEntity(entity_ref(call, uri, context), fragment.attrs, head_of(fragment), observed_at)
    await call.broker.writer.write(tenant.tenant_id, merge)
    return NO_CONTENT


def entity_ref(call: Call, uri: str, context: Context) -> LdRef:
    """Return the entity that the path and the `type` parameter mean."""
    types = call.request.parameters.words("type") if call.request.raw_query else ()
    return LdRef(uri, tuple(map(context.expand, types)))


def check_same_id(fragment: EntityFragment, uri: str) -> None:
    """Refuse a fragment that names another entity. Raises BadData."""
    if fragment.uri is not None and fragment.uri != uri:
        raise BadData(f"id must be {uri}, as in the path", field="id")


def head_of(fragment: EntityFragment) -> Head:
    """Return what a fragment says of the entity itself."""
    if fragment.says_nothing_of_the_entity:
        return NO_HEAD
    return Head(fragment.types, fragment.scopes, fragment.expires_at, fragment.clears_scope, fragment.clears_expiry)
