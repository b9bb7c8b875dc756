"""What of a file goes onto a map: features (RFC 7946) of bounded number and size, on earth."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.catalog.files.looking.cells import cell

MOST_PLACES: Final = 2_000
_MOST_POSITIONS: Final = 200
_MOST_IN_ALL: Final = 40_000
_MOST_PROPERTIES: Final = 20
DEPTHS: Final = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
"""How deep the positions of each kind of geometry lie."""


def places_of(features: Iterable[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Return the features that a map shows, and how many have a place that is not on earth in degrees.

    A geometry of more than 200 positions is shown as the middle of its box.
    """
    shown: list[dict[str, Any]] = []
    outside = positions = 0
    for number, each in enumerate(features, 1):
        geometry = each.get("geometry")
        if not isinstance(geometry, dict) or str(geometry.get("type")) not in DEPTHS:
            continue
        found = _positions(geometry.get("coordinates"), DEPTHS[geometry["type"]])
        if not found or not all(map(_is_on_earth, found)):
            outside += 1
        elif len(shown) < MOST_PLACES and positions < _MOST_IN_ALL:
            if len(found) > _MOST_POSITIONS:
                geometry, found = _middle(found), found[:1]
            positions += len(found)
            shown.append(_feature(number, geometry, each.get("properties")))
    return shown, outside


def _feature(number: int, geometry: Mapping[str, Any], properties: Any) -> dict[str, Any]:
    named = list(properties.items())[:_MOST_PROPERTIES] if isinstance(properties, dict) else []
    told = {cell(name): cell(value) for name, value in named if value not in (None, "")}
    plain = {"type": geometry["type"], "coordinates": geometry["coordinates"]}
    return {"type": "Feature", "id": number, "geometry": plain, "properties": told}


def _positions(coordinates: Any, depth: int) -> list[Any]:
    """Return the positions of a geometry, those that are none among them."""
    found = [coordinates]
    for _ in range(depth):
        found = [each for part in found for each in (part if isinstance(part, list) else [None])]
    return found


def _is_on_earth(position: Any) -> bool:
    if not isinstance(position, list) or not 2 <= len(position) <= 4:
        return False
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in position):
        return False
    longitude, latitude = position[:2]
    return all(map(math.isfinite, position)) and abs(longitude) <= 180 and abs(latitude) <= 90


def _middle(positions: list[Any]) -> dict[str, Any]:
    longitudes, latitudes = [each[0] for each in positions], [each[1] for each in positions]
    middle = [(min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2]
    return {"type": "Point", "coordinates": middle}
