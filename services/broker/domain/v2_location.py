"""Locations as NGSIv2 writes them (`geo:point`, `geo:line`, `geo:box`, `geo:polygon`, `geo:json`) into GeoJSON.

The simple formats name latitude first, GeoJSON longitude.
"""

from typing import Any, Final

from services.kernel.errors import BadData

_TYPES: Final = frozenset({"geo:point", "geo:line", "geo:box", "geo:polygon", "geo:json"})
_DEPTH: Final = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}


def is_location(type_name: str) -> bool:
    """Tell whether attributes of a type are locations."""
    return type_name in _TYPES


def to_geojson(type_name: str, value: Any) -> dict[str, Any]:
    """Return the GeoJSON geometry of a location. Raises BadData."""
    match type_name:
        case "geo:point":
            return {"type": "Point", "coordinates": _point(value)}
        case "geo:line":
            return {"type": "LineString", "coordinates": _points(value, 2)}
        case "geo:box":
            return _box(_points(value, 2))
        case "geo:polygon":
            return _polygon(_points(value, 4))
        case _:
            return _geometry(value)


def _point(value: Any) -> list[float]:
    parts = value.split(",") if isinstance(value, str) else []
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError as error:
        raise BadData("A point must be 'latitude, longitude'", field="value") from error
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise BadData("Latitude must be from -90 to 90, longitude from -180 to 180", field="value")
    return [longitude, latitude]


def _points(value: Any, least: int) -> list[list[float]]:
    if not isinstance(value, list) or len(value) < least:
        raise BadData(f"The location must be a list of at least {least} points", field="value")
    return [_point(each) for each in value]


def _box(corners: list[list[float]]) -> dict[str, Any]:
    if len(corners) != 2:
        raise BadData("A box must have two corners", field="value")
    (west, south), (east, north) = corners
    west, east = sorted((west, east))
    south, north = sorted((south, north))
    if west == east or south == north:
        raise BadData("The corners of a box must differ in latitude and longitude", field="value")
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _polygon(ring: list[list[float]]) -> dict[str, Any]:
    if ring[0] != ring[-1]:
        raise BadData("The first and last point of a polygon must be the same", field="value")
    return {"type": "Polygon", "coordinates": [ring]}


def _geometry(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadData("A geo:json value must be a GeoJSON object", field="value")
    if value.get("type") == "FeatureCollection":
        features = value.get("features")
        if not isinstance(features, list) or len(features) != 1:
            raise BadData("A FeatureCollection must have exactly one feature", field="value")
        return _geometry(features[0])
    if value.get("type") == "Feature":
        return _geometry(value.get("geometry"))
    kind = value.get("type")
    depth = _DEPTH.get(kind) if isinstance(kind, str) else None
    if depth is None:
        raise BadData(f"GeoJSON type {kind} is not supported", field="value")
    if not _is_position(value.get("coordinates"), depth):
        raise BadData(f"The coordinates of the {kind} are not valid", field="value")
    _check_parts(str(kind), value["coordinates"])
    return value


def _is_position(value: Any, depth: int) -> bool:
    if not isinstance(value, list) or not value:
        return False
    if depth:
        return all(_is_position(each, depth - 1) for each in value)
    if len(value) not in (2, 3) or any(isinstance(n, bool) or not isinstance(n, int | float) for n in value):
        return False
    return bool(-180 <= value[0] <= 180 and -90 <= value[1] <= 90)


def _check_parts(kind: str, coordinates: list[Any]) -> None:
    lines = {"LineString": [coordinates], "MultiLineString": coordinates}.get(kind, [])
    if any(len(line) < 2 for line in lines):
        raise BadData("A line must have at least two points", field="value")
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind, [])
    rings = [ring for polygon in polygons for ring in polygon]
    if any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
        raise BadData("The rings of a polygon must be closed and have at least four points", field="value")
