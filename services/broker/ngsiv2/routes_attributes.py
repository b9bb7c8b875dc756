"""/v2/entities/{entityId}/attrs/{attrName} and its value (Orion API, Attributes, Attribute Value)."""

from typing import Any

import orjson

from services.broker.domain.attribute import Instance
from services.broker.domain.entity import Entity
from services.broker.domain.v2_value import shown_value
from services.broker.http.face import Call
from services.broker.http.request import MalformedJson
from services.broker.http.response import Response, json_response
from services.broker.http.route import Content, Route
from services.broker.ngsiv2 import words
from services.broker.ngsiv2.access import NO_ATTRIBUTE, names_of, reference_to_write
from services.broker.ngsiv2.body import read_body
from services.broker.ngsiv2.forward_queries import retrieve_everywhere
from services.broker.ngsiv2.forward_updates import write_or_forward
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.negotiation import JSON, TEXT, media_type_of
from services.broker.ngsiv2.parameters import read_names, read_options
from services.broker.ngsiv2.read_attribute import EXPIRY_NAME, read_attribute, read_expiry
from services.broker.ngsiv2.render import builtin_attribute, render_attribute
from services.broker.ngsiv2.syntax import check_attribute_name, check_value, tidy_value
from services.broker.operations.mutation import Combine
from services.broker.operations.v2_combine import override_metadata, stick_metadata, value_only
from services.broker.operations.v2_updates import Admit, DeleteAttributes, UpdateEntity
from services.kernel.errors import BadData, NotFound

NO_CONTENT = Response(204)


async def retrieve_attribute(call: Call) -> Response:
    """Answer GET /v2/entities/{entityId}/attrs/{attrName}."""
    options = read_options(call.request.parameters)
    metadata = read_names(call.request.parameters, "metadata")
    entity, names = await retrieve_everywhere(call, skip="skipForwarding" in options)
    return json_response(render_attribute(_named(entity, call.values[1], names), metadata, names))


def _named(entity: Entity, name: str, names: Names) -> Instance:
    """Return an attribute; of the builtin ones, `dateExpires` has a path too. Raises NotFound."""
    instance = entity.attribute(names.expand(name))
    if instance is None and name == EXPIRY_NAME:
        instance = builtin_attribute(entity, name)
    if instance is None:
        raise NotFound(NO_ATTRIBUTE)
    return instance


async def update_attribute(call: Call) -> Response:
    """Answer PUT /v2/entities/{entityId}/attrs/{attrName}."""
    options = read_options(call.request.parameters)
    document = await read_body(call)
    combine = override_metadata if "overrideMetadata" in options else stick_metadata
    return await _write(call, document, combine, forced="forcedUpdate" in options)


async def _write(call: Call, document: Any, combine: Combine, *, forced: bool) -> Response:
    tenant = await call.tenant_to_write()
    names = await names_of(call, tenant)
    ref = reference_to_write(call, names)
    name = check_attribute_name(call.values[1])
    if combine is value_only:
        instance: Instance = {"kind": "Property", "value": document}
    else:
        instance = read_attribute(document, names)
    if name == EXPIRY_NAME:
        mutation = UpdateEntity(ref, {}, forced=forced, expiry=read_expiry(instance))
    else:
        mutation = UpdateEntity(ref, {names.expand(name): [instance]}, Admit.PRESENT, combine, forced)
    outcome = await write_or_forward(call, tenant, names, mutation)
    if outcome.not_updated:
        raise NotFound(NO_ATTRIBUTE)
    return NO_CONTENT


async def delete_attribute(call: Call) -> Response:
    """Answer DELETE /v2/entities/{entityId}/attrs/{attrName}."""
    tenant = await call.tenant_to_write()
    names = await names_of(call, tenant)
    name = call.values[1]
    ref = reference_to_write(call, names)
    is_expiry = name == EXPIRY_NAME
    mutation = DeleteAttributes(ref, () if is_expiry else (names.expand(name),), end_of_expiry=is_expiry)
    outcome = await call.broker.writer.write(tenant.tenant_id, mutation)
    if outcome.not_updated:
        raise NotFound(NO_ATTRIBUTE)
    return NO_CONTENT


