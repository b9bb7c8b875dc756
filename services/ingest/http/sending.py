"""What a device asks over HTTP, in any protocol: measures, results, commands; answered when all is committed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from services.ingest.codecs.topic import read_address
from services.ingest.domain.arrival import Arrival, Form, Kind, Outcome, Protocol
from services.ingest.domain.attribute import TIME_NAME
from services.ingest.domain.errors import DeviceNotFound, MissingParameters, UnsupportedType
from services.ingest.domain.refusal import MeasureRefused
from services.ingest.http.credentials import granted_sender
from services.ingest.http.dialect import refuse_measure, responses

JSON = "application/json"
TEXT = "text/plain"
BINARY = "application/octet-stream"
SOAP = "application/soap+xml"
ERRORS = responses(400, 401, 403, 404, 413, 429, 503)
AttributeName = Annotated[str, Path(description="Key of the attribute in a measure", examples=["level"])]
_FORMS: Mapping[str, Form] = {TEXT: "text", BINARY: "bytes", SOAP: "xml"}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends and when it was measured. `fetches`: the answer is to have the commands that wait."""

    apikey: str
    device_id: str
    time: str | None
    fetches: bool


async def sender(
    k: Annotated[str | None, Query(description="API key of the device's group", examples=["fukui-river"])] = None,
    i: Annotated[str | None, Query(description="Device id", examples=["gauge-1"])] = None,
    t: Annotated[str | None, Query(description="When it was measured, if the measure does not tell")] = None,
    command: Annotated[
        str | None, Query(alias="getCmd", description="`1`: the answer has the commands that wait for the device")
    ] = None,
) -> Sender:
    """Read who sends. Raises MissingParameters."""
    missing = [words for words, value in (("API Key", k), ("Device Id", i)) if not value]
    if missing:
        raise MissingParameters(", ".join(missing))
    return Sender(k or "", i or "", t, command == "1")


Sending = Annotated[Sender, Depends(sender)]


@dataclass(frozen=True, slots=True)
class Message:
    """What was sent: in which protocol, measures or results, to which attribute; `payload` where it is not the body."""

    sender: Sender
    protocol: Protocol
    attribute: str | None = None
    payload: bytes | None = None
    kind: Kind = "attrs"


def body_of(examples: dict[str, Any]) -> dict[str, Any]:
    """Document a body by its media types."""
    content = {kind: {"schema": {}, "examples": {"measure": {"value": value}}} for kind, value in examples.items()}
    return {"requestBody": {"required": True, "content": content}}


async def fetch_or_submit(request: Request, message: Message) -> Response:
    """Answer a GET: with commands alone where it has no measure."""
    if message.payload is None and message.sender.fetches:
        await granted_sender(request, (message.sender.apikey, message.sender.device_id))
        return await _with_commands(request, message)
    return await submit(request, replace(message, payload=message.payload or b""), None)


async def submit(request: Request, message: Message, kinds: tuple[str, ...] | None) -> Response:
    """Take in a message whose body is of one of the media types `kinds`, if that matters."""
    began = time.monotonic()
    try:
        arrival = await received(request, message, kinds)
    except MeasureRefused as error:
        return refuse_measure(error.refusal)
    answer = _answer(await request.app.state.parts.submission.submit(arrival), message.protocol)
    if answer.status_code == 200 and message.sender.fetches:
        answer = await _with_commands(request, message)
    return timed(answer, began)


async def received(request: Request, message: Message, kinds: tuple[str, ...] | None) -> Arrival:
    """Return a message as it arrives, of a sender who may send it.

    Raises MeasureRefused, UnsupportedType, NotAuthenticated, NotAllowed, TooMany, Unavailable.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kinds is not None and kind not in kinds:
        words = f"The request content didn't have the expected type [{', '.join(filter(None, kinds))}]"
        raise UnsupportedType(words)
    sender = message.sender
    address = read_address(sender.apikey, sender.device_id, message.attribute)
    principal = await granted_sender(request, address.key)
    return Arrival(
        source="http",
        topic=request.url.path,
        address=replace(address, protocol=message.protocol, kind=message.kind),
        payload=await request.body() if message.payload is None else message.payload,
        received_at=request.app.state.parts.clock(),
        settle=_ignore,
        more={TIME_NAME: sender.time} if sender.time else {},
        form=_FORMS.get(kind, "json"),
        principal=principal,
    )


def timed(answer: Response, began: float) -> Response:
    """Tell in an answer how long it took since `began`, in milliseconds, as the agents do."""
    answer.headers["X-Processing-Time"] = str(round((time.monotonic() - began) * 1000))
    return answer


async def _with_commands(request: Request, message: Message) -> Response:
    """Answer with the commands that wait for the device. Raises DeviceNotFound, Unavailable."""
    parts = request.app.state.parts
    sender = message.sender
    device = await parts.registry.device((sender.apikey, sender.device_id))
    if device is None:
        raise DeviceNotFound(f"No device was found with id: {sender.device_id}")
    values, written = await parts.commanding.fetch(device)
    return PlainTextResponse(written) if message.protocol == "ul" else JSONResponse(values)


def _answer(outcome: Outcome, protocol: Protocol) -> Response:
    if not outcome.refusals:
        return PlainTextResponse("") if protocol == "ul" else JSONResponse({})
    first = outcome.refusals[0]
    refused, all_of_them = len(outcome.refusals), len(outcome.refusals) + outcome.accepted
    words = first.detail if all_of_them == 1 else f"{refused} of {all_of_them} measures are refused: {first.detail}"
    return refuse_measure(replace(first, detail=words))


def _ignore(_: Outcome) -> None:
    """Stand in until the submission waits."""
