"""`/iot/json`: measures over HTTP, answered when they are committed."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import JSONResponse, Response

from services.ingest.codecs.topic import read_address
from services.ingest.domain.arrival import Arrival, Form, Outcome
from services.ingest.domain.attribute import TIME_NAME
from services.ingest.domain.errors import MissingParameters
from services.ingest.domain.refusal import MeasureRefused
from services.ingest.http.dialect import refusal, refuse_measure, responses

router = APIRouter(tags=["Measures"])
ApiKey = Annotated[str | None, Query(alias="k", description="API key of the device's group", examples=["fukui-river"])]
DeviceId = Annotated[str | None, Query(alias="i", description="Device id", examples=["gauge-1"])]
Time = Annotated[str | None, Query(alias="t", description="When it was measured, if the body does not tell")]
AttributeName = Annotated[str, Path(description="Key of the attribute in a measure", examples=["level"])]
GetCommand = Annotated[
    str | None, Query(alias="getCmd", description="Accepted; there are no commands to answer with yet")
]
_JSON = "application/json"
_TEXT = "text/plain"
_BINARY = "application/octet-stream"
_FORMS: Mapping[str, Form] = {_TEXT: "text", _BINARY: "bytes"}
_ERRORS = responses(400, 404, 413, 503)


def _body(examples: dict[str, Any]) -> dict[str, Any]:
    content = {kind: {"schema": {}, "examples": {"measure": {"value": value}}} for kind, value in examples.items()}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/iot/json",
    summary="Send measures",
    responses=_ERRORS,
    openapi_extra=_body({_JSON: {"level": 3.42, "TimeInstant": "2026-08-20T00:40:00+09:00"}}),
)
async def send_measures(
    request: Request, k: ApiKey = None, i: DeviceId = None, t: Time = None, command: GetCommand = None
) -> Response:
    """Send one measure (an object) or several (an array of objects).

    200 means committed in the context broker. A refused measure is also kept in the dead letters; the others of
    the same array are stored.
    """
    return await _submit(request, (k, i, None), t, (_JSON,))


@router.post(
    "/iot/json/attrs/{attribute}",
    summary="Send the value of one attribute",
    responses=_ERRORS,
    openapi_extra=_body({_JSON: 3.42, _TEXT: "open", _BINARY: "\u0001\u0002"}),
)
async def send_value(
    request: Request, attribute: AttributeName, k: ApiKey = None, i: DeviceId = None, t: Time = None
) -> Response:
    """Send a value as JSON, as text, or as bytes, which are stored in hexadecimal digits."""
    return await _submit(request, (k, i, attribute), t, (_JSON, _TEXT, _BINARY))


async def _submit(
    request: Request, name: tuple[str | None, str | None, str | None], time: str | None, kinds: tuple[str, ...]
) -> Response:
    apikey, device_id, attribute = name
    missing = [words for words, value in (("API Key", apikey), ("Device Id", device_id)) if not value]
    if missing:
        raise MissingParameters(", ".join(missing))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        message = f"The request content didn't have the expected type [{', '.join(kinds)}]"
        return refusal(400, "UNSUPPORTED_TYPE", message)
    try:
        address = read_address(apikey or "", device_id or "", attribute)
    except MeasureRefused as error:
        return refuse_measure(error.refusal.reason, error.refusal.detail)
    body = await request.body()
    parts = request.app.state.parts
    arrival = Arrival(
        source="http",
        topic=request.url.path,
        address=address,
        payload=body,
        received_at=parts.clock(),
        settle=_ignore,
        more={TIME_NAME: time} if time else {},
        form=_FORMS.get(kind, "json"),
    )
    return _answer(await parts.submission.submit(arrival))


def _answer(outcome: Outcome) -> Response:
    if not outcome.refusals:
        return JSONResponse({})
    first = outcome.refusals[0]
    refused, all_of_them = len(outcome.refusals), len(outcome.refusals) + outcome.accepted
    words = first.detail if all_of_them == 1 else f"{refused} of {all_of_them} measures are refused: {first.detail}"
    return refuse_measure(first.reason, words)


def _ignore(_: Outcome) -> None:
    """Stand in until the submission waits."""
