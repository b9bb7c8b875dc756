"""Batch operations: create, upsert, update, merge, delete (5.6.7-5.6.10, 5.6.20, 6.14-6.17, 6.31)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.broker.domain.entity import Entity
from services.broker.domain.names import Context
from services.broker.domain.selection import LdRef
from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.ngsild.context import body_context, context_of, linked_context
from services.broker.ngsild.entities import NO_CONTENT, head_of
from services.broker.ngsild.errors import problem_details
from services.broker.ngsild.input_attribute import Reading
from services.broker.ngsild.input_entity import read_entity, read_fragment, read_object
from services.broker.ngsild.input_values import read_uri
from services.broker.ngsild.negotiation import LD_JSON, sent
from services.broker.ngsild.parameters import read_options
from services.broker.operations.merges import MergeEntity
from services.broker.operations.mutation import Mutation, Outcome
from services.broker.operations.writes import AppendAttributes, DeleteEntity, Existing, StoreEntity
from services.kernel.errors import BadData, HubError, InvalidRequest
from services.kernel.tenancy import Tenant

_LONGEST_KEY: Final = 200
Build = Callable[[dict[str, Any], Context], Mutation]


@dataclass(slots=True)
class _Item:
    """One entity of a batch: its id as far as it could be read, and what became of it."""

    uri: str
    mutation: Mutation | None = None
    result: Outcome | HubError | None = None


async def batch_create(call: Call) -> Response:
    """Create entities (5.6.7)."""
    items = await _read_items(call, lambda document, context: StoreEntity(read_entity(document, context)))
    await _carry_out(call, items, await call.tenant_to_write())
    return _answer(items, created_status=True)


async def batch_upsert(call: Call) -> Response:
    """Create entities, or replace or update them (5.6.8). `Idempotency-Key`: a key is carried out once."""
    options = read_options(call.request.parameters, frozenset({"replace", "update"}))
    if len(options) > 1:
        raise InvalidRequest("options must be replace or update", field="options")
    existing = Existing.UPDATE if "update" in options else Existing.REPLACE
    items = await _read_items(
        call, lambda document, context: StoreEntity(read_entity(document, context), existing=existing)
    )
    await _carry_out(call, items, await call.tenant_to_write(), key=_idempotency_key(call))
    return _answer(items, created_status=True)


async def batch_update(call: Call) -> Response:
    """Append to entities (5.6.9)."""
    options = read_options(call.request.parameters, frozenset({"noOverwrite", "update", "replace"}))

    def build(document: dict[str, Any], context: Context) -> Mutation:
        entity = _read_existing(document, context)
        return AppendAttributes(
            LdRef(entity.uri),
            entity.attrs,
            overwrite="noOverwrite" not in options,
            types=entity.types,
            scopes=entity.scopes,
        )

    items = await _read_items(call, build)
    await _carry_out(call, items, await call.tenant())
    return _answer(items, created_status=False)


async def batch_merge(call: Call) -> Response:
    """Merge into entities (5.6.20)."""

    def build(document: dict[str, Any], context: Context) -> Mutation:
        fragment = read_fragment(document, Reading(context, patches=True, merges=True))
        if fragment.uri is None:
            raise BadData("id must be given", field="id")
        return MergeEntity(LdRef(fragment.uri), fragment.attrs, head_of(fragment))

    items = await _read_items(call, build)
    await _carry_out(call, items, await call.tenant())
    return _answer(items, created_status=False)


async def batch_delete(call: Call) -> Response:
    """Delete entities (5.6.10): the body is an array of ids."""
    items = []
    for uri in _read_array(await call.request.json()):
        item = _Item(str(uri))
        try:
            item.mutation = DeleteEntity(LdRef(read_uri(uri, "id")))
        except HubError as error:
            item.result = error
        items.append(item)
    await _carry_out(call, items, await call.tenant())
    return _answer(items, created_status=False)


def _read_existing(document: dict[str, Any], context: Context) -> Entity:
    fragment = read_fragment(document, Reading(context))
    if fragment.uri is None:
        raise BadData("id must be given", field="id")
    return Entity(fragment.uri, fragment.types, fragment.attrs, uri=fragment.uri, scopes=fragment.scopes)


def _read_array(document: Any) -> list[Any]:
    if not isinstance(document, list) or not document:
        raise BadData("The body must be an array that is not empty")
    return document


async def _read_items(call: Call, build: Build) -> list[_Item]:
    documents = _read_array(await call.request.json())
    is_linked = linked_context(call.request.headers.get("link")) is not None
    if sent(call.request) == LD_JSON and is_linked:
        raise BadData("A JSON-LD body must not come with a Link to an @context", field="Link")
    if not all(isinstance(document, dict) for document in documents):
        raise BadData("The body must be an array of objects")
    shared = None if sent(call.request) == LD_JSON else await context_of(call)
    items = []
    for document in documents:
        item = _Item(str(document.get("id", "")))
        items.append(item)
        try:
            fields = read_object(document, "An entity")
            item.mutation = build(fields, await body_context(call, fields, shared))
        except HubError as error:
            item.result = error
    return items


async def _carry_out(call: Call, items: Sequence[_Item], tenant: Tenant, key: str | None = None) -> None:
    ready = [item for item in items if item.mutation is not None]
    mutations = [item.mutation for item in ready if item.mutation is not None]
    results = await call.broker.writer.write_batch(tenant.tenant_id, mutations, key=key)
    for item, result in zip(ready, results, strict=True):
        item.result = result


def _idempotency_key(call: Call) -> str | None:
    key = call.request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise InvalidRequest(f"Idempotency-Key must have 1 to {_LONGEST_KEY} characters", field="Idempotency-Key")
    return key


def _answer(items: Sequence[_Item], *, created_status: bool) -> Response:
    errors = [_error(item) for item in items if _is_failed(item)]
    succeeded = list(dict.fromkeys(item.uri for item in items if not _is_failed(item)))
    if errors:
        return json_response({"success": succeeded, "errors": errors}, 207)
    created = [item.uri for item in items if isinstance(item.result, Outcome) and item.result.created]
    if created_status and created:
        return json_response(list(dict.fromkeys(created)), 201)
    return NO_CONTENT


def _is_failed(item: _Item) -> bool:
    return not isinstance(item.result, Outcome) or bool(item.result.not_updated)


def _error(item: _Item) -> dict[str, Any]:
    if isinstance(item.result, Outcome):
        names = ", ".join(each.name for each in item.result.not_updated)
        refused = BadData(f"{item.result.not_updated[0].reason}: {names}")
        return {"entityId": item.uri, "error": problem_details(refused)}
    assert item.result is not None
    return {"entityId": item.uri, "error": problem_details(item.result)}
