"""`/iot/json`: what devices send and fetch as JSON."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.ingest.http.sending import (
    BINARY,
    ERRORS,
    JSON,
    SOAP,
    TEXT,
    AttributeName,
    Message,
    Sending,
    body_of,
    fetch_or_submit,
    submit,
)

router = APIRouter(tags=["Measures"])


@router.post(
    "/iot/json",
    summary="Send measures",
    responses=ERRORS,
    openapi_extra=body_of({JSON: {"level": 3.42, "TimeInstant": "2026-08-20T00:40:00+09:00"}}),
)
async def send_measures(request: Request, sender: Sending) -> Response:
    """Send one measure (an object) or several (an array of objects).

    200 means committed in the context broker. A refused measure is also kept in the dead letters; the others of
    the same array are stored.
    """
    return await submit(request, Message(sender, "json"), (JSON,))


@router.get("/iot/json", summary="Fetch commands", responses=ERRORS)
async def fetch_commands(
    request: Request,
    sender: Sending,
    d: Annotated[str | None, Query(description="A measure as JSON", examples=['{"level": 3.42}'])] = None,
) -> Response:
    """Return the commands that wait for the device, as an object; with `d` take in a measure first."""
    return await fetch_or_submit(request, Message(sender, "json", payload=None if d is None else d.encode()))


@router.post(
    "/iot/json/attrs/{attribute}",
    summary="Send the value of one attribute",
    responses=ERRORS,
    openapi_extra=body_of({JSON: 3.42, TEXT: "open", BINARY: "\u0001\u0002", SOAP: "<Envelope/>"}),
)
async def send_value(request: Request, attribute: AttributeName, sender: Sending) -> Response:
    """Send a value as JSON, as text, as bytes, which are stored in hexadecimal digits, or as SOAP, stored as JSON."""
    return await submit(request, Message(sender, "json", attribute), (JSON, TEXT, BINARY, SOAP))


@router.post(
    "/iot/json/commands",
    summary="Send the results of commands",
    responses=ERRORS,
    openapi_extra=body_of({JSON: {"ping": "ok"}}),
)
async def send_results(request: Request, sender: Sending) -> Response:
    """Send results by command: they become `<command>_status` `OK` and `<command>_info` of the entity."""
    return await submit(request, Message(sender, "json", kind="cmdexe"), (JSON,))
