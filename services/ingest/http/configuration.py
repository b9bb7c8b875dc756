"""`/iot/json/configuration` and `/iot/d/configuration`: what devices ask of their configuration over HTTP."""

import time

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from services.ingest.codecs.payload import AliasBook, read_parts
from services.ingest.domain.refusal import MeasureRefused
from services.ingest.http.dialect import refuse_measure
from services.ingest.http.sending import ERRORS, JSON, TEXT, Message, Sending, body_of, received, timed
from services.ingest.operations.configuring import question_of
from services.ingest.operations.registry import NoRoute

router = APIRouter(tags=["Measures"])


@router.post(
    "/iot/json/configuration",
    summary="Ask for configuration",
    responses=ERRORS,
    openapi_extra=body_of({JSON: {"type": "configuration", "fields": ["interval"]}}),
)
async def ask(request: Request, sender: Sending) -> Response:
    """Post attributes of the device's entity to `/configuration` of its endpoint, before this is answered.

    With the type `subscription` they are posted whenever one of them changes; without fields this ends.
    """
    return await _ask(request, Message(sender, "json", kind="configuration"), (JSON,))


@router.post(
    "/iot/d/configuration",
    summary="Ask for configuration in UltraLight",
    responses=ERRORS,
    openapi_extra=body_of({TEXT: "configuration|interval"}),
)
async def ask_in_ultralight(request: Request, sender: Sending) -> Response:
    """Post attributes of the device's entity to `/configuration` of its endpoint in UltraLight."""
    return await _ask(request, Message(sender, "ul", kind="configuration"), (TEXT, ""))


async def _ask(request: Request, message: Message, kinds: tuple[str, ...]) -> Response:
    """Answer when the device has been told. Raises EndpointNotFound, DeviceFails, Conflict, Unavailable."""
    began = time.monotonic()
    parts = request.app.state.parts
    try:
        arrival = await received(request, message, kinds)
        [asked] = read_parts(arrival, parts.limits, AliasBook())
        question = question_of(arrival, asked.values)
    except MeasureRefused as error:
        return refuse_measure(error.refusal)
    found = (await parts.registry.find([question.key]))[question.key]
    if isinstance(found, NoRoute):
        return refuse_measure(found.refusal)
    await parts.configuring.answer(question, "HTTP")
    return timed(JSONResponse({}), began)