async def retrieve_value(call: Call) -> Response:
    """Answer GET /v2/entities/{entityId}/attrs/{attrName}/value."""
    options = read_options(call.request.parameters)
    entity, names = await retrieve_everywhere(call, skip="skipForwarding" in options)
    value = shown_value(_named(entity, call.values[1], names))
    media_type = TEXT if "text" in options else media_type_of(value, call.request.headers.get("accept"))
    return Response(200, orjson.dumps(value), media_type)


async def update_value(call: Call) -> Response:
    """Answer PUT /v2/entities/{entityId}/attrs/{attrName}/value."""
    options = read_options(call.request.parameters)
    media_type = call.request.headers["content-type"].partition(";")[0].strip().lower()
    value = _value_of_text(await call.request.body()) if media_type == TEXT else await _value_of_json(call)
    return await _write(call, value, value_only, forced="forcedUpdate" in options)


async def _value_of_json(call: Call) -> Any:
    value = await call.request.json()
    if not isinstance(value, dict | list):
        raise MalformedJson("Neither JSON Object nor JSON Array for attribute::value")
    return check_value(value, "attribute value")


def _value_of_text(body: bytes) -> Any:
    """Read a value of text/plain: "text", true, false, null, else a number. Raises BadData."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadData("The value must be UTF-8 text", field="value") from error
    text = text.strip()
    if len(text) >= 2 and text[0] == '"' and text[-1] == '"':
        return check_value(text[1:-1], "attribute value")
    if text in _WORDS:
        return _WORDS[text]
    try:
        number = orjson.loads(text)
    except orjson.JSONDecodeError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise BadData("attribute value type not recognized: strings need quotes", field="value")
    return tidy_value(number)


_WORDS = {"true": True, "false": False, "null": None}
_TAG = "NGSIv2 attributes"
_ATTRIBUTE = words.json_body("The attribute", words.ATTRIBUTE_SCHEMA, words.ATTRIBUTE_EXAMPLE)
_VALUE = Content(
    "The value: objects and lists as JSON, everything else as text (strings in quotes)",
    {JSON: {"oneOf": [{"type": "object"}, {"type": "array"}]}, TEXT: {"type": "string"}},
    examples={JSON: {"floor": 3}, TEXT: "23.5"},
)


def routes() -> tuple[Route, ...]:
    """Return the routes of attributes and their values."""
    template = "/v2/entities/{entityId}/attrs/{attrName}"
    forwarding = words.options("skipForwarding")
    done = {204: words.nothing("Done")}
    reading = (words.PATHS_TO_READ, words.TYPE)
    writing = (words.PATH_TO_WRITE, words.TYPE)
    update_options = words.options("overrideMetadata", "forcedUpdate", "flowControl")
    value_options = words.options("forcedUpdate", "flowControl")
    read = words.describe(
        "Retrieve an attribute", _TAG, (*reading, words.METADATA, forwarding), {200: _ATTRIBUTE}, 404, 409
    )
    update = words.describe(
        "Update an attribute", _TAG, (*writing, update_options), done, 404, 409, 500, request=_ATTRIBUTE
    )
    delete = words.describe("Delete an attribute", _TAG, writing, done, 404, 409)
    read_value = words.describe("Retrieve a value", _TAG, (*reading, forwarding), {200: _VALUE}, 404, 409)
    write_value = words.describe("Update a value", _TAG, (*writing, value_options), done, 404, 409, 500, request=_VALUE)
    return (
        Route("GET", template, retrieve_attribute, "read", read),
        Route("PUT", template, update_attribute, "write", update),
        Route("DELETE", template, delete_attribute, "write", delete),
        Route("GET", f"{template}/value", retrieve_value, "read", read_value),
        Route("PUT", f"{template}/value", update_value, "write", write_value),
    )
