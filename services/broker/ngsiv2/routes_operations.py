"""/v2/op/update, /v2/op/query, /v2/op/notify (Orion API, Batch Operations)."""

from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.http.route import Parameter, Route
from services.broker.ngsiv2 import words
from services.broker.ngsiv2.access import names_of, tenant_to_read
from services.broker.ngsiv2.batch import Action, Batch, read_batch, read_notification
from services.broker.ngsiv2.body import read_body
from services.broker.ngsiv2.entity_list import ORDER_BY, query_of_body
from services.broker.ngsiv2.forward_queries import find_everywhere
from services.broker.ngsiv2.forward_updates import write_batch_or_forward
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.outcomes import MISSING, PRESENT, check_batch
from services.broker.ngsiv2.parameters import count_header, read_options
from services.broker.ngsiv2.render import render_entity
from services.broker.ngsiv2.service_path import path_to_write
from services.kernel.errors import InvalidRequest
from services.kernel.tenancy import Tenant

_LONGEST_KEY = 200
NO_CONTENT = Response(204)


async def update_batch(call: Call) -> Response:
    """Answer POST /v2/op/update."""
    options = read_options(call.request.parameters)
    key = call.request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= _LONGEST_KEY:
        raise InvalidRequest(f"Idempotency-Key must have 1 to {_LONGEST_KEY} characters", field="Idempotency-Key")
    tenant = await call.tenant_to_write()
    names = await names_of(call, tenant)
    batch = read_batch(await read_body(call), names, options)
    await _carry_out(call, tenant, names, batch, key)
    return NO_CONTENT


async def _carry_out(call: Call, tenant: Tenant, names: Names, batch: Batch, key: str | None) -> None:
    mutations = batch.mutations(names, path_to_write(call.request))
    if batch.action in (Action.UPDATE, Action.REPLACE):
        results = await write_batch_or_forward(call, tenant, names, mutations, key)
    else:
        results = await call.broker.writer.write_batch(tenant.tenant_id, mutations, key=key)
    why = PRESENT if batch.action is Action.APPEND_STRICT else MISSING
    check_batch(batch.entities, results, names, why=why)


async def query_batch(call: Call) -> Response:
    """Answer POST /v2/op/query."""
    options = read_options(call.request.parameters)
    tenant = await tenant_to_read(call)
    names = Names(call.broker.contexts.core) if tenant is None else await names_of(call, tenant)
    question, shape = query_of_body(await read_body(call), call, names, options)
    if tenant is None:
        return json_response([], headers=count_header(question.query.page, 0))
    entities, total = await find_everywhere(call, tenant, question, skip="skipForwarding" in options)
    body = [render_entity(entity, shape, names) for entity in entities]
    return json_response(body, headers=count_header(question.query.page, total))


async def take_notification(call: Call) -> Response:
    """Answer POST /v2/op/notify."""
    options = read_options(call.request.parameters)
    if options:
        raise InvalidRequest("op/notify takes normalized notifications only", field="options")
    tenant = await call.tenant_to_write()
    names = await names_of(call, tenant)
    batch = read_notification(await read_body(call), names)
    await _carry_out(call, tenant, names, batch, None)
    return Response(200)


_TAG = "NGSIv2 batch operations"
_UPDATE_EXAMPLE = {"actionType": "append", "entities": [words.ENTITY_EXAMPLE]}
_QUERY_EXAMPLE = {
    "entities": [{"idPattern": ".*", "type": "Room"}],
    "attrs": ["temperature"],
    "expression": {"q": "temperature>20"},
}
_NOTIFY_EXAMPLE = {"subscriptionId": "5aeb0ee97d4ef10a12a0262f", "data": [words.ENTITY_EXAMPLE]}
_OBJECT = {"type": "object"}
_LIST = words.json_body("Entities", {"type": "array", "items": words.ENTITY_SCHEMA}, [words.ENTITY_EXAMPLE])
_KEY = Parameter(
    "Idempotency-Key",
    "A batch whose key was carried out before is answered again and not carried out again",
    {"type": "string", "minLength": 1, "maxLength": _LONGEST_KEY},
    "header",
)


def routes() -> tuple[Route, ...]:
    """Return the routes of batch operations."""
    update = words.describe(
        "Update entities in a batch",
        _TAG,
        (words.PATH_TO_WRITE, _KEY, words.options("keyValues", "overrideMetadata", "forcedUpdate", "flowControl")),
        {204: words.nothing("Done")},
        *(404, 409, 422, 500, 501),
        request=words.json_body(
            "`actionType` append, appendStrict, update, delete or replace, and entities", _OBJECT, _UPDATE_EXAMPLE
        ),
    )
    query = words.describe(
        "Query entities",
        _TAG,
        (
            words.PATHS_TO_READ,
            words.LIMIT,
            words.OFFSET,
            ORDER_BY,
            words.options("count", "keyValues", "values", "unique", "skipForwarding"),
        ),
        {200: _LIST},
        request=words.json_body("The query", _OBJECT, _QUERY_EXAMPLE),
    )
    notify = words.describe(
        "Take a notification as an update",
        _TAG,
        (words.PATH_TO_WRITE,),
        {200: words.nothing("Done")},
        *(409, 422, 500),
        request=words.json_body("A normalized notification", _OBJECT, _NOTIFY_EXAMPLE),
    )
    return (
        Route("POST", "/v2/op/update", update_batch, "write", update),
        Route("POST", "/v2/op/query", query_batch, "read", query),
        Route("POST", "/v2/op/notify", take_notification, "write", notify),
    )
