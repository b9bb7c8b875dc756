"""Warnings by area: weather, landslides, rivers (気象庁防災情報XML, Body/Warning), volcanoes (Body/VolcanoInfo)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element

from services.ingest.feeds.feed import Entity
from services.ingest.feeds.jma.entities import Maker
from services.ingest.feeds.jma.kinds import gravest, is_in_force, severity_of
from services.ingest.feeds.jma.positions import point_of
from services.ingest.feeds.jma.tree import child, children, text

_FINEST: Final = "市町村等）"


@dataclass(frozen=True, slots=True)
class AreaWarnings:
    """The kinds that a report tells of one area."""

    name: str
    code: str
    kinds: tuple[Element, ...]
    area: Element


def area_entities(maker: Maker, body: Element) -> Iterator[Entity]:
    """Return an entity for each area of the finest division that the report has."""
    for block in _blocks(body):
        for each in _areas(block):
            yield _entity(maker, each)


def _blocks(body: Element) -> list[Element]:
    """Return the blocks to read: the municipalities' where there are, else every one; of volcanoes all."""
    warnings = list(children(body, "Warning"))
    finest = [each for each in warnings if each.get("type", "").endswith(_FINEST)]
    return (finest or warnings) + list(children(body, "VolcanoInfo"))


def _areas(block: Element) -> Iterator[AreaWarnings]:
    for item in children(block, "Item"):
        kinds = tuple(children(item, "Kind"))
        for area in [*children(item, "Area"), *children(item, "Areas", "Area")]:
            name, code = text(area, "Name"), text(area, "Code")
            if code and kinds:
                yield AreaWarnings(name, code, kinds, area)


def _entity(maker: Maker, each: AreaWarnings) -> Entity:
    kinds = [_kind(kind) for kind in each.kinds]
    in_force = [kind for kind in kinds if is_in_force(kind["name"], f"{kind.get('status')} {kind.get('condition')}")]
    entity = maker.of_area(each.name, each.code)
    entity["status"] = maker.told("active" if in_force else "lifted")
    entity["severity"] = maker.told(gravest([severity_of(kind["name"], maker.report.kind) for kind in in_force]))
    entity["warnings"] = maker.told([kind["name"] for kind in in_force])
    entity["warningDetails"] = {"type": "JsonProperty", "json": kinds, "observedAt": maker.report.reported_at}
    if maker.report.headline:
        entity["description"] = maker.told(maker.report.headline)
    coordinate = child(each.area, "Coordinate")
    point = point_of(text(coordinate)) if coordinate is not None else None
    if point is not None:
        entity["location"] = {"type": "GeoProperty", "value": point}
    return entity


def _kind(kind: Element) -> dict[str, Any]:
    found = {"name": text(kind, "Name"), "code": text(kind, "Code"), "status": text(kind, "Status")}
    found["condition"] = text(kind, "Condition")
    return {name: words for name, words in found.items() if words} | {"name": found["name"]}
