"""NGSIv2, as Orion 4.7 serves it: routes, parameters, representation, names, syntax, errors."""

from typing import Final

from services.broker.http.openapi import FaceDescription
from services.broker.http.route import Route
from services.broker.ngsiv2 import (
    routes_admin,
    routes_attributes,
    routes_entities,
    routes_log,
    routes_operations,
    routes_registrations,
    routes_subscriptions,
    routes_types,
)
from services.broker.ngsiv2.counted import Counted
from services.broker.ngsiv2.dialect import Dialect

__all__ = ["DESCRIPTION", "PREFIXES", "Counted", "Dialect", "routes"]

PREFIXES: Final = ("v2", "version", "statistics", "cache", "admin", "log", "V2", "v1", "NGSI10", "ngsi10", "ngsi9")
"""The first segments of the paths that this face answers for: what Orion serves, and what it once did."""
DESCRIPTION: Final = FaceDescription(
    segments={
        "entityId": "Id of the entity",
        "attrName": "Name of the attribute",
        "type": "Name of the entity type",
        "subscriptionId": "Identifier of the subscription, 24 hexadecimal digits",
        "traceLevels": "Trace levels, as `7`, `1-9` or `1-9,20-30`",
        "registrationId": "Identifier of the registration, 24 hexadecimal digits",
    },
    tags={
        "NGSIv2 entities": "Entities and their attributes, as Orion 4.7 serves them",
        "NGSIv2 attributes": "Single attributes and their values",
        "NGSIv2 types": "The entity types that are there",
        "NGSIv2 batch operations": "Many entities in one request",
        "NGSIv2 subscriptions": "Be notified of changes",
        "NGSIv2 registrations": "Providers that queries and updates are forwarded to",
        "NGSIv2 administration": "Version, statistics, log settings",
    },
)


def routes() -> tuple[Route, ...]:
    """Return the face's routes."""
    modules = (
        routes_entities,
        routes_attributes,
        routes_types,
        routes_operations,
        routes_registrations,
        routes_subscriptions,
        routes_admin,
        routes_log,
    )
    return tuple(route for module in modules for route in module.routes())
