"""Distances in metres on the WGS 84 ellipsoid, never planar degrees (NGSI-LD 4.10 `near`, 4.23 ordering by distance).

A geometry is seen from a point in the azimuthal equidistant projection, in which distances from the centre are true.
GeoJSON's edges are straight in longitude and latitude (RFC 7946, 3.1.1): long ones are divided first, so that a
projected edge is off by less than 0.2 m below 60 degrees of latitude.
"""

import math
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

Box: TypeAlias = tuple[float, float, float, float]
Metres: TypeAlias = npt.NDArray[np.float64]

_GEOD: Final = Geod(ellps="WGS84")
_POINT: Final = 0
_LONGEST_EDGE_DEGREES: Final = 0.02
_SHORTEST_DEGREE_M: Final = 110_500.0
_ORIGIN: Final = shapely.Point(0, 0)


def distances_m(reference: Any, shapes: npt.NDArray[np.object_]) -> Metres:
    """Return the distance of each shape from the reference in metres; NaN for an empty one."""
    if shapely.get_type_id(reference) != _POINT:
        return np.asarray([_distance_m(reference, each) for each in shapes], dtype=float)
    metres = np.full(len(shapes), np.nan)
    points = shapely.get_type_id(shapes) == _POINT
    if points.any():
        metres[points] = _between_points_m(reference, shapes[points])
    if not points.all():
        metres[~points] = shapely.distance(_ORIGIN, _seen_from(reference, shapes[~points]))
    return metres


def _between_points_m(reference: Any, points: npt.NDArray[np.object_]) -> Metres:
    count = len(points)
    longitudes, latitudes = np.full(count, reference.x), np.full(count, reference.y)
    metres: Metres = _GEOD.inv(longitudes, latitudes, shapely.get_x(points), shapely.get_y(points))[2]
    return metres


def _seen_from(point: Any, shapes: Any) -> Any:
    def project(positions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        count = len(positions)
        azimuths, _, metres = _GEOD.inv(
            np.full(count, point.x), np.full(count, point.y), positions[:, 0].copy(), positions[:, 1].copy()
        )
        angles = np.radians(azimuths)
        return np.column_stack((metres * np.sin(angles), metres * np.cos(angles)))

    return shapely.transform(shapely.segmentize(shapely.force_2d(shapes), _LONGEST_EDGE_DEGREES), project)


def _distance_m(reference: Any, shape: Any) -> float:
    if shapely.is_empty(shape):
        return math.nan
    if shapely.intersects(reference, shape):
        return 0.0
    if shapely.get_type_id(shape) == _POINT:
        return float(shapely.distance(_ORIGIN, _seen_from(shape, reference)))
    middle = _between(reference, shape)
    line = shapely.shortest_line(_seen_from(middle, reference), _seen_from(middle, shape))
    (one, other) = (_place(middle, east, north) for east, north in shapely.get_coordinates(line))
    return float(_GEOD.inv(*one, *other)[2])


def _between(one: Any, other: Any) -> Any:
    """Find the point between where two geometries come nearest, longitudes shrunk to the length they have there."""
    bounds = shapely.total_bounds([one, other])
    shrink = max(math.cos(math.radians((bounds[1] + bounds[3]) / 2)), 1e-6)
    lines = [shapely.transform(shapely.force_2d(each), lambda at: at * (shrink, 1.0)) for each in (one, other)]
    east, north = shapely.get_coordinates(shapely.shortest_line(*lines)).mean(axis=0)
    return shapely.Point(east / shrink, north)


def _place(centre: Any, east_m: float, north_m: float) -> tuple[float, float]:
    azimuth, metres = math.degrees(math.atan2(east_m, north_m)), math.hypot(east_m, north_m)
    longitude, latitude, _ = _GEOD.fwd(centre.x, centre.y, azimuth, metres)
    return longitude, latitude


def box_around(reference: Any, metres: float) -> Box:
    """Return a box (west, south, east, north) that holds all within a distance of a geometry.

    Where it would reach a pole or cross the antimeridian it spans all longitudes.
    """
    west, south, east, north = (float(bound) for bound in shapely.bounds(reference))
    reach = metres / _SHORTEST_DEGREE_M
    south, north = south - reach, north + reach
    if south <= -90 or north >= 90:
        return -180.0, max(south, -90.0), 180.0, min(north, 90.0)
    reach /= math.cos(math.radians(max(abs(south), abs(north))))
    west, east = west - reach, east + reach
    if west < -180 or east > 180:
        return -180.0, south, 180.0, north
    return west, south, east, north
