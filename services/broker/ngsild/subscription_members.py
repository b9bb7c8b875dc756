"""The members of a subscription as users send them: checked, with names expanded (5.2.12, 5.2.14, 5.2.15)."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from services.broker.domain.names import Context
from services.broker.domain.subscription import Trigger
from services.broker.ngsild.filters import query_filter
from services.broker.ngsild.input_values import read_text, read_uri
from services.broker.ngsild.joins import check_depth, join_of
from services.broker.ngsild.projections import read_projection
from services.broker.ngsild.representation import Join, Projection
from services.kernel.errors import BadData

TRIGGERS: Final = frozenset(str(each) for each in Trigger if each is not Trigger.ATTRIBUTE_CHANGED)
_FORMATS: Final = frozenset({"normalized", "concise", "simplified", "keyValues"})
_ACCEPTS: Final = frozenset({"application/json", "application/ld+json", "application/geo+json"})
_TYPE_NAME: Final = re.compile(r"[^\s,|;()]+")
_MEMBER_NAME: Final = re.compile(r"[^\s,|{}]+")
_KEPT: Final = frozenset(
    {
        *("id", "type", "subscriptionName", "description", "entities", "watchedAttributes", "notificationTrigger"),
        *("q", "geoQ", "csf", "scopeQ", "lang", "datasetId", "isActive", "expiresAt", "throttling", "timeInterval"),
        *("temporalQ", "jsonldContext", "localOnly", "splitEntities", "expandValues", "jsonKeys", "notification"),
        "ngsildConformance",
    }
)
_NOTIFICATION_DERIVED: Final = frozenset(
    {"status", "timesSent", "timesFailed", "lastNotification", "lastFailure", "lastSuccess"}
)


def map_types(selection: str, change: Callable[[str], str]) -> str:
    """Expand or compact the names in a type selection."""
    return _TYPE_NAME.sub(lambda found: change(found[0]), selection)


def expanded_document(document: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return what is kept of a subscription's JSON, names expanded: the members of 5.2.12. Raises BadData."""
    kept = {name: value for name, value in document.items() if name in _KEPT and value is not None}
    if kept.get("type", "Subscription") != "Subscription":
        raise BadData("type must be Subscription", field="type")
    if "id" in kept:
        read_uri(kept["id"], "id")
    if "entities" in kept:
        kept["entities"] = [_entity(each, context) for each in _objects(kept["entities"], "entities")]
    if "watchedAttributes" in kept:
        names = texts(kept["watchedAttributes"], "watchedAttributes")
        kept["watchedAttributes"] = [context.expand(name) for name in names]
    if "notificationTrigger" in kept:
        unknown = sorted(set(texts(kept["notificationTrigger"], "notificationTrigger")) - TRIGGERS)
        if unknown:
            raise BadData(f"notificationTrigger must be of {', '.join(sorted(TRIGGERS))}", field="notificationTrigger")
    if "csf" in kept:
        query_filter(kept["csf"], context)
    if "notification" in kept:
        kept["notification"] = _notification(kept["notification"], context)
    return kept


def texts(value: Any, where: str) -> list[str]:
    """Return an array of texts that is not empty. Raises BadData."""
    if not isinstance(value, list) or not value:
        raise BadData(f"{where} must be an array that is not empty", field=where)
    return [read_text(each, where) for each in value]


def _objects(value: Any, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        raise BadData(f"{where} must be an array of objects that is not empty", field=where)
    return value


def _entity(document: Mapping[str, Any], context: Context) -> dict[str, Any]:
    if "type" not in document:
        raise BadData("entities.type must be given", field="entities.type")
    kept: dict[str, Any] = {"type": map_types(read_text(document["type"], "entities.type"), context.expand)}
    if "id" in document:
        ids = document["id"]
        for each in ids if isinstance(ids, list) else [ids]:
            read_uri(each, "entities.id")
        kept["id"] = ids
    if "idPattern" in document:
        kept["idPattern"] = read_text(document["idPattern"], "entities.idPattern")
    return kept


def _notification(document: Any, context: Context) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise BadData("notification must be an object", field="notification")
    kept = {name: value for name, value in document.items() if name not in _NOTIFICATION_DERIVED}
    endpoint = kept.get("endpoint")
    if not isinstance(endpoint, dict):
        raise BadData("notification.endpoint must be given", field="notification.endpoint")
    read_uri(endpoint.get("uri"), "notification.endpoint.uri")
    if endpoint.get("accept", "application/json") not in _ACCEPTS:
        raise BadData(
            "notification.endpoint.accept is not a media type of NGSI-LD", field="notification.endpoint.accept"
        )
    if kept.get("format", "normalized") not in _FORMATS:
        raise BadData(f"notification.format must be of {', '.join(sorted(_FORMATS))}", field="notification.format")
    if "attributes" in kept:
        kept["attributes"] = [_member(each, context) for each in texts(kept["attributes"], "notification.attributes")]
    _check_projections(kept, context)
    for name in ("pick", "omit"):
        if name in kept:
            kept[name] = [map_members(each, lambda name: _member(name, context)) for each in kept[name]]
    return kept


def _check_projections(kept: Mapping[str, Any], context: Context) -> None:
    """Hold `pick` and `omit` against 4.21, and how deep they reach against `join` (4.5.23). Raises BadData."""
    if "attributes" in kept and ("pick" in kept or "omit" in kept):
        raise BadData("notification.attributes does not go with pick or omit", field="notification.attributes")
    join = _join(kept)
    read: dict[str, Projection] = {}
    for name in ("pick", "omit"):
        if name in kept:
            where = f"notification.{name}"
            read[name] = read_projection(",".join(texts(kept[name], where)), context, where)
            check_depth(read[name].depth, join, where)
    if len(read) > 1 and not read["pick"].names.isdisjoint(read["omit"].names):
        raise BadData("notification.pick and notification.omit name the same member", field="notification.omit")


def _join(notification: Mapping[str, Any]) -> Join | None:
    level, contained = notification.get("joinLevel", 1), notification.get("containedBy", [])
    if isinstance(level, bool) or not isinstance(level, int):
        raise BadData("notification.joinLevel must be a whole number of at least 1", field="notification.joinLevel")
    if "join" in notification:
        read_text(notification["join"], "notification.join")
    if "containedBy" in notification:
        contained = texts(contained, "notification.containedBy")
    return join_of(notification.get("join"), str(level), contained)


def map_members(projection: str, change: Callable[[str], str]) -> str:
    """Expand or compact the names in a projection (4.21)."""
    return _MEMBER_NAME.sub(lambda found: change(found[0]), projection)


def _member(name: str, context: Context) -> str:
    return name if name in ("id", "type", "scope") else context.expand(name)
