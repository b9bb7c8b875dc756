"""/v2/types (Orion API, Types)."""

from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.http.route import Route
from services.broker.ngsiv2 import words
from services.broker.ngsiv2.access import names_of, tenant_to_read
from services.broker.ngsiv2.parameters import count_header, read_options, read_paging
from services.broker.ngsiv2.service_path import paths_to_read
from services.broker.ngsiv2.type_summary import TypeSummary, summaries
from services.kernel.errors import NotFound


async def list_types(call: Call) -> Response:
    """Answer GET /v2/types."""
    options = read_options(call.request.parameters)
    page = read_paging(call.request.parameters, options)
    found = await _find(call)
    part = found[page.offset : page.offset + page.limit]
    details = "noAttrDetail" not in options
    body = [each.name if "values" in options else each.render(details=details) for each in part]
    return json_response(body, headers=count_header(page, len(found)))


async def retrieve_type(call: Call) -> Response:
    """Answer GET /v2/types/{type}."""
    options = read_options(call.request.parameters)
    name = call.values[0]
    for each in await _find(call):
        if each.name == name:
            document = each.render(details="noAttrDetail" not in options)
            del document["type"]
            return json_response(document)
    raise NotFound("Entity type not found")


async def _find(call: Call) -> list[TypeSummary]:
    paths = paths_to_read(call.request)
    tenant = await tenant_to_read(call)
    if tenant is None:
        return []
    return await summaries(call.broker, tenant, await names_of(call, tenant), paths)


_TAG = "NGSIv2 types"
_TYPE_EXAMPLE = {"attrs": {"temperature": {"types": ["Number"]}}, "count": 7}
_OBJECT = {"type": "object"}


def routes() -> tuple[Route, ...]:
    """Return the routes of types."""
    listed = words.json_body("Types in alphabetical order", {"type": "array"}, [{"type": "Room", **_TYPE_EXAMPLE}])
    one = words.json_body("The type", _OBJECT, _TYPE_EXAMPLE)
    paging = (words.LIMIT, words.OFFSET, words.options("count", "values", "noAttrDetail"))
    return (
        Route(
            "GET",
            "/v2/types",
            list_types,
            "read",
            words.describe("List entity types", _TAG, (words.PATHS_TO_READ, *paging), {200: listed}),
        ),
        Route(
            "GET",
            "/v2/types/{type}",
            retrieve_type,
            "read",
            words.describe(
                "Retrieve an entity type", _TAG, (words.PATHS_TO_READ, words.options("noAttrDetail")), {200: one}, 404
            ),
        ),
    )
