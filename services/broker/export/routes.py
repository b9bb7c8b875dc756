"""`/export/entities`: all entities of a type as CSV, JSON lines or GeoJSON, streamed."""

from collections.abc import AsyncIterator, Sequence
from typing import Final
from urllib.parse import quote

import orjson

from services.broker.domain.attribute import GEO_PROPERTY
from services.broker.domain.export_column import Column
from services.broker.domain.names import LOCATION, Context
from services.broker.export import history
from services.broker.export.documents import as_ngsi_ld, as_ngsi_v2, documents
from services.broker.export.heading import heading
from services.broker.export.single_type import single_type
from services.broker.http.face import Call
from services.broker.http.openapi import FaceDescription
from services.broker.http.request import Request
from services.broker.http.response import Response
from services.broker.http.route import Content, Operation, Parameter, Route
from services.broker.http.streamed import StreamedResponse
from services.broker.ngsild import Dialect, words
from services.broker.ngsild.context import context_of
from services.broker.operations.extracts import TypeTable, pages, table_of
from services.broker.query.sql_columns import RowWriter
from services.broker.store import exports
from services.kernel.errors import BadData, InvalidRequest
from services.kernel.postgres import Connection
from services.kernel.sql import Fragment

_TAG: Final = "Export"
DESCRIPTION: Final = FaceDescription({}, {_TAG: "All entities of a type, as files"})
_MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8; header=present",
    "ndjson": "application/x-ndjson",
    "geojson": "application/geo+json",
    "ngsi-ld": "application/ld+json",
    "ngsi-v2": "application/json",
}
_SUFFIXES: Final = {"ngsi-ld": "jsonld", "ngsi-v2": "json"}
_TELLS: Final = (
    "The living entities that the caller may see, in order of creation. They are read page by page: none comes twice,"
    " none that is there all the time is missing, and nothing is held up while the reader is slow. Names are those of"
    " the @context that `Link` gives, else of the tenant's.\n\n"
    "CSV (RFC 4180, UTF-8) and JSON lines have a column for each attribute; a point becomes `<name>_lat` and"
    " `<name>_lon`, other geometries are GeoJSON; a LanguageProperty becomes a column for each language; where values"
    " say when they were observed, that is `<name>_observedAt`. Languages and forms of geometry are those of the 200"
    " newest entities. Of an attribute with several instances the first is told. GeoJSON (RFC 7946) lies by"
    " `location`, else by the first GeoProperty. `ngsi-ld` and `ngsi-v2` are arrays of whole entities, normalized, as"
    " that API shows them."
)


class ExportDialect(Dialect):
    """NGSI-LD's dialect for answers in media types of their own: `format` chooses, not `Accept`."""

    def check(self, request: Request, route: Route) -> None:
        """Refuse unknown parameters. Raises InvalidRequest."""
        if request.raw_query:
            self._check_parameters(request, route)


def routes() -> tuple[Route, ...]:
    """Return the export's routes."""
    parameters = (
        Parameter("type", "Entity type: one name", required=True, example="WaterLevelObserved"),
        Parameter("format", "Form of the file", {"type": "string", "enum": list(_MEDIA_TYPES), "default": "csv"}),
        Parameter("attrs", "Only these attributes, separated by commas", example="name,waterLevel"),
        words.TENANT,
        words.LINK,
    )
    text = {"type": "string"}
    answer = Content("The entities", {kind.partition(";")[0]: text for kind in _MEDIA_TYPES.values()})
    operation = Operation(
        "Export all entities of a type", _TELLS, _TAG, parameters, responses={200: answer, **words.GENERAL_ERRORS}
    )
    return (Route("GET", "/export/entities", export_entities, "read", operation), *history.routes(_TAG))


async def export_entities(call: Call) -> Response:
    """Stream all entities of a type."""
    parameters = call.request.parameters
    form = parameters.get("format") or "csv"
    if form not in _MEDIA_TYPES:
        raise InvalidRequest(f"format must be one of {', '.join(_MEDIA_TYPES)}", field="format")
    name = single_type(parameters.get("type"))
    context = await context_of(call)
    tenant = await call.tenant()
    table = await table_of(call.broker, tenant.tenant_id, context.expand(name), context)
    chosen = _chosen(table, parameters.words("attrs"), context)

    def parts() -> AsyncIterator[bytes]:
        return _parts(call, table, (chosen, context), form)

    disposition = (
        f"attachment; filename*=UTF-8''{quote(name.rpartition('/')[2] or 'entities')}.{_SUFFIXES.get(form, form)}"
    )
    headers = (("Content-Disposition", disposition), ("Vary", "Authorization, Link, NGSILD-Tenant, Fiware-Service"))
    return StreamedResponse(200, b"", _MEDIA_TYPES[form], headers, parts, call.request.gone)


def _chosen(table: TypeTable, names: Sequence[str], context: Context) -> list[Column]:
    wanted = {context.expand(name) for name in names}
    unknown = next((name for name in names if context.expand(name) not in table.kinds), None)
    if unknown is not None:
        raise BadData(f"The entities have no attribute {unknown}", field="attrs")
    return [each for each in table.columns if not wanted or not each.attribute or each.attribute in wanted]


async def _parts(
    call: Call, table: TypeTable, chosen: tuple[Sequence[Column], Context], form: str
) -> AsyncIterator[bytes]:
    columns, context = chosen
    writer, view = RowWriter(columns, call.broker.view), call.broker.view
    match form:
        case "csv":
            yield heading([each.name for each in columns])
            async for page in pages(call.broker, table, _csv(writer.texts())):
                yield page
        case "ndjson":
            async for page in pages(call.broker, table, _lines(writer.json())):
                yield page
        case "geojson":
            async for part in _feature_collection(call, table, writer):
                yield part
        case _:
            named = {each.attribute for each in columns if each.attribute}
            wanted = named if named < table.kinds.keys() else ()
            show = (as_ngsi_ld if form == "ngsi-ld" else as_ngsi_v2)(context, wanted)
            yield b"[\n"
            async for part in _separated(pages(call.broker, table, documents(show, view, table.tenant_id))):
                yield part
            yield b"\n]\n"


async def _feature_collection(call: Call, table: TypeTable, writer: RowWriter) -> AsyncIterator[bytes]:
    places = sorted(name for name, kinds in table.kinds.items() if GEO_PROPERTY in kinds)
    place = LOCATION if LOCATION in places or not places else places[0]
    head = {"type": "FeatureCollection", "name": str(table.columns[1].tag)}
    yield orjson.dumps(head)[:-1] + b',"features":[\n'
    async for part in _separated(pages(call.broker, table, _lines(writer.feature(place)))):
        yield part
    yield b"\n]}\n"


async def _separated(made: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Put commas between lines, of which each is a JSON document."""
    is_first = True
    async for page in made:
        listed = page.rstrip(b"\n").replace(b"\n", b",\n")
        yield listed if is_first else b",\n" + listed
        is_first = False


def _csv(texts: Fragment) -> exports.Page:
    async def write(connection: Connection, where: Fragment) -> bytes:
        return await exports.copy_csv(connection, texts, where)

    return write


def _lines(text: Fragment) -> exports.Page:
    async def write(connection: Connection, where: Fragment) -> bytes:
        return await exports.copy_lines(connection, text, where)

    return write
