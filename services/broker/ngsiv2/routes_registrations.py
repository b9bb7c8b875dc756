"""/v2/registrations (Orion API, Registration Operations)."""

from services.broker.domain.v2_registration import V2Registration
from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.http.route import Route
from services.broker.ngsiv2 import words
from services.broker.ngsiv2.access import tenant_to_read
from services.broker.ngsiv2.identifiers import check_identifier_form, new_identifier
from services.broker.ngsiv2.parameters import count_header, read_options, read_paging
from services.broker.ngsiv2.read_registration import check_registration, expiry_of, render_registration
from services.broker.ngsiv2.service_path import EVERYWHERE, path_to_subscribe, path_to_write, paths_to_read
from services.broker.operations import v2_registrations as registrations
from services.kernel.errors import NotFound
from services.kernel.identity.grant import covers
from services.kernel.tenancy import Tenant

_MISSING = "The requested registration has not been found. Check id"


async def list_registrations(call: Call) -> Response:
    """Answer GET /v2/registrations; with a service path those made with exactly this one, with `/#` all."""
    options = read_options(call.request.parameters)
    page = read_paging(call.request.parameters, options)
    path = path_to_subscribe(call.request)
    tenant = await tenant_to_read(call)
    if tenant is None:
        return json_response([], headers=count_header(page, 0))
    found, total = await registrations.find(call.broker, tenant, None if path == EVERYWHERE else path, page)
    return json_response([render_registration(each) for each in found], headers=count_header(page, total))


async def create_registration(call: Call) -> Response:
    """Answer POST /v2/registrations."""
    read_options(call.request.parameters)
    path = path_to_write(call.request)
    tenant = await call.tenant_to_write()
    document = check_registration(await call.request.json())
    now = call.broker.clock()
    registration = V2Registration(new_identifier(), path, document, now, expiry_of(document))
    await registrations.create(call.broker, tenant, registration)
    return Response(201, headers=(("Location", f"/v2/registrations/{registration.id}"),))


async def _existing(call: Call) -> tuple[Tenant, V2Registration]:
    """Return the registration that a path names. To who may register in some service paths, others' are not there."""
    identifier = check_identifier_form(call.values[0], "registration")
    tenant = await tenant_to_read(call)
    if tenant is None:
        raise NotFound(_MISSING)
    found = await registrations.retrieve(call.broker, tenant, identifier)
    is_named = any(covers(path, found.path) for path in paths_to_read(call.request))
    if not is_named and not call.principal.is_unlimited("register", call.tenant_name):
        raise NotFound(_MISSING)
    return tenant, found


async def retrieve_registration(call: Call) -> Response:
    """Answer GET /v2/registrations/{registrationId}."""
    _, found = await _existing(call)
    return json_response(render_registration(found))


async def delete_registration(call: Call) -> Response:
    """Answer DELETE /v2/registrations/{registrationId}."""
    tenant, found = await _existing(call)
    await registrations.delete(call.broker, tenant, found.id)
    return Response(204)


_TAG = "NGSIv2 registrations"
_EXAMPLE = {
    "description": "Commands of lamp1",
    "dataProvided": {"entities": [{"id": "lamp1", "type": "Lamp"}], "attrs": ["switch"]},
    "provider": {"http": {"url": "http://127.0.0.1:4041/v2"}},
}
_SHOWN = {"id": "62aa3d3ac734067e6f0d0871", "status": "active", **_EXAMPLE}
_OBJECT = {"type": "object"}


def routes() -> tuple[Route, ...]:
    """Return the routes of registrations; there is no PATCH."""
    body = words.json_body("The registration", _OBJECT, _EXAMPLE)
    one = words.json_body("The registration", _OBJECT, _SHOWN)
    listed = words.json_body("Registrations in order of creation", {"type": "array"}, [_SHOWN])
    created = {201: words.nothing("Created", {"Location": "Path of the registration"})}
    paging = (words.PATHS_TO_READ, words.LIMIT, words.OFFSET, words.options("count"))
    collection, template = "/v2/registrations", "/v2/registrations/{registrationId}"
    listing = words.describe("List registrations", _TAG, paging, {200: listed})
    create = words.describe("Register a provider", _TAG, (words.PATHS_TO_READ,), created, 501, request=body)
    read = words.describe("Retrieve a registration", _TAG, (), {200: one}, 404)
    delete = words.describe("Delete a registration", _TAG, (), {204: words.nothing("Done")}, 404)
    return (
        Route("GET", collection, list_registrations, "register", listing),
        Route("POST", collection, create_registration, "register", create),
        Route("GET", template, retrieve_registration, "register", read),
        Route("DELETE", template, delete_registration, "register", delete),
    )
