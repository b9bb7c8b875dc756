"""`/iot/d`: what devices send and fetch as UltraLight 2.0."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.ingest.http.sending import (
    ERRORS,
    TEXT,
    AttributeName,
    Message,
    Sending,
    body_of,
    fetch_or_submit,
    submit,
)

router = APIRouter(tags=["Measures"])
_KINDS = (TEXT, "")


@router.post(
    "/iot/d",
    summary="Send measures in UltraLight",
    responses=ERRORS,
    openapi_extra=body_of({TEXT: "2026-08-20T00:40:00+09:00|level|3.42#level|3.5"}),
)
async def send_ultralight(request: Request, sender: Sending) -> Response:
    """Send measures: `key|value|key|value`, groups joined by `#`, each with a time or none.

    The result of a command, `device@command|value`, may come here too.
    """
    is_result = _is_result(await request.body())
    return await submit(request, Message(sender, "ul", kind="cmdexe" if is_result else "attrs"), _KINDS)


@router.get("/iot/d", summary="Send a measure in UltraLight in the address, or fetch commands", responses=ERRORS)
async def send_ultralight_in_address(
    request: Request,
    sender: Sending,
    d: Annotated[str | None, Query(description="The measure", examples=["level|3.42"])] = None,
) -> Response:
    """Send one measure, for devices that can do nothing but GET; with `getCmd=1` fetch commands, joined by `#`."""
    return await fetch_or_submit(request, Message(sender, "ul", payload=None if d is None else d.encode()))


@router.post(
    "/iot/d/attrs/{attribute}",
    summary="Send the value of one attribute in UltraLight",
    responses=ERRORS,
    openapi_extra=body_of({TEXT: "3.42"}),
)
async def send_ultralight_value(request: Request, attribute: AttributeName, sender: Sending) -> Response:
    """Send one value: a number where it is one, else a text."""
    return await submit(request, Message(sender, "ul", attribute), _KINDS)


@router.post(
    "/iot/d/commands",
    summary="Send the results of commands in UltraLight",
    responses=ERRORS,
    openapi_extra=body_of({TEXT: "gauge-1@ping|ok"}),
)
async def send_ultralight_results(request: Request, sender: Sending) -> Response:
    """Send results as `<device>@<command>|<value>`, several joined by `#`."""
    return await submit(request, Message(sender, "ul", kind="cmdexe"), _KINDS)


def _is_result(body: bytes) -> bool:
    """Tell whether a payload is a result: no key of a measure has an @ in it."""
    return b"@" in body.partition(b"|")[0]
