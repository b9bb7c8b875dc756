"""`georel`, `geometry`, `coords` (Orion API, Geographical Queries): latitude first, pairs with `;` between.

georel   = "near" 1*( ";" ( "maxDistance:" / "minDistance:" ) metres ) / relation
relation = "coveredBy" / "intersects" / "equals" / "disjoint"
geometry = "point" / "line" / "polygon" / "box"
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from services.broker.domain.v2_location import to_geojson
from services.broker.query.tree import GeoFilter, GeoRelation
from services.kernel.errors import BadData

_MEMBERS: Final = ("georel", "geometry", "coords")
_RELATIONS: Final = {
    "coveredBy": GeoRelation.COVERED_BY,
    "intersects": GeoRelation.INTERSECTS,
    "equals": GeoRelation.EQUALS,
    "disjoint": GeoRelation.DISJOINT,
}
_GEOMETRIES: Final = ("point", "line", "polygon", "box")


def read_geo_query(members: Mapping[str, Any]) -> GeoFilter | None:
    """Return the filter that the three members make, None where there is none. Raises BadData."""
    given = [name for name in _MEMBERS if name in members]
    if not given:
        return None
    if len(given) < len(_MEMBERS):
        missing = next(name for name in _MEMBERS if name not in given)
        raise BadData("georel, geometry and coords go together", field=missing)
    georel, geometry, coords = (_text(members[name], name) for name in _MEMBERS)
    if geometry not in _GEOMETRIES:
        raise BadData("geometry must be point, line, polygon or box", field="geometry")
    shape = orjson.dumps(_shape(geometry, coords)).decode()
    return _near(georel, geometry, shape) if georel.startswith("near") else _related(georel, geometry, shape)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise BadData(f"{name} must be a text that is not empty", field=name)
    return value


def _shape(geometry: str, coords: str) -> dict[str, Any]:
    points = [part.strip() for part in coords.split(";")]
    if geometry == "point" and len(points) != 1:
        raise BadData("A point has one pair of coordinates", field="coords")
    try:
        return to_geojson(f"geo:{geometry}", points[0] if geometry == "point" else points)
    except BadData as error:
        raise BadData(error.detail, field="coords") from error


def _related(georel: str, geometry: str, shape: str) -> GeoFilter:
    relation = _RELATIONS.get(georel)
    if relation is None:
        raise BadData("georel must be near, coveredBy, intersects, equals or disjoint", field="georel")
    if relation is GeoRelation.COVERED_BY and geometry in ("point", "line"):
        raise BadData("Query not supported: coveredBy needs a polygon or a box", field="geometry")
    return GeoFilter(relation, shape)


def _near(georel: str, geometry: str, shape: str) -> GeoFilter:
    head, *modifiers = georel.split(";")
    if head != "near" or not modifiers:
        raise BadData("near needs maxDistance or minDistance", field="georel")
    if geometry != "point":
        raise BadData("Query not supported: near needs a point", field="geometry")
    distances: dict[str, float] = {}
    for modifier in modifiers:
        name, _, text = modifier.partition(":")
        if name not in ("maxDistance", "minDistance") or name in distances:
            raise BadData("near takes maxDistance and minDistance, each once", field="georel")
        distances[name] = _metres(text)
    minimum, maximum = distances.get("minDistance"), distances.get("maxDistance")
    return GeoFilter(GeoRelation.NEAR, shape, minimum_m=minimum, maximum_m=maximum)


def _metres(text: str) -> float:
    try:
        metres = float(text)
    except ValueError:
        metres = -1.0
    if not 0 <= metres < 1e9:
        raise BadData("A distance must be a number of metres", field="georel")
    return metres
