"""Geometries of entities and how they stand to a reference geometry (NGSI-LD 4.7, 4.10), for queries and subscriptions.

Geometries are GeoJSON (longitude first); a third coordinate is kept but plays no part. Relations are those of OGC Simple
Features on longitude and latitude; `near` is measured on the WGS 84 ellipsoid. The antimeridian is an edge of the plane.
"""  # noqa: E501

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from services.broker.domain.attribute import GEO_PROPERTY, Attributes, Instance
from services.broker.domain.names import LOCATION
from services.broker.query.distance import Box, box_around, distances_m
from services.broker.query.tree import GeoFilter, GeoRelation

Shapes: TypeAlias = npt.NDArray[np.object_]
Flags: TypeAlias = npt.NDArray[np.bool_]
Places: TypeAlias = npt.NDArray[np.intp]

# The reference stands first wherever the relation allows it: it is the prepared geometry.
_RELATIONS: Final[Mapping[GeoRelation, Callable[[Any, Shapes], Flags]]] = {
    GeoRelation.WITHIN: shapely.contains,
    GeoRelation.COVERED_BY: shapely.covers,
    GeoRelation.CONTAINS: lambda reference, shapes: shapely.contains(shapes, reference),
    GeoRelation.INTERSECTS: shapely.intersects,
    GeoRelation.EQUALS: shapely.equals,
    GeoRelation.DISJOINT: shapely.disjoint,
    GeoRelation.OVERLAPS: shapely.overlaps,
}


def area_of(attrs: Attributes) -> Box | None:
    """Return the box (west, south, east, north) around all GeoProperties of an entity, or None where it has none."""
    longitudes: list[float] = []
    latitudes: list[float] = []
    for instances in attrs.values():
        for instance in instances:
            if instance["kind"] == GEO_PROPERTY:
                for position in _positions(instance["value"].get("coordinates")):
                    longitudes.append(position[0])
                    latitudes.append(position[1])
    if not longitudes:
        return None
    return float(min(longitudes)), float(min(latitudes)), float(max(longitudes)), float(max(latitudes))


def _positions(coordinates: Any) -> Iterator[Sequence[float]]:
    if not coordinates:
        return
    if isinstance(coordinates[0], list):
        for each in coordinates:
            yield from _positions(each)
    else:
        yield coordinates


def geometries_of(attrs: Attributes, attribute: str | None) -> list[Any]:
    """Return the GeoJSON geometries of an attribute; of the default location, where None is asked for.

    The default location is NGSI-LD's `location` where that is a GeoProperty, else whatever GeoProperty there is: NGSIv2
    entities have one (Geospatial properties of entities).
    """
    if attribute is not None:
        return [instance["value"] for instance in attrs.get(attribute, ()) if _is_geo(instance)]
    default = geometries_of(attrs, LOCATION)
    return default or [each["value"] for instances in attrs.values() for each in instances if _is_geo(each)]


def _is_geo(instance: Instance) -> bool:
    return bool(instance["kind"] == GEO_PROPERTY)


def meets_geo(geo: GeoFilter, attrs: Attributes) -> bool:
    """Tell whether one of the geometries that the filter is about stands in its relation."""
    geometries = geometries_of(attrs, geo.attribute)
    if not geometries:
        return False
    return bool(holds(geo, read_shapes([orjson.dumps(each) for each in geometries])).any())


def read_shapes(geometries: Sequence[str | bytes]) -> Shapes:
    """Read GeoJSON texts; one that is no geometry becomes None, an invalid polygon is repaired."""
    texts = np.asarray([each.decode() if isinstance(each, bytes) else each for each in geometries], dtype=object)
    return _repaired(shapely.from_geojson(texts, on_invalid="ignore"))


def read_shape_lists(lists: Sequence[str]) -> tuple[Shapes, Places]:
    """Read JSON arrays of geometries; returns the geometries, and for each the place of its array."""
    texts = np.asarray([f'{{"type":"GeometryCollection","geometries":{each}}}' for each in lists], dtype=object)
    shapes, places = shapely.get_parts(shapely.from_geojson(texts, on_invalid="ignore"), return_index=True)
    return _repaired(shapes), places


def _repaired(shapes: Shapes) -> Shapes:
    flawed = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    if flawed.any():
        shapes[flawed] = shapely.make_valid(shapes[flawed])
    return shapes


def holds(geo: GeoFilter, shapes: Shapes) -> Flags:
    """Tell for each shape whether it stands in the relation; None stands in none."""
    reference = read_reference(geo.geometry)
    present = ~shapely.is_missing(shapes)
    if geo.relation is not GeoRelation.NEAR:
        standing: Flags = _RELATIONS[geo.relation](reference, shapes) & present
        return standing
    result = np.zeros(len(shapes), dtype=bool)
    metres = distances_m(reference, shapes[present])
    near = np.isfinite(metres)
    if geo.maximum_m is not None:
        near &= metres <= geo.maximum_m
    if geo.minimum_m is not None:
        near &= metres >= geo.minimum_m
    result[present] = near
    return result


@lru_cache(maxsize=4096)
def read_reference(geometry: str) -> Any:
    """Read a reference geometry (GeoJSON text) and prepare it; the last ones are kept."""
    reference = read_shapes([geometry])[0]
    shapely.prepare(reference)
    return reference


def search_box(geo: GeoFilter) -> Box | None:
    """Return the box that every matching geometry touches; None where a match can be anywhere."""
    if geo.relation is GeoRelation.DISJOINT:
        return None
    reference = read_reference(geo.geometry)
    if geo.relation is GeoRelation.NEAR:
        return None if geo.maximum_m is None else box_around(reference, geo.maximum_m)
    west, south, east, north = shapely.bounds(reference)
    return float(west), float(south), float(east), float(north)
