"""`/export/history`: what was recorded of all entities of a type, as CSV, streamed."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final
from urllib.parse import quote

from services.broker.export.heading import heading
from services.broker.export.single_type import single_type
from services.broker.http.face import Call
from services.broker.http.request import Parameters
from services.broker.http.response import Response
from services.broker.http.route import Content, Operation, Parameter, Route
from services.broker.http.streamed import StreamedResponse
from services.broker.ngsild import words
from services.broker.ngsild.context import context_of
from services.broker.operations.extracts import table_of
from services.broker.operations.history_extracts import histories, readable_attributes
from services.broker.store.history_extracts import COLUMNS, HistoryExtract
from services.kernel.clock import from_iso
from services.kernel.errors import BadData, InvalidRequest

_TELLS: Final = (
    "One row for each instance of an attribute that was written or deleted (`change`), of the living entities that the"
    " caller may see: entity by entity in order of creation, attribute by attribute, in order of recording. `from` and"
    " `to` (exclusive) are instants of recording, with `timeproperty=observedAt` of observation. Entities that were"
    " deleted are not told. A caller whose grants show some attributes of some entities only is told of those"
    " attributes that all its grants show."
)
_TIME_PROPERTIES: Final = ("recordedAt", "observedAt")


def routes(tag: str) -> tuple[Route, ...]:
    """Return the route."""
    instant = {"type": "string", "format": "date-time"}
    parameters = (
        Parameter("type", "Entity type: one name", required=True, example="WaterLevelObserved"),
        Parameter("id", "Only the entity with this id", example="urn:ngsi-ld:WaterLevelObserved:fukui-1"),
        Parameter("attrs", "Only these attributes, separated by commas", example="waterLevel"),
        Parameter("from", "First instant", instant, example="2026-01-01T00:00:00Z"),
        Parameter("to", "Instant before which it ends", instant, example="2026-02-01T00:00:00Z"),
        Parameter("timeproperty", "Which instants are meant", {"type": "string", "enum": list(_TIME_PROPERTIES)}),
        words.TENANT,
        words.LINK,
    )
    answer = Content("The records", {"text/csv": {"type": "string"}})
    operation = Operation(
        "Export the history of all entities of a type",
        _TELLS,
        tag,
        parameters,
        responses={200: answer, **words.GENERAL_ERRORS},
    )
    return (Route("GET", "/export/history", export_history, "read", operation),)


async def export_history(call: Call) -> Response:
    """Stream the history of all entities of a type."""
    parameters = call.request.parameters
    name = single_type(parameters.get("type"))
    by_observation = _choice(parameters) == "observedAt"
    start, end = _instant(parameters, "from"), _instant(parameters, "to")
    context = await context_of(call)
    tenant = await call.tenant()
    table = await table_of(call.broker, tenant.tenant_id, context.expand(name), context)
    asked = [context.expand(each) for each in parameters.words("attrs")]
    readable = readable_attributes(call.broker, table)
    unknown = next((each for each in asked if call.broker.view is not None and each not in readable), None)
    if unknown is not None:
        raise BadData(f"The entities have no attribute {context.compact(unknown)}", field="attrs")
    chosen = [(each, context.compact(each)) for each in asked or readable]
    is_all = call.broker.view is None and not asked
    of_one = parameters.get("id") or None
    wanted = HistoryExtract(context.compact(table.type), chosen, start, end, by_observation, is_all, of_one)

    async def parts() -> AsyncIterator[bytes]:
        yield heading(COLUMNS)
        async for part in histories(call.broker, table, wanted):
            yield part

    file = quote(name.rpartition("/")[2] or "history")
    headers = (("Content-Disposition", f"attachment; filename*=UTF-8''{file}-history.csv"),)
    return StreamedResponse(200, b"", "text/csv; charset=utf-8; header=present", headers, parts, call.request.gone)


def _choice(parameters: Parameters) -> str:
    name = parameters.get("timeproperty") or _TIME_PROPERTIES[0]
    if name not in _TIME_PROPERTIES:
        raise InvalidRequest(f"timeproperty must be {' or '.join(_TIME_PROPERTIES)}", field="timeproperty")
    return name


def _instant(parameters: Parameters, name: str) -> datetime | None:
    text = parameters.get(name)
    if not text:
        return None
    try:
        return from_iso(text)
    except ValueError:
        raise InvalidRequest(f"{name} must be a date-time, not {text:.60}", field=name) from None
