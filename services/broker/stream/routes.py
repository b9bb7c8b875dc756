"""The streams' routes: one for each face, in its words and its dialect."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final

from services.broker.http.face import Call
from services.broker.http.openapi import FaceDescription
from services.broker.http.response import Response
from services.broker.http.route import Content, Operation, Parameter, Route
from services.broker.ngsild import words as ld
from services.broker.ngsiv2 import words as v2
from services.broker.ngsiv2.service_path import paths_to_read
from services.broker.stream.access import rechecking
from services.broker.stream.events import EVENT_STREAM, EventStream
from services.broker.stream.ld_view import ld_view
from services.broker.stream.session import Session, Told
from services.broker.stream.streams import Streams
from services.broker.stream.v2_view import v2_view
from services.kernel.identity import TokenVerifier

_TAG: Final = "Streams"
DESCRIPTION: Final = FaceDescription({}, {_TAG: "Server-Sent Events: a tenant's changes for browsers"})
_TELLS: Final = (
    "Server-Sent Events (WHATWG HTML, 9.2) for a browser's EventSource. A plain message is an entity as it is after a"
    " change; `deleted` tells of an entity that is no more; `ready` comes first: what is queried after it, together"
    " with the events, is complete; `gap` says that events were missed, so that the state must be queried again. A"
    " reader that returns with `Last-Event-ID` within the retention misses nothing."
)
_STREAM: Final = Content("Events, for as long as the reader stays", {EVENT_STREAM: {"type": "string"}})
_TOO_MANY: Final = Content("The tenant has as many streams as this process serves")
BROWSER: Final = (
    Parameter("tenant", "Tenant, for readers that cannot send headers", example="fukui"),
    Parameter("ticket", "Ticket of `POST /stream/tickets`, for readers that cannot send `Authorization`"),
    Parameter("lastEventId", "Id of the last event that was read, like the header `Last-Event-ID`"),
)
"""Parameters that stand for headers; the entrance takes them out of the query."""


def ld_routes(streams: Streams, verifier: TokenVerifier | None = None) -> tuple[Route, ...]:
    """Return the NGSI-LD stream's route; without a verifier only to describe it."""

    async def stream(call: Call) -> Response:
        return await _answer(call, await ld_view(call), (streams, verifier), ())

    parameters = (
        *(ld.ID, ld.ID_PATTERN, ld.TYPE, ld.Q, ld.GEOREL, ld.GEOMETRY, ld.COORDINATES, ld.GEOPROPERTY, ld.SCOPE_Q),
        Parameter("attrs", "Attributes whose changes are told, and that are shown, separated by commas"),
        *(ld.PICK, ld.OMIT, ld.FORMAT, ld.LANG, ld.DATASET_ID),
        Parameter("expandValues", "Attributes whose values are names to expand"),
        Parameter("options", "Options, separated by commas: sysAttrs, keyValues, concise, normalized"),
        Parameter("sysAttrs", "Whether to show createdAt and modifiedAt", {"type": "boolean"}),
        Parameter("join", "Linked entities: `inline`, `flat` or `@none` (4.5.23)"),
        Parameter("joinLevel", "How many links deep", {"type": "integer", "minimum": 1}),
        Parameter("containedBy", "Ids of entities that are not to be shown again"),
        Parameter(
            "notificationTrigger",
            "What is told, separated by commas (5.2.12); attributeCreated, attributeUpdated, entityDeleted if absent",
        ),
        *BROWSER,
        Parameter("context", "URL of the @context, for readers that cannot send a Link header"),
        *(ld.TENANT, ld.LINK),
    )
    operation = Operation(
        "Follow changes in NGSI-LD's words",
        _TELLS,
        _TAG,
        parameters,
        responses={200: _STREAM, 429: _TOO_MANY, **ld.GENERAL_ERRORS},
    )
    return (Route("GET", "/stream/ngsi-ld/entities", stream, "read", operation),)


def v2_routes(streams: Streams, verifier: TokenVerifier | None = None) -> tuple[Route, ...]:
    """Return the NGSIv2 stream's route; without a verifier only to describe it."""

    async def stream(call: Call) -> Response:
        return await _answer(call, await v2_view(call), (streams, verifier), paths_to_read(call.request))

    names = ("id", "type", "idPattern", "typePattern", "q", "mq", "georel", "geometry", "coords")
    parameters = (
        *(Parameter(name, f"`{name}` as in GET /v2/entities") for name in names),
        Parameter("attrs", "Attributes whose changes are told, and that are shown, with commas between"),
        v2.METADATA,
        Parameter("options", "`keyValues`"),
        Parameter(
            "alterationTypes", "What is told, with commas between: entityCreate, entityChange, entityDelete if absent"
        ),
        *BROWSER,
        Parameter("servicePath", "Service paths, for readers that cannot send headers", example="/parks/#"),
        v2.PATHS_TO_READ,
    )
    described = v2.describe("Follow changes in NGSIv2's words", _TAG, parameters, {200: _STREAM, 429: _TOO_MANY}, 404)
    operation = Operation(described.summary, _TELLS, _TAG, described.parameters, responses=described.responses)
    return (Route("GET", "/stream/v2/entities", stream, "read", operation),)


async def _answer(
    call: Call, wanted: Told, serving: tuple[Streams, TokenVerifier | None], paths: tuple[str, ...]
) -> Response:
    streams, verifier = serving
    assert verifier is not None
    tenant = await call.tenant()
    streams.require_room(call.broker, tenant.tenant_id)
    session = Session(call.broker, tenant.tenant_id, wanted, rechecking(call, verifier, paths))
    last_id = call.request.headers.get("last-event-id")

    async def parts() -> AsyncIterator[bytes]:
        async with (
            streams.following(call.broker, tenant.tenant_id) as tail,
            aclosing(session.parts(tail, last_id)) as texts,
        ):
            async for text in texts:
                yield text

    return EventStream(gone=lambda: streams.until_gone(call.request), parts=parts)
