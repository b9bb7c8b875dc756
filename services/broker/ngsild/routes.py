"""All routes of the NGSI-LD face."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from services.broker.http.face import Call
from services.broker.http.openapi import FaceDescription
from services.broker.http.response import Response
from services.broker.http.route import Route
from services.broker.ngsild.dialect import tenant_echo
from services.broker.ngsild.routes_entities import attribute_routes, batch_routes, entity_routes
from services.broker.ngsild.routes_later import later_routes
from services.broker.ngsild.routes_more import context_routes, discovery_routes
from services.broker.ngsild.routes_registrations import registration_routes
from services.broker.ngsild.routes_subscriptions import subscription_routes

PREFIXES: Final = ("ngsi-ld",)
DESCRIPTION: Final = FaceDescription(
    segments={
        "entityId": "Id of the entity, a URI",
        "attrId": "Name of the attribute, or its IRI",
        "type": "Name of the entity type, or its IRI",
        "subscriptionId": "Id of the subscription",
        "instanceId": "Id of one instance in the history",
        "entityMapId": "Id of the entity map",
        "snapshotId": "Id of the snapshot",
        "registrationId": "Id of the registration",
        "contextId": "Id of the context; for a cached one also its URL",
    },
    tags={
        "NGSI-LD entities": "Entities and their attributes (5.6, 5.7)",
        "NGSI-LD batch operations": "Many entities in one request (5.6.7-5.6.10, 5.6.20)",
        "NGSI-LD discovery": "Which types and attributes there are (5.7.5-5.7.10)",
        "NGSI-LD subscriptions": "Subscriptions and their notifications (5.8)",
        "NGSI-LD context sources": "Registrations of context sources (5.9, 5.10)",
        "NGSI-LD not implemented": "What NGSI-LD has and this version has not",
        "NGSI-LD @contexts": "JSON-LD contexts (5.13)",
    },
)


def routes() -> tuple[Route, ...]:
    """Return the routes of the face."""
    every = (
        *entity_routes(),
        *attribute_routes(),
        *batch_routes(),
        *discovery_routes(),
        *subscription_routes(),
        *registration_routes(),
        *context_routes(),
        *later_routes(),
    )
    return tuple(replace(route, handler=_echoing(route.handler)) for route in every)


def _echoing(handler: Callable[[Call], Awaitable[Response]]) -> Callable[[Call], Awaitable[Response]]:
    """Let a handler's answers name the tenant again (6.3.14)."""

    async def echo(call: Call) -> Response:
        response = await handler(call)
        if not call.tenant_name:
            return response
        return replace(response, headers=(*response.headers, *tenant_echo(call.request)))

    return echo
