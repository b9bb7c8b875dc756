"""/v2/entities and /v2/entities/{entityId} (Orion API, Entities List, Entity by ID)."""

from dataclasses import dataclass

from services.broker.domain.attribute import Attributes
from services.broker.domain.selection import V2Ref
from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.http.route import Route
from services.broker.ngsiv2 import words
from services.broker.ngsiv2.access import names_of, reference_to_write, tenant_to_read
from services.broker.ngsiv2.body import read_entity_body
from services.broker.ngsiv2.entity_list import LIST_PARAMETERS, query_of_parameters
from services.broker.ngsiv2.forward_queries import find_everywhere, retrieve_everywhere
from services.broker.ngsiv2.forward_updates import check_or_forward
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.outcomes import MISSING, PRESENT
from services.broker.ngsiv2.parameters import count_header, read_options, read_shape
from services.broker.ngsiv2.read_entity import SentEntity, read_entity, read_entity_attributes
from services.broker.ngsiv2.render import render_attributes, render_entity
from services.broker.ngsiv2.service_path import path_to_write
from services.broker.operations.mutation import Mutation
from services.broker.operations.update_operators import leaves_out
from services.broker.operations.v2_combine import override_metadata, start_anew, stick_metadata
from services.broker.operations.v2_updates import Admit, Expiry, ReplaceAttributes, UpdateEntity, check_locations
from services.broker.operations.writes import DeleteEntity, StoreEntity
from services.kernel.errors import AlreadyExists
from services.kernel.tenancy import Tenant

NO_CONTENT = Response(204)


async def list_entities(call: Call) -> Response:
    """Answer GET /v2/entities."""
    options = read_options(call.request.parameters)
    shape = read_shape(call.request.parameters, options)
    tenant = await tenant_to_read(call)
    names = Names(call.broker.contexts.core) if tenant is None else await names_of(call, tenant)
    question = query_of_parameters(call, names, options)
    if tenant is None:
        return json_response([], headers=count_header(question.query.page, 0))
    entities, total = await find_everywhere(call, tenant, question, skip="skipForwarding" in options)
    body = [render_entity(entity, shape, names) for entity in entities]
    return json_response(body, headers=count_header(question.query.page, total))


async def create_entity(call: Call) -> Response:
    """Answer POST /v2/entities."""
    options = read_options(call.request.parameters)
    path = path_to_write(call.request)
    tenant = await call.tenant_to_write()
    names = await names_of(call, tenant)
    sent = read_entity(await read_entity_body(call), names, key_values="keyValues" in options)
    check_locations(sent.attributes)
    forced = "forcedUpdate" in options
    mutation = _upsert(sent, names, path, forced=forced) if "upsert" in options else _creation(sent, names, path)
    try:
        await call.broker.writer.write(tenant.tenant_id, mutation)
    except AlreadyExists as error:
        raise AlreadyExists("Already Exists") from error
    location = f"/v2/entities/{sent.id}?type={sent.shown_type}"
    return Response(204 if "upsert" in options else 201, headers=(("Location", location),))


def _creation(sent: SentEntity, names: Names, path: str) -> Mutation:
    attributes = {name: each for name, each in sent.attributes.items() if not leaves_out(each[0])}
    entity = sent.creation(names, path).with_(attrs=attributes)
    return StoreEntity(entity, unique_uri=False, combine=start_anew)


def _upsert(sent: SentEntity, names: Names, path: str, *, forced: bool) -> Mutation:
    creation = sent.creation(names, path)
    ref = V2Ref(sent.id, creation.type, path)
    return UpdateEntity(ref, sent.attributes, forced=forced, expiry=sent.expiry, creation=creation)


async def retrieve_entity(call: Call) -> Response:
    """Answer GET /v2/entities/{entityId}."""
    options = read_options(call.request.parameters)
    shape = read_shape(call.request.parameters, options)
    entity, names = await retrieve_everywhere(call, skip="skipForwarding" in options)
    return json_response(render_entity(entity, shape, names))


async def retrieve_attributes(call: Call) -> Response:
    """Answer GET /v2/entities/{entityId}/attrs."""
    options = read_options(call.request.parameters)
    shape = read_shape(call.request.parameters, options)
    entity, names = await retrieve_everywhere(call, skip="skipForwarding" in options)
    return json_response(render_attributes(entity, shape, names))


async def delete_entity(call: Call) -> Response:
    """Answer DELETE /v2/entities/{entityId}."""
    tenant = await call.tenant_to_write()
    names = await names_of(call, tenant)
    await call.broker.writer.write(tenant.tenant_id, DeleteEntity(reference_to_write(call, names)))
    return NO_CONTENT


@dataclass(frozen=True, slots=True)
class _Sent:
    tenant: Tenant
    names: Names
    ref: V2Ref
    attributes: Attributes
    expiry: Expiry | None
    options: frozenset[str]


async def _read(call: Call) -> _Sent:
    options = read_options(call.request.parameters)
    tenant = await call.tenant_to_write()
    names = await names_of(call, tenant)
    ref = reference_to_write(call, names)
    key_values = "keyValues" in options
    read = read_entity_attributes(await read_entity_body(call), names, key_values=key_values)
    return _Sent(tenant, names, ref, *read, options)


