"""Earthquakes and tsunami (気象庁防災情報XML, Body/Earthquake, Body/Intensity, Body/Tsunami)."""

import math
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from services.ingest.feeds.feed import Entity
from services.ingest.feeds.jma.editions import is_authoritative
from services.ingest.feeds.jma.entities import Maker, municipality_code
from services.ingest.feeds.jma.kinds import gravest, is_in_force, severity_of, severity_of_intensity
from services.ingest.feeds.jma.positions import depth_km_of, point_of
from services.ingest.feeds.jma.tree import child, children, text


def earthquake_entities(maker: Maker, body: Element) -> Iterator[Entity]:
    """Return the entity of an earthquake; reports of one event complete each other."""
    report = maker.report
    earthquake, observation = child(body, "Earthquake"), child(body, "Intensity", "Observation")
    if not report.event_id or (earthquake is None and observation is None):
        return
    entity = maker.named(f"earthquake-{report.event_id}")
    entity["status"] = maker.told("active")
    if report.headline:
        entity["description"] = maker.told(report.headline)
    if earthquake is not None:
        entity |= _source(maker, earthquake)
    intensity = text(observation, "MaxInt")
    if intensity:
        entity["maxIntensity"] = maker.told(intensity)
        entity["severity"] = maker.told(severity_of_intensity(intensity))
    observed = _intensities(observation)
    if observed:
        entity["intensities"] = {"type": "JsonProperty", "json": observed, "observedAt": report.reported_at}
    comment = text(body, "Comments", "ForecastComment", "Text")
    if comment:
        entity["comment"] = maker.told(comment)
    yield entity


def tsunami_entities(maker: Maker, body: Element) -> Iterator[Entity]:
    """Return an entity for each stretch of coast."""
    for item in children(body, "Tsunami", "Forecast", "Item"):
        area, kind = child(item, "Area"), child(item, "Category", "Kind")
        code, name = text(area, "Code"), text(kind, "Name")
        if not code:
            continue
        entity = maker.of_area(text(area, "Name"), code)
        if is_authoritative(maker):
            entity |= _in_force(maker, name)
        yield entity | _heights(maker, item)


def _in_force(maker: Maker, name: str) -> Entity:
    is_active = is_in_force(name, "")
    found: Entity = {
        "status": maker.told("active" if is_active else "lifted"),
        "severity": maker.told(severity_of(name) if is_active else gravest([])),
        "warnings": maker.told([name] if is_active else []),
    }
    if maker.report.headline:
        found["description"] = maker.told(maker.report.headline)
    return found


def _source(maker: Maker, earthquake: Element) -> Entity:
    """Write where, when and how strong an earthquake was."""
    found: Entity = {}
    origin = text(earthquake, "OriginTime") or text(earthquake, "ArrivalTime")
    if origin:
        found["originTime"] = maker.told({"@type": "DateTime", "@value": origin})
    place = text(earthquake, "Hypocenter", "Area", "Name")
    if place:
        found["hypocentre"] = maker.told(place)
    words = text(earthquake, "Hypocenter", "Area", "Coordinate")
    point, depth = point_of(words), depth_km_of(words)
    if point is not None:
        found["location"] = {"type": "GeoProperty", "value": point, "observedAt": maker.report.reported_at}
    if depth is not None:
        found["depth"] = maker.told(depth) | {"unitCode": "KMT"}
    magnitude = _number(text(earthquake, "Magnitude"))
    if magnitude is not None:
        found["magnitude"] = maker.told(magnitude)
    return found


def _intensities(observation: Element | None) -> list[dict[str, Any]]:
    """Return the intensity in each municipality, or in each area where the report goes no further."""
    cities = [*children(observation, "Pref", "Area", "City")]
    places = cities or [*children(observation, "Pref", "Area")]
    found = []
    for each in places:
        code = text(each, "Code")
        item = {"name": text(each, "Name"), "code": code, "intensity": text(each, "MaxInt")}
        municipality = municipality_code(code)
        found.append(item | ({"municipalityCode": municipality} if municipality else {}))
    return found


def _heights(maker: Maker, item: Element) -> Entity:
    """Write when the first wave comes, and how high the highest may be."""
    found: Entity = {}
    arrival = text(item, "FirstHeight", "ArrivalTime")
    condition = text(item, "FirstHeight", "Condition")
    if arrival:
        found["arrivalTime"] = maker.told({"@type": "DateTime", "@value": arrival})
    if condition:
        found["arrivalCondition"] = maker.told(condition)
    height = child(item, "MaxHeight", "TsunamiHeight")
    if height is not None:
        metres = _number(text(height))
        if metres is not None:
            found["maxHeight"] = maker.told(metres) | {"unitCode": "MTR"}
        if height.get("description"):
            found["maxHeightText"] = maker.told(height.get("description"))
    return found


def _number(words: str) -> float | None:
    try:
        value = float(words)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
