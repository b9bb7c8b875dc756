"""The NGSI-LD geo-query language (4.10), percent-decoded. NGSIv2's is its face's own.

georel = "near" ";" ( "maxDistance" / "minDistance" ) "==" number / relation       ; metres, greater than 0
relation = "within" / "contains" / "intersects" / "equals" / "disjoint" / "overlaps"
geometry = "Point" / "MultiPoint" / "LineString" / "MultiLineString" / "Polygon" / "MultiPolygon"
coordinates = a JSON array as in GeoJSON (RFC 7946, 3.1.1)
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from services.broker.query.literals import read_json_number
from services.broker.query.tree import GeoFilter, GeoRelation
from services.kernel.errors import BadData, TooComplex

_NEAR: Final = re.compile(r"near;(maxDistance|minDistance)==([^;]*)\Z")
_RELATIONS: Final = {each.value: each for each in GeoRelation if each not in (GeoRelation.NEAR, GeoRelation.COVERED_BY)}
_DEPTHS: Final[Mapping[str, int]] = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_LONGEST: Final = 262_144


def parse_ld_geo(georel: str, geometry: str, coordinates: str, attribute: str) -> GeoFilter:
    """Read a geo-query about an attribute (expanded). Raises BadData naming the parameter, TooComplex."""
    shape = read_geometry(geometry, coordinates, "coordinates")
    near = _NEAR.match(georel)
    if near is not None:
        metres = read_json_number(near[2])
        if metres is None or not 0 < metres < float("inf"):
            raise BadData(f"georel: {near[1]} must be a number of metres greater than 0", field="georel")
        limits = {"maximum_m" if near[1] == "maxDistance" else "minimum_m": float(metres)}
        return GeoFilter(GeoRelation.NEAR, shape, attribute, **limits)
    relation = _RELATIONS.get(georel)
    if relation is None:
        expected = "near;maxDistance==n, near;minDistance==n, " + ", ".join(_RELATIONS)
        raise BadData(f"georel must be one of {expected}", field="georel")
    return GeoFilter(relation, shape, attribute)


def read_geometry(geometry: str, coordinates: str, parameter: str) -> str:
    """Return a reference geometry as GeoJSON text. Raises BadData naming the parameter, TooComplex."""
    if geometry not in _DEPTHS:
        raise BadData(f"geometry must be one of {', '.join(_DEPTHS)}", field="geometry")
    if len(coordinates) > _LONGEST:
        raise TooComplex(f"{parameter} may have {_LONGEST} characters", field=parameter)
    try:
        positions = orjson.loads(coordinates)
    except orjson.JSONDecodeError as error:
        raise BadData(f"{parameter} must be a JSON array: {error}", field=parameter) from error
    _check(geometry, positions, parameter)
    return orjson.dumps({"type": geometry, "coordinates": positions}).decode()


def _check(geometry: str, positions: Any, parameter: str) -> None:
    if not _are_positions(positions, _DEPTHS[geometry]):
        raise BadData(f"{parameter} must be those of a {geometry}, longitude first, in degrees", field=parameter)
    lines = {"LineString": [positions], "MultiLineString": positions}.get(geometry, [])
    if any(len(line) < 2 for line in lines):
        raise BadData(f"{parameter}: a line must have at least two positions", field=parameter)
    polygons = {"Polygon": [positions], "MultiPolygon": positions}.get(geometry, [])
    rings = [ring for polygon in polygons for ring in polygon]
    if any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
        raise BadData(f"{parameter}: a ring must be closed and have at least four positions", field=parameter)


def _are_positions(value: Any, depth: int) -> bool:
    if not isinstance(value, list) or not value:
        return False
    if depth:
        return all(_are_positions(each, depth - 1) for each in value)
    if len(value) not in (2, 3) or any(isinstance(each, bool) or not isinstance(each, int | float) for each in value):
        return False
    return bool(-180 <= value[0] <= 180 and -90 <= value[1] <= 90)
