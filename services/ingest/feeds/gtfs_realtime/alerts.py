"""Alerts to passengers as `Alert` (Smart Data Models, Alert)."""

from collections.abc import Sequence
from typing import Any, Final

from google.transit import gtfs_realtime_pb2 as realtime

from services.ingest.feeds.feed import Entity
from services.ingest.feeds.gtfs.columns import Naming, language_map, prop, relationship
from services.ingest.feeds.gtfs_realtime.instants import iso

_CAUSE: Final = realtime.Alert.Cause
_EFFECT: Final = realtime.Alert.Effect
_LEVEL: Final = realtime.Alert.SeverityLevel
_SEVERITY: Final = {"INFO": "informational", "WARNING": "medium", "SEVERE": "high"}
_OWN_LANGUAGE: Final = "ja"


def alert_of(alert: Any, name: str, naming: Naming) -> Sequence[Entity]:
    """Return the entity of an alert, named as in the message. Raises ValueError for times that are none."""
    entity = naming.entity("Alert", f"gtfs-rt-{name}")
    effect = _EFFECT.Name(alert.effect)
    entity |= {
        "category": prop("traffic"),
        "subCategory": prop(effect),
        "cause": prop(_CAUSE.Name(alert.cause)),
        "status": prop("active"),
    }
    severity = _SEVERITY.get(_LEVEL.Name(alert.severity_level))
    if severity:
        entity["severity"] = prop(severity)
    for attribute, texts in (("name", alert.header_text), ("description", alert.description_text), ("page", alert.url)):
        entity |= _texts(attribute, texts)
    entity |= _validity(alert.active_period)
    for attribute, kind, field in (
        ("hasRoute", "GtfsRoute", "route_id"),
        ("hasStop", "GtfsStop", "stop_id"),
        ("hasAgency", "GtfsAgency", "agency_id"),
    ):
        entity |= _about(attribute, [getattr(each, field) for each in alert.informed_entity], (kind, naming))
    entity |= _about("hasTrip", [each.trip.trip_id for each in alert.informed_entity], ("GtfsTrip", naming))
    return [entity]


def _about(attribute: str, names: Sequence[str], kind: tuple[str, Naming]) -> Entity:
    """Write whom an alert is about, each once: it may name a stop for each of its lines."""
    targets = [kind[1].urn(kind[0], name) for name in dict.fromkeys(names) if name]
    return {attribute: relationship(targets if len(targets) > 1 else targets[0])} if targets else {}


def _texts(attribute: str, texts: Any) -> Entity:
    """Write a text, and its other languages as a map beside it."""
    by_language = {each.language or _OWN_LANGUAGE: each.text for each in texts.translation if each.text}
    if not by_language:
        return {}
    own = by_language.get(_OWN_LANGUAGE) or next(iter(by_language.values()))
    found: Entity = {attribute: prop(own)}
    others = {language: text for language, text in by_language.items() if text != own}
    if others:
        found[f"translated{attribute.capitalize()}"] = language_map(others)
    return found


def _validity(periods: Any) -> Entity:
    """Write from the first period's start to the last one's end; an open end is left open."""
    starts = [each.start for each in periods if each.start]
    ends = [each.end for each in periods]
    found: Entity = {}
    if starts:
        found["validFrom"] = prop({"@type": "DateTime", "@value": iso(min(starts))})
    if ends and all(ends):
        found["validTo"] = prop({"@type": "DateTime", "@value": iso(max(ends))})
    return found
