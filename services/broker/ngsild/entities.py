"""Operations on one entity: create, retrieve, replace, merge, delete (5.6.1, 5.6.6, 5.6.17, 5.6.18, 5.7.1)."""

from dataclasses import replace
from typing import Final
from urllib.parse import quote

from services.broker.domain.entity import Entity
from services.broker.domain.names import Context
from services.broker.domain.selection import LdRef
from services.broker.http.face import Call
from services.broker.http.response import Response
from services.broker.ngsild.answers import entity_answer
from services.broker.ngsild.context import body_context, context_of
from services.broker.ngsild.distribution import Subject, distribute, is_left, left_over, settle
from services.broker.ngsild.input_attribute import Reading
from services.broker.ngsild.input_entity import EntityFragment, read_entity, read_fragment, read_object
from services.broker.ngsild.input_values import check_date_time, read_uri
from services.broker.ngsild.parameters import read_options, read_representation
from services.broker.ngsild.representation import Representation
from services.broker.ngsild.source_errand import Errand
from services.broker.operations.merges import NO_HEAD, Head, MergeEntity
from services.broker.operations.reads import is_stored, retrieve
from services.broker.operations.writes import DeleteEntity, ReplaceEntity, StoreEntity
from services.kernel.errors import BadData, NotFound

NO_CONTENT = Response(204)
_CREATION: Final = Errand(("createEntity",))
_DELETION: Final = Errand(("deleteEntity",))


async def create_entity(call: Call) -> Response:
    """Create an entity (5.6.1, 6.4.3.1)."""
    document = read_object(await call.request.json())
    context = await body_context(call, document)
    entity = read_entity(document, context)
    tenant = await call.tenant_to_write()
    created = Response(201, headers=(("Location", f"/ngsi-ld/v1/entities/{quote(entity.uri, safe=':')}"),))
    subject = Subject(entity.uri, context, document, entity.types)
    for shared in await distribute(call, tenant, _CREATION, (subject,)):
        left = left_over(document, context, shared)
        mutation = StoreEntity(read_entity(left, context)) if is_left(left, context, shared) else None
        return await settle(call, tenant, entity.uri, shared, mutation) or created
    await call.broker.writer.write(tenant.tenant_id, StoreEntity(entity))
    return created


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
    context = await context_of(call)
    ref = entity_ref(call, uri, context)
    tenant = await call.tenant()
    for shared in await distribute(call, tenant, _DELETION, (Subject(uri, context, types=ref.types),)):
        mutation = DeleteEntity(ref) if await is_stored(call.broker, tenant, ref) else None
        return await settle(call, tenant, uri, shared, mutation) or NO_CONTENT
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
    ref = entity_ref(call, uri, context)
    errand = Errand(("replaceEntity",), single_parameters=passed_on(call))
    for shared in await distribute(call, tenant, errand, (Subject(uri, context, document, entity.types),)):
        left = left_over(document, context, shared)
        is_here = is_left(left, context, shared) or (not shared.is_whole and await is_stored(call.broker, tenant, ref))
        mutation = ReplaceEntity(ref, read_entity(left, context)) if is_here else None
        return await settle(call, tenant, uri, shared, mutation) or NO_CONTENT
    await call.broker.writer.write(tenant.tenant_id, ReplaceEntity(ref, entity))
    return NO_CONTENT


async def merge_entity(call: Call) -> Response:
    """Merge a fragment into an entity (5.6.17, 6.5.3.4)."""
    uri = read_uri(call.values[0], "id")
    parameters = call.request.parameters
    options = read_options(parameters, frozenset({"keyValues", "simplified", "concise", "normalized"}))
    document = read_object(await call.request.json())
    context = await body_context(call, document)
    reading = Reading(context, patches=True, merges="keyValues" not in options, language=parameters.get("lang"))
    fragment = read_fragment(document, reading)
    check_same_id(fragment, uri)
    observed_at = parameters.get("observedAt")
    if observed_at is not None:
        check_date_time(observed_at, "observedAt")
    tenant = await call.tenant()
    merge = MergeEntity(entity_ref(call, uri, context), fragment.attrs, head_of(fragment), observed_at)
    errand = Errand(("mergeEntity",), single_parameters=passed_on(call))
    for shared in await distribute(call, tenant, errand, (Subject(uri, context, document, fragment.types),)):
        left = left_over(document, context, shared)
        fragment = read_fragment(left, reading)
        mutation = replace(merge, attributes=fragment.attrs) if is_left(left, context, shared) else None
        return await settle(call, tenant, uri, shared, mutation) or NO_CONTENT
    await call.broker.writer.write(tenant.tenant_id, merge)
    return NO_CONTENT


def passed_on(call: Call) -> tuple[tuple[str, str], ...]:
    """Return the parameters that go on to context sources: not those that only this context broker heeds."""
    return tuple(pair for pair in call.request.parameters.pairs if pair[0] not in ("local", "type"))


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
