"""The members of a subscription as users send them: checked, with names expanded (5.2.12, 5.2.14, 5.2.15)."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from services.broker.domain.names import Context
from services.broker.domain.subscription import Trigger
from services.broker.ngsild.input_values import read_text, read_uri
from services.kernel.errors import BadData

TRIGGERS: Final = frozenset(str(each) for each in Trigger if each is not Trigger.ATTRIBUTE_CHANGED)
_FORMATS: Final = frozenset({"normalized", "concise", "simplified", "keyValues"})
_ACCEPTS: Final = frozenset({"application/json", "application/ld+json", "application/geo+json"})
_TYPE_NAME: Final = re.compile(r"[^\s,|;()]+")
_KEPT: Final = frozenset(
    {
        *("id", "type", "subscriptionName", "description", "entities", "watchedAttributes", "notificationTrigger"),
        *("q", "geoQ", "csf", "scopeQ", "lang", "datasetId", "isActive", "expiresAt", "throttling", "timeInterval"),
        *("temporalQ", "jsonldContext", "localOnly", "splitEntities", "expandValues", "jsonKeys", "notification"),
        "ngsildConformance",
    }
)
_DERIVED: Final = frozenset({"@context", "status", "createdAt", "modifiedAt"})
_NOTIFICATION_DERIVED: Final = frozenset(
    {"status", "timesSent", "timesFailed", "lastNotification", "lastFailure", "lastSuccess"}
)


def map_types(selection: str, change: Callable[[str], str]) -> str:
    """Expand or compact the names in a type selection."""
    return _TYPE_NAME.sub(lambda found: change(found[0]), selection)


def expanded_document(document: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return what is kept of a subscription's JSON, names expanded. Raises BadData."""
    unknown = sorted(document.keys() - _KEPT - _DERIVED)
    if unknown:
        raise BadData(f"{unknown[0]} is not a member of a subscription", field=unknown[0])
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
    for name in ("attributes", "pick", "omit"):
        if name in kept:
            kept[name] = [_member(each, context) for each in texts(kept[name], f"notification.{name}")]
    if "attributes" in kept and ("pick" in kept or "omit" in kept):
        raise BadData("notification.attributes does not go with pick or omit", field="notification.attributes")
    if not set(kept.get("pick", ())).isdisjoint(kept.get("omit", ())):
        raise BadData("notification.pick and notification.omit name the same member", field="notification.omit")
    return kept


def _member(name: str, context: Context) -> str:
    return name if name in ("id", "type", "scope") else context.expand(name)
