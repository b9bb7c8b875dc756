"""Operations on an entity's attributes: append, update, partial update, replace, delete (5.6.2-5.6.5, 5.6.19)."""

from dataclasses import replace
from typing import Any

from services.broker.domain.attribute import Instance
from services.broker.domain.names import Context
from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.ngsild.context import body_context, context_of
from services.broker.ngsild.entities import NO_CONTENT, check_same_id, entity_ref, head_of, passed_on
from services.broker.ngsild.forwarding import NOTHING, Forwarded, forward_attribute, forward_attributes
from services.broker.ngsild.input_attribute import Reading, read_instance, read_partial
from services.broker.ngsild.input_entity import EntityFragment, check_attribute_name, read_fragment, read_object
from services.broker.ngsild.input_values import check_name, read_uri
from services.broker.ngsild.parameters import read_flag, read_options
from services.broker.ngsild.source_request import SourceRequest
from services.broker.operations.merges import AppendScoped, Head, PatchAttributes
from services.broker.operations.mutation import Mutation, NotUpdated, Outcome
from services.broker.operations.partials import PartialUpdate, ReplaceAttribute
from services.broker.operations.writes import DeleteAttribute
from services.kernel.errors import BadData, NotFound
from services.kernel.tenancy import Tenant

_NO_ATTRIBUTES = frozenset({"id", "type", "scope", "@context"})


async def append_attributes(call: Call) -> Response:
    """Append attributes (5.6.3, 6.6.3.1)."""
    options = read_options(call.request.parameters, frozenset({"noOverwrite"}))
    sent, fragment = await _read_fragment(call, patches=False)
    tenant = await call.tenant()
    forwarded = await forward_attributes(call, tenant, "appendAttrs", sent, fragment.attrs)
    left = _without(fragment, forwarded)
    append = AppendScoped(
        entity_ref(call, sent.uri, sent.context),
        left.attrs,
        overwrite="noOverwrite" not in options,
        types=left.types,
        scopes=left.scopes,
    )
    return await _write_left(call, tenant, append, left, forwarded)


async def update_attributes(call: Call) -> Response:
    """Update attributes (5.6.2, 6.6.3.2)."""
    sent, fragment = await _read_fragment(call, patches=True)
    tenant = await call.tenant()
    forwarded = await forward_attributes(call, tenant, "updateEntity", sent, fragment.attrs)
    left = _without(fragment, forwarded)
    patch = PatchAttributes(entity_ref(call, sent.uri, sent.context), left.attrs, head_of(left))
    return await _write_left(call, tenant, patch, left, forwarded)


def _without(fragment: EntityFragment, forwarded: Forwarded) -> EntityFragment:
    if forwarded is NOTHING:
        return fragment
    attrs = {name: each for name, each in fragment.attrs.items() if name not in forwarded.taken}
    return replace(fragment, attrs=attrs)


async def _write_left(
    call: Call, tenant: Tenant, mutation: Mutation, left: EntityFragment, forwarded: Forwarded
) -> Response:
    """Write what no context source has, and answer for both."""
    if forwarded is NOTHING:
        return update_answer(await call.broker.writer.write(tenant.tenant_id, mutation))
    outcome = Outcome()
    if left.attrs or head_of(left) != Head():
        try:
            outcome = await call.broker.writer.write(tenant.tenant_id, mutation)
        except NotFound as error:
            outcome = Outcome(not_updated=tuple(NotUpdated(name, error.detail) for name in left.attrs))
    updated = (*forwarded.updated, *outcome.updated)
    return update_answer(Outcome(updated=updated, not_updated=(*forwarded.refused, *outcome.not_updated)))


async def _read_fragment(call: Call, *, patches: bool) -> tuple[SourceRequest, EntityFragment]:
    uri = read_uri(call.values[0], "id")
    document = read_object(await call.request.json())
    context = await body_context(call, document)
    fragment = read_fragment(document, Reading(context, patches=patches))
    check_same_id(fragment, uri)
    if not fragment.attrs and head_of(fragment) == Head():
        raise BadData("The body must have at least one attribute")
    return SourceRequest(call.request.method, uri, context, document, parameters=passed_on(call)), fragment


async def partial_update(call: Call) -> Response:
    """Update some members of an attribute (5.6.4, 6.7.3.1)."""
    uri, name, document, context = await _read_attribute(call)
    instance = read_partial(document, name, Reading(context, patches=True))
    if len(instance) == 0:
        raise BadData("The body must have at least one member")
    tenant = await call.tenant()
    sent = SourceRequest("PATCH", uri, context, document, context.expand(name))
    if await forward_attribute(call, tenant, "updateAttrs", sent):
        return NO_CONTENT
    update = PartialUpdate(entity_ref(call, uri, context), context.expand(name), instance)
    await call.broker.writer.write(tenant.tenant_id, update)
    return NO_CONTENT


async def replace_attribute(call: Call) -> Response:
    """Replace an attribute (5.6.19, 6.7.3.3)."""
    uri, name, document, context = await _read_attribute(call)
    instance: Instance = read_instance(document, name, Reading(context))
    tenant = await call.tenant()
    sent = SourceRequest("PUT", uri, context, document, context.expand(name))
    if await forward_attribute(call, tenant, "replaceAttrs", sent):
        return NO_CONTENT
    mutation = ReplaceAttribute(entity_ref(call, uri, context), context.expand(name), instance)
    await call.broker.writer.write(tenant.tenant_id, mutation)
    return NO_CONTENT


async def _read_attribute(call: Call) -> tuple[str, str, Any, Context]:
    uri = read_uri(call.values[0], "id")
    name = call.values[1]
    check_attribute_name(name)
    if name in _NO_ATTRIBUTES:
        raise BadData(f"{name} is not an attribute", field=name)
    document = await call.request.json()
    if not isinstance(document, dict) or not document:
        raise BadData("The body must be a JSON object that is not empty")
    context = await body_context(call, document)
    return uri, name, {key: value for key, value in document.items() if key != "@context"}, context


async def delete_attribute(call: Call) -> Response:
    """Delete an attribute, or one instance of it (5.6.5, 6.7.3.2)."""
    uri = read_uri(call.values[0], "id")
    name = call.values[1]
    check_name(name, "attribute")
    parameters = call.request.parameters
    dataset_id = parameters.get("datasetId")
    if dataset_id is not None:
        read_uri(dataset_id, "datasetId")
    delete_all = read_flag(parameters, "deleteAll")
    context = await context_of(call)
    tenant = await call.tenant()
    ref = entity_ref(call, uri, context)
    if name == "scope":
        head = Head(clears_scope=True)
        await call.broker.writer.write(tenant.tenant_id, PatchAttributes(ref, {}, head))
        return NO_CONTENT
    sent = SourceRequest("DELETE", uri, context, None, context.expand(name), passed_on(call))
    if await forward_attribute(call, tenant, "deleteAttrs", sent):
        return NO_CONTENT
    delete = DeleteAttribute(ref, context.expand(name), dataset_id, all_instances=delete_all)
    await call.broker.writer.write(tenant.tenant_id, delete)
    return NO_CONTENT


def update_answer(outcome: Outcome) -> Response:
    """Answer 204, or 207 with an UpdateResult, names expanded, where some attributes were not written (5.2.18)."""
    if not outcome.not_updated:
        return NO_CONTENT
    not_updated = [{"attributeName": each.name, "reason": each.reason} for each in outcome.not_updated]
    return json_response({"updated": list(outcome.updated), "notUpdated": not_updated}, 207)
