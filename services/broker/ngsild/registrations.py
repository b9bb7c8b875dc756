"""Operations on context source registrations: register, retrieve, query, update, delete (5.9, 5.10, 6.8, 6.9)."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from services.broker.domain.names import Context
from services.broker.domain.registration import Registration
from services.broker.http.face import Call
from services.broker.http.response import Response
from services.broker.ngsild.answers import document_answer
from services.broker.ngsild.context import body_context, context_of
from services.broker.ngsild.entities import NO_CONTENT
from services.broker.ngsild.input_entity import read_object
from services.broker.ngsild.input_values import read_uri
from services.broker.ngsild.page_links import page_headers
from services.broker.ngsild.parameters import read_ld_page, read_representation
from services.broker.ngsild.registration_filter import read_registration_filter
from services.broker.ngsild.registration_members import KNOWN, NAME_LISTS, check_registration, expanded_registration
from services.broker.operations import registrations
from services.broker.operations.merging import NULL
from services.kernel.clock import to_iso_millis
from services.kernel.errors import BadData

_NEVER_REMOVED: Final = ("type", "information", "endpoint")
_FIWARE: Final = {"fiware-service": "Fiware-Service", "fiware-servicepath": "Fiware-ServicePath"}


async def register(call: Call) -> Response:
    """Register a context source (5.9.2, 6.8.3.1)."""
    document = read_object(await call.request.json())
    context = await body_context(call, document)
    kept = expanded_registration(document, context, call.broker.settings.egress)
    await _check_context(call, kept)
    now = call.broker.clock()
    check_registration(kept, now)
    identifier = document.get("id")
    if identifier is None:
        identifier = f"urn:ngsi-ld:ContextSourceRegistration:{uuid.uuid4()}"
    headers = call.request.headers
    fiware = {name: headers[key] for key, name in _FIWARE.items() if headers.get(key)}
    registration = Registration(read_uri(identifier, "id"), kept, context.source, now, now, fiware=fiware)
    await registrations.create(call.broker, await call.tenant_to_write(), registration)
    location = f"/ngsi-ld/v1/csourceRegistrations/{quote(registration.id, safe=':')}"
    return Response(201, headers=(("Location", location),))


async def _check_context(call: Call, document: Mapping[str, Any]) -> None:
    for pair in document.get("contextSourceInfo", ()):
        if pair["key"] == "jsonldContext":
            await call.broker.contexts.resolve(pair["value"])


async def retrieve_registration(call: Call) -> Response:
    """Retrieve a registration (5.10.1, 6.9.3.1)."""
    identifier = read_uri(call.values[0], "id")
    context = await context_of(call)
    shown = read_representation(call, context, geo=False)
    registration = await registrations.retrieve(call.broker, await call.tenant(), identifier)
    return await document_answer(call, rendered(registration, context, sys_attrs=shown.sys_attrs), shown)


async def query_registrations(call: Call) -> Response:
    """Query registrations (5.10.2, 6.8.3.2)."""
    context = await context_of(call)
    shown = read_representation(call, context, geo=False)
    page = read_ld_page(call.request.parameters)
    fits = read_registration_filter(call.request.parameters.pairs, context)
    found, count = await registrations.find(call.broker, await call.tenant(), fits, page)
    documents = [rendered(each, context, sys_attrs=shown.sys_attrs) for each in found]
    has_next = page.offset + len(found) < count
    return await document_answer(call, documents, shown, page_headers(call, page, count, has_next=has_next))


async def update_registration(call: Call) -> Response:
    """Update a registration: what is named takes the place of what is there, null removes it (5.9.3, 6.9.3.2)."""
    identifier = read_uri(call.values[0], "id")
    document = read_object(await call.request.json())
    context = await body_context(call, document)
    removed = {name for name, value in document.items() if value is None or value == NULL}
    for name in _NEVER_REMOVED:
        if name in removed:
            raise BadData(f"{name} must not be removed", field=name)
    if document.get("id", identifier) != identifier:
        raise BadData(f"id must be {identifier}, as in the path", field="id")
    given = {name: value for name, value in document.items() if name not in removed}
    patch = expanded_registration(given, context, call.broker.settings.egress)
    await _check_context(call, patch)
    gone = {name if name in KNOWN else context.expand(name) for name in removed}
    now = call.broker.clock()

    def change(there: Registration) -> Registration:
        merged = {name: value for name, value in {**there.document, **patch}.items() if name not in gone}
        check_registration(merged, now)
        return replace(there, document=merged, modified_at=now)

    await registrations.update(call.broker, await call.tenant(), identifier, change)
    return NO_CONTENT


async def delete_registration(call: Call) -> Response:
    """Delete a registration (5.9.4, 6.9.3.3)."""
    identifier = read_uri(call.values[0], "id")
    await registrations.delete(call.broker, await call.tenant(), identifier)
    return NO_CONTENT


def rendered(registration: Registration, context: Context, *, sys_attrs: bool) -> dict[str, Any]:
    """Return a registration as JSON, in a context (5.2.9)."""
    document: dict[str, Any] = {"id": registration.id}
    for name, value in registration.document.items():
        if name == "information":
            document[name] = [_information(part, context) for part in value]
        else:
            document[name if name in KNOWN else context.compact(name)] = value
    status = registration.status
    if status.times_sent:
        document["status"] = "failed" if _failed_last(status.last_success, status.last_failure) else "ok"
        document["timesSent"] = status.times_sent
        document["timesFailed"] = status.times_failed
    for name, instant in (("lastSuccess", status.last_success), ("lastFailure", status.last_failure)):
        if instant is not None:
            document[name] = to_iso_millis(instant)
    if sys_attrs:
        document["createdAt"] = to_iso_millis(registration.created_at)
        document["modifiedAt"] = to_iso_millis(registration.modified_at)
    return document


def _failed_last(success: datetime | None, failure: datetime | None) -> bool:
    return failure is not None and (success is None or failure > success)


def _information(part: Mapping[str, Any], context: Context) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "entities" in part:
        shown["entities"] = [{**each, "type": _types(each["type"], context)} for each in part["entities"]]
    for name in NAME_LISTS:
        if name in part:
            shown[name] = [context.compact(each) for each in part[name]]
    return shown


def _types(types: Any, context: Context) -> Any:
    return [*map(context.compact, types)] if isinstance(types, list) else context.compact(types)
