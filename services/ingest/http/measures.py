"""`/iot/json` and `/iot/d`: measures over HTTP, answered when they are committed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import JSONResponse, Response

from services.ingest.codecs.topic import read_address
from services.ingest.domain.arrival import Arrival, Form, Outcome, Protocol
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
    return await _submit(Sent(request, "json", k, i, time=t), (_JSON,))


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
    return await _submit(Sent(request, "json", k, i, attribute, t), (_JSON, _TEXT, _BINARY))


@router.post(
    "/iot/d",
    summary="Send measures in UltraLight",
    responses=_ERRORS,
    openapi_extra=_body({_TEXT: "2026-08-20T00:40:00+09:00|level|3.42#level|3.5"}),
)
async def send_ultralight(
    request: Request, k: ApiKey = None, i: DeviceId = None, t: Time = None, command: GetCommand = None
) -> Response:
    """Send measures as UltraLight 2.0: `key|value|key|value`, groups joined by `#`, each with a time or none."""
    return await _submit(Sent(request, "ul", k, i, time=t), (_TEXT, ""))


@router.get("/iot/d", summary="Send a measure in UltraLight in the address", responses=_ERRORS)
async def send_ultralight_in_address(
    request: Request,
    k: ApiKey = None,
    i: DeviceId = None,
    d: Annotated[str | None, Query(description="The measure", examples=["level|3.42"])] = None,
    t: Time = None,
) -> Response:
    """Send one measure as UltraLight 2.0, for devices that can do nothing but GET."""
    return await _submit(Sent(request, "ul", k, i, time=t, payload=(d or "").encode()), None)


@router.post(
    "/iot/d/attrs/{attribute}",
    summary="Send the value of one attribute in UltraLight",
    responses=_ERRORS,
    openapi_extra=_body({_TEXT: "3.42"}),
)
async def send_ultralight_value(
    request: Request, attribute: AttributeName, k: ApiKey = None, i: DeviceId = None, t: Time = None
) -> Response:
    """Send one value as UltraLight 2.0 has it: a number where it is one, else a text."""
    return await _submit(Sent(request, "ul", k, i, attribute, t), (_TEXT, ""))


@dataclass(frozen=True, slots=True)
class Sent:
    """A request of a device; `payload` where it is not the body."""

    request: Request
    protocol: Protocol
    apikey: str | None
    device_id: str | None
    attribute: str | None = None
    time: str | None = None
    payload: bytes | None = None


async def _submit(sent: Sent, kinds: tuple[str, ...] | None) -> Response:
    """Take in a request whose body is of one of the media types `kinds`, if it matters."""
    began = time.monotonic()
    request = sent.request
    missing = [words for words, value in (("API Key", sent.apikey), ("Device Id", sent.device_id)) if not value]
    if missing:
        raise MissingParameters(", ".join(missing))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kinds is not None and kind not in kinds:
        message = f"The request content didn't have the expected type [{', '.join(filter(None, kinds))}]"
        return refusal(400, "UNSUPPORTED_TYPE", message)
    try:
        address = read_address(sent.apikey or "", sent.device_id or "", sent.attribute)
    except MeasureRefused as error:
        return refuse_measure(error.refusal.reason, error.refusal.detail)
    body = await request.body() if sent.payload is None else sent.payload
    parts = request.app.state.parts
    arrival = Arrival(
        source="http",
        topic=request.url.path,
        address=replace(address, protocol=sent.protocol),
        payload=body,
        received_at=parts.clock(),
        settle=_ignore,
        more={TIME_NAME: sent.time} if sent.time else {},
        form=_FORMS.get(kind, "json"),
    )
    answer = _answer(await parts.submission.submit(arrival))
    answer.headers["X-Processing-Time"] = str(round((time.monotonic() - began) * 1000))
    return answer


def _answer(outcome: Outcome) -> Response:
    if not outcome.refusals:
        return JSONResponse({})
    first = outcome.refusals[0]
    refused, all_of_them = len(outcome.refusals), len(outcome.refusals) + outcome.accepted
    words = first.detail if all_of_them == 1 else f"{refused} of {all_of_them} measures are refused: {first.detail}"
    return refuse_measure(first.reason, words)


def _ignore(_: Outcome) -> None:
    """Stand in until the submission waits."""