async def _update(call: Call, sent: _Sent, admit: Admit) -> Response:
    combine = override_metadata if "overrideMetadata" in sent.options else stick_metadata
    forced = "forcedUpdate" in sent.options
    mutation = UpdateEntity(sent.ref, sent.attributes, admit, combine, forced, sent.expiry)
    why = PRESENT if admit is Admit.NEW else MISSING
    await check_or_forward(call, sent.tenant, sent.names, mutation, why=why)
    return NO_CONTENT


async def append_attributes(call: Call) -> Response:
    """Answer POST /v2/entities/{entityId}/attrs."""
    sent = await _read(call)
    return await _update(call, sent, Admit.NEW if "append" in sent.options else Admit.ANY)


async def update_attributes(call: Call) -> Response:
    """Answer PATCH /v2/entities/{entityId}/attrs."""
    return await _update(call, await _read(call), Admit.PRESENT)


async def replace_attributes(call: Call) -> Response:
    """Answer PUT /v2/entities/{entityId}/attrs."""
    sent = await _read(call)
    expires_at = sent.expiry.at if sent.expiry else None
    mutation = ReplaceAttributes(sent.ref, sent.attributes, "forcedUpdate" in sent.options, expires_at)
    await check_or_forward(call, sent.tenant, sent.names, mutation, why=MISSING)
    return NO_CONTENT


_TAG = "NGSIv2 entities"
_ENTITY = words.json_body("The entity", words.ENTITY_SCHEMA, words.ENTITY_EXAMPLE)
_ATTRIBUTES = words.json_body("The attributes", {"type": "object"}, words.ATTRIBUTES_EXAMPLE)
_LIST = words.json_body(
    "The entities in order of creation, or as `orderBy` says",
    {"type": "array", "items": words.or_values(words.ENTITY_SCHEMA)},
    [words.ENTITY_EXAMPLE],
)
_READ_ENTITY = words.json_body("The entity", words.or_values(words.ENTITY_SCHEMA), words.ENTITY_EXAMPLE)
_READ_ATTRIBUTES = words.json_body("The attributes", words.or_values({"type": "object"}), words.ATTRIBUTES_EXAMPLE)
_WRITE = (words.PATH_TO_WRITE, words.TYPE)
_READ = (words.PATHS_TO_READ, words.TYPE, words.ATTRS, words.METADATA)
_READ_OPTIONS = ("keyValues", "values", "unique", "skipForwarding")
_UPDATE_OPTIONS = ("keyValues", "overrideMetadata", "forcedUpdate", "flowControl")
_DONE = {204: words.nothing("Done")}


def routes() -> tuple[Route, ...]:
    """Return the routes of entities."""
    return (*_list_routes(), *_entity_routes(), *_attribute_routes())


def _list_routes() -> tuple[Route, ...]:
    created = {
        201: words.nothing("Created", {"Location": "Path of the entity"}),
        204: words.nothing("Created, or updated where it was there (`upsert`)", {"Location": "Path of the entity"}),
    }
    listed = {200: _LIST}
    options = words.options("count", *_READ_OPTIONS)
    return (
        Route(
            "GET",
            "/v2/entities",
            list_entities,
            "read",
            words.describe("List entities", _TAG, (*LIST_PARAMETERS, options), listed),
        ),
        Route(
            "POST",
            "/v2/entities",
            create_entity,
            "write",
            words.describe(
                "Create an entity",
                _TAG,
                (words.PATH_TO_WRITE, words.options("keyValues", "upsert", "forcedUpdate")),
                created,
                422,
                500,
                request=_ENTITY,
            ),
        ),
    )


def _entity_routes() -> tuple[Route, ...]:
    options = words.options(*_READ_OPTIONS)
    template = "/v2/entities/{entityId}"
    read = words.describe("Retrieve an entity", _TAG, (*_READ, options), {200: _READ_ENTITY}, 404, 409)
    attributes = words.describe("Retrieve attributes", _TAG, (*_READ, options), {200: _READ_ATTRIBUTES}, 404, 409)
    delete = words.describe("Delete an entity", _TAG, _WRITE, _DONE, 404, 409)
    return (
        Route("GET", template, retrieve_entity, "read", read),
        Route("DELETE", template, delete_entity, "write", delete),
        Route("GET", f"{template}/attrs", retrieve_attributes, "read", attributes),
    )


def _attribute_routes() -> tuple[Route, ...]:
    template = "/v2/entities/{entityId}/attrs"
    append = words.describe(
        "Add or update attributes",
        _TAG,
        (*_WRITE, words.options("append", *_UPDATE_OPTIONS)),
        _DONE,
        *(404, 409, 422, 500),
        request=_ATTRIBUTES,
    )
    update = words.describe(
        "Update attributes that exist",
        _TAG,
        (*_WRITE, words.options(*_UPDATE_OPTIONS)),
        _DONE,
        *(404, 409, 422, 500),
        request=_ATTRIBUTES,
    )
    replace = words.describe(
        "Replace all attributes",
        _TAG,
        (*_WRITE, words.options("keyValues", "forcedUpdate", "flowControl")),
        _DONE,
        *(404, 409, 422, 500),
        request=_ATTRIBUTES,
    )
    return (
        Route("POST", template, append_attributes, "write", append),
        Route("PATCH", template, update_attributes, "write", update),
        Route("PUT", template, replace_attributes, "write", replace),
    )
