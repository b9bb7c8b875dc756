"""Batch operations: create, upsert, update, merge, delete (5.6.7-5.6.10, 5.6.20, 6.14-6.17, 6.31)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from services.broker.domain.entity import Entity
from services.broker.domain.names import Context
from services.broker.domain.selection import LdRef
from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.ngsild.context import body_context, context_of, linked_context
from services.broker.ngsild.distribution import Shared, Subject, distribute, error_of, is_left, left_over
from services.broker.ngsild.entities import NO_CONTENT, head_of, passed_on
from services.broker.ngsild.input_attribute import Reading
from services.broker.ngsild.input_entity import read_entity, read_fragment, read_object, read_types
from services.broker.ngsild.input_values import read_uri
from services.broker.ngsild.negotiation import LD_JSON, sent
from services.broker.ngsild.parameters import read_options
from services.broker.ngsild.source_errand import Errand
from services.broker.operations.merges import MergeEntity
from services.broker.operations.mutation import Mutation, Outcome
from services.broker.operations.writes import AppendAttributes, DeleteEntity, Existing, StoreEntity
from services.kernel.errors import BadData, HubError, InvalidRequest, NotFound
from services.kernel.tenancy import Tenant

_LONGEST_KEY: Final = 200
_LONGEST_ITEM_KEY: Final = 64
Build = Callable[[dict[str, Any], Context], Mutation]


@dataclass(frozen=True, slots=True)
class _Batch:
    """How a batch is carried out: the mutation of each entity, what context sources are asked, the key of a retry."""

    build: Build | None
    errand: Errand
    key: str | None = None


@dataclass(slots=True)
class _Item:
    """One entity of a batch: its id as far as it could be read, its document, and what became of it here and there."""

    uri: str
    mutation: Mutation | None = None
    result: Outcome | HubError | None = None
    subject: Subject | None = None
    shared: Shared | None = None
    once: str = ""

    def share(self, shared: Shared, build: Build | None) -> None:
        """Leave to context sources what is theirs; `build` makes a mutation of the rest."""
        self.shared = shared
        if build is None or self.subject is None or self.subject.document is None or not shared.is_concerned:
            return
        context = self.subject.context
        left = left_over(self.subject.document, context, shared)
        self.mutation = build(left, context) if is_left(left, context, shared) else None
        self.result = Outcome(created=shared.is_created)


async def batch_create(call: Call) -> Response:
    """Create entities (5.6.7)."""

    def build(document: dict[str, Any], context: Context) -> Mutation:
        return StoreEntity(read_entity(document, context))

    batch = _Batch(build, Errand(("createEntity",), ("createBatch", "entityOperations/create")))
    items = await _read_items(call, build)
    await _carry_out(call, batch, items, await call.tenant_to_write())
    return _answer(items, created_status=True)


async def batch_upsert(call: Call) -> Response:
    """Create entities, or replace or update them (5.6.8).

    `Idempotency-Key`: a key is carried out once. `Idempotency-Items`: keys of the entities, in their order with commas
    between, empty where one has none; an entity whose key was carried out within two days is left out.
    """
    options = read_options(call.request.parameters, frozenset({"replace", "update"}))
    if len(options) > 1:
        raise InvalidRequest("options must be replace or update", field="options")
    existing = Existing.UPDATE if "update" in options else Existing.REPLACE

    def build(document: dict[str, Any], context: Context) -> Mutation:
        return StoreEntity(read_entity(document, context), existing=existing)

    overwriting = "updateEntity" if existing is Existing.UPDATE else "replaceEntity"
    errand = Errand(("createEntity", overwriting), ("upsertBatch", "entityOperations/upsert"), passed_on(call))
    batch = _Batch(build, errand, _idempotency_key(call))
    items = await _read_items(call, build)
    _note_item_keys(call, items)
    await _carry_out(call, batch, items, await call.tenant_to_write())
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

    parameters = passed_on(call)
    errand = Errand(("appendAttrs",), ("updateBatch", "entityOperations/update"), parameters, parameters)
    batch = _Batch(build, errand)
    items = await _read_items(call, build)
    await _carry_out(call, batch, items, await call.tenant())
    return _answer(items, created_status=False)


async def batch_merge(call: Call) -> Response:
    """Merge into entities (5.6.20)."""

    def build(document: dict[str, Any], context: Context) -> Mutation:
        fragment = read_fragment(document, Reading(context, patches=True, merges=True))
        if fragment.uri is None:
            raise BadData("id must be given", field="id")
        return MergeEntity(LdRef(fragment.uri), fragment.attrs, head_of(fragment))

    parameters = passed_on(call)
    batch = _Batch(build, Errand(("mergeEntity",), ("mergeBatch", "entityOperations/merge"), parameters, parameters))
    items = await _read_items(call, build)
    await _carry_out(call, batch, items, await call.tenant())
    return _answer(items, created_status=False)


async def batch_delete(call: Call) -> Response:
    """Delete entities (5.6.10): the body is an array of ids."""
    items = []
    context = await context_of(call)
    for uri in _read_array(await call.request.json()):
        item = _Item(str(uri))
        try:
            item.mutation = DeleteEntity(LdRef(read_uri(uri, "id")))
            item.subject = Subject(item.uri, context)
        except HubError as error:
            item.result = error
        items.append(item)
    batch = _Batch(None, Errand(("deleteEntity",), ("deleteBatch", "entityOperations/delete")))
    await _carry_out(call, batch, items, await call.tenant())
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
            context = shared if shared and "@context" not in fields else await body_context(call, fields, shared)
            item.mutation = build(fields, context)
            item.subject = Subject(item.uri, context, fields)
        except HubError as error:
            item.result = error
    return items


async def _carry_out(call: Call, batch: _Batch, items: Sequence[_Item], tenant: Tenant) -> None:
    whole = [item for item in items if item.mutation is not None]
    subjects = (replace(item.subject, types=_types(item.subject)) for item in whole if item.subject is not None)
    for item, shared in zip(whole, await distribute(call, tenant, batch.errand, subjects), strict=False):
        item.share(shared, batch.build)
    ready = [item for item in whole if item.mutation is not None]
    mutations = [item.mutation for item in ready if item.mutation is not None]
    once = [item.once for item in ready] if any(item.once for item in ready) else ()
    results = await call.broker.writer.write_batch(tenant.tenant_id, mutations, key=batch.key, once=once)
    for item, result in zip(ready, results, strict=True):
        is_elsewhere = item.shared is not None and item.shared.succeeded and batch.build is None
        item.result = Outcome() if is_elsewhere and isinstance(result, NotFound) else result


def _types(subject: Subject) -> tuple[str, ...]:
    if subject.document is None or "type" not in subject.document:
        return ()
    return read_types(subject.document["type"], subject.context)


def _idempotency_key(call: Call) -> str | None:
    key = call.request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise InvalidRequest(f"Idempotency-Key must have 1 to {_LONGEST_KEY} characters", field="Idempotency-Key")
    return key


def _note_item_keys(call: Call, items: Sequence[_Item]) -> None:
    header = call.request.headers.get("idempotency-items")
    if header is None:
        return
    keys = header.split(",")
    if len(keys) != len(items) or any(len(key) > _LONGEST_ITEM_KEY for key in keys):
        words = f"Idempotency-Items must have a key of at most {_LONGEST_ITEM_KEY} characters for each entity"
        raise InvalidRequest(words, field="Idempotency-Items")
    for item, key in zip(items, keys, strict=True):
        item.once = key.strip()


def _answer(items: Sequence[_Item], *, created_status: bool) -> Response:
    errors = [error for item in items for error in _errors(item)]
    succeeded = list(dict.fromkeys(item.uri for item in items if not _is_failed(item)))
    if errors:
        return json_response({"success": succeeded, "errors": errors}, 207)
    created = [item.uri for item in items if isinstance(item.result, Outcome) and item.result.created]
    if created_status and created:
        return json_response(list(dict.fromkeys(created)), 201)
    return NO_CONTENT


def _is_failed(item: _Item) -> bool:
    if item.shared is not None and item.shared.errors:
        return True
    return not isinstance(item.result, Outcome) or bool(item.result.not_updated)


def _errors(item: _Item) -> list[dict[str, Any]]:
    elsewhere = [] if item.shared is None else item.shared.errors
    errors = [error_of(item.uri, error, registration_id) for registration_id, error in elsewhere]
    if isinstance(item.result, HubError):
        errors.append(error_of(item.uri, item.result))
    elif item.result is not None and item.result.not_updated:
        names = ", ".join(each.name for each in item.result.not_updated)
        errors.append(error_of(item.uri, BadData(f"{item.result.not_updated[0].reason}: {names}")))
    return errors
