"""/v2/types (Orion API, Types)."""

from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.http.route import Route
from services.broker.ngsiv2 import words
from services.broker.ngsiv2.access import names_of, tenant_to_read
from services.broker.ngsiv2.parameters import count_header, read_options, read_paging
from services.broker.ngsiv2.service_path import paths_to_read
from services.broker.ngsiv2.type_summary import Detail, TypeQuestion, TypeSummary, summaries
from services.kernel.errors import NotFound


async def list_types(call: Call) -> Response:
    """Answer GET /v2/types."""
    options = read_options(call.request.parameters)
    page = read_paging(call.request.parameters, options)
    found = await _find(call, Detail.NAME if "values" in options else _detail(options))
    part = found[page.offset : page.offset + page.limit]
    body = [each.name if "values" in options else each.render() for each in part]
    return json_response(body, headers=count_header(page, len(found)))


async def retrieve_type(call: Call) -> Response:
    """Answer GET /v2/types/{type}."""
    options = read_options(call.request.parameters)
    found = await _find(call, _detail(options), call.values[0])
    if not found:
        raise NotFound("Entity type not found")
    document = found[0].render()
    del document["type"]
    return json_response(document)


def _detail(options: frozenset[str]) -> Detail:
    return Detail.ATTRIBUTES if "noAttrDetail" in options else Detail.TYPES


async def _find(call: Call, detail: Detail, type_name: str | None = None) -> list[TypeSummary]:
    paths = paths_to_read(call.request)
    tenant = await tenant_to_read(call)
    if tenant is None:
        return []
    names = await names_of(call, tenant)
    question = TypeQuestion(paths, detail, None if type_name is None else names.expand_type(type_name))
    return await summaries(call.broker, tenant, names, question)


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
