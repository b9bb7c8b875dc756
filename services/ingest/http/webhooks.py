"""`/iot/things-stack` and `/iot/chirpstack`: what LoRaWAN network servers post."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from services.ingest.codecs.lorawan import read_chirpstack, read_things_stack
from services.ingest.domain.arrival import Protocol
from services.ingest.domain.refusal import MeasureRefused, Reason, Refusal
from services.ingest.http.dialect import refuse_measure
from services.ingest.http.sending import ERRORS, JSON, Message, Sender, body_of, submit

router = APIRouter(tags=["Measures"])
Key = Annotated[str | None, Query(description="API key of the devices' group; the application's id unless given")]
_READERS = {"things-stack": read_things_stack, "chirpstack": read_chirpstack}
_STACK = {"end_device_ids": {"device_id": "gauge-1", "application_ids": {"application_id": "fukui"}}}
_CHIRPSTACK = {"deviceInfo": {"applicationId": "fukui", "devEui": "0101010101010101"}, "fCnt": 1, "data": "AWcBEA=="}


@router.post(
    "/iot/things-stack",
    summary="Send an event of The Things Stack",
    responses=ERRORS,
    openapi_extra=body_of({JSON: {**_STACK, "uplink_message": {"f_port": 1, "frm_payload": "AWcBEA=="}}}),
)
async def send_things_stack(request: Request, k: Key = None) -> Response:
    """Take an uplink as The Things Stack v3 posts it to a webhook; other events are answered and left."""
    return await _take(request, "things-stack", k)


@router.post(
    "/iot/chirpstack",
    summary="Send an event of ChirpStack",
    responses=ERRORS,
    openapi_extra=body_of({JSON: _CHIRPSTACK}),
)
async def send_chirpstack(request: Request, k: Key = None) -> Response:
    """Take an uplink as ChirpStack v4 posts it (JSON); other events are answered and left."""
    return await _take(request, "chirpstack", k)


async def _take(request: Request, protocol: Protocol, apikey: str | None) -> Response:
    try:
        uplink = _READERS[protocol](orjson.loads(await request.body()))
    except orjson.JSONDecodeError as error:
        return refuse_measure(Refusal(Reason.MALFORMED_JSON, f"The body is not JSON: {error}"))
    except MeasureRefused as error:
        return refuse_measure(error.refusal)
    if uplink is None:
        return JSONResponse({})
    sender = Sender(apikey or uplink.application, uplink.device_id, None, fetches=False)
    return await submit(request, Message(sender, protocol), None)
