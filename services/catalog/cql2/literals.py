"""Values of both encodings: days and instants (clause 6.3.3), geometries (clause 7.3) and boxes."""

import re
from datetime import timedelta
from typing import Any, Final

import numpy as np
import orjson
import shapely

from services.catalog.cql2.axes import Axes
from services.catalog.cql2.tree import Geometry, Interval, Moment, Property, wrong
from services.catalog.domain.dataset import is_on_earth
from services.catalog.domain.freshness import end_of, instant_of
from services.catalog.domain.shape import Area, Line, Position, Shape

SHAPES: Final = frozenset(
    {"point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection"}
)
"""The names of geometries, in lower case."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_MILLISECOND = timedelta(microseconds=999)


def day(text: str, place: str) -> Moment:
    """Return a day, in UTC. Raises InvalidRequest."""
    first, last = (instant_of(text), end_of(text)) if _DAY.fullmatch(text) else (None, None)
    if first is None or last is None:
        raise wrong(f"{text:.40} is no date as 2026-11-21", place)
    return Moment(first, last, place)


def instant(text: str, place: str) -> Moment:
    """Return an instant; without microseconds it is a whole millisecond, as records tell it. Raises InvalidRequest."""
    first = instant_of(text) if _INSTANT.fullmatch(text) else None
    if first is None:
        raise wrong(f"{text:.40} is no timestamp as 2026-11-21T09:00:00Z", place)
    return Moment(first, first if first.microsecond % 1000 else first + _MILLISECOND, place)


def day_or_instant(text: str, place: str) -> Moment:
    """Return a day or an instant, whichever a text is. Raises InvalidRequest."""
    return day(text, place) if len(text) <= 10 else instant(text, place)


def interval(ends: list[str | Property], place: str) -> Interval:
    """Return an interval between two instants, days or properties; `..` is an open end. Raises InvalidRequest."""
    if len(ends) != 2:
        raise wrong("an interval has two ends", place)
    start, end = (_end(each, place) for each in ends)
    if isinstance(start, Moment) and isinstance(end, Moment) and end.last < start.first:
        raise wrong("this interval ends before it starts", place)
    return Interval(start, end, place)


def _end(written: str | Property, place: str) -> Property | Moment | None:
    if isinstance(written, Property):
        return written
    return None if written == ".." else day_or_instant(written, place)


def box(numbers: list[float], axes: Axes, place: str) -> Geometry:
    """Return a box of four numbers, or of six with heights, which are left out; its west may lie east of its east."""
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    sides = axes.box(numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 else None
    if sides is None or not is_on_earth(sides):
        raise wrong("a box has west, south, east and north in degrees", place)
    west, south, east, north = sides
    halves = ((west, east),) if west <= east else ((west, 180.0), (-180.0, east))
    return Geometry(Shape(areas=tuple(_rectangle(left, south, right, north) for left, right in halves)), place)


def _rectangle(west: float, south: float, east: float, north: float) -> Area:
    return Area(((west, south), (east, south), (east, north), (west, north), (west, south)))


def written_shape(text: str, axes: Axes, place: str) -> Geometry:
    """Return a geometry that is written as well-known text. Raises InvalidRequest."""
    try:
        return _geometry(shapely.from_wkt(text), axes, place)
    except shapely.errors.ShapelyError as error:
        raise wrong(f"this is no geometry ({_said(error)})", place) from error


def geojson_shape(value: dict[str, Any], axes: Axes, place: str) -> Geometry:
    """Return a geometry that is written as GeoJSON. Raises InvalidRequest."""
    try:
        return _geometry(shapely.from_geojson(orjson.dumps(value)), axes, place)
    except shapely.errors.ShapelyError as error:
        raise wrong(f"this is no geometry ({_said(error)})", place) from error


def _said(error: Exception) -> str:
    return str(error).partition(": ")[2][:100] or "it cannot be read"


def _geometry(written: Any, axes: Axes, place: str) -> Geometry:
    shape = shapely.transform(written, lambda each: each[:, ::-1]) if axes.is_latitude_first else written
    parts = shapely.get_parts(shapely.get_parts(shape))
    if not len(parts) or any(hasattr(each, "geoms") or each.is_empty for each in parts):
        raise wrong("this geometry is empty, or a collection within a collection", place)
    west, south, east, north = shape.bounds
    if not np.isfinite(shapely.get_coordinates(shape)).all() or not is_on_earth((west, south, east, north)):
        raise wrong("this geometry has places that are not on earth", place)
    points: list[Position] = []
    lines: list[Line] = []
    areas: list[Area] = []
    for part in parts:
        match part.geom_type:
            case "Point":
                points += _line(part)
            case "Polygon":
                areas.append(Area(_line(part.exterior), tuple(map(_line, part.interiors))))
            case _:
                lines.append(_line(part))
    return Geometry(Shape(tuple(points), tuple(lines), tuple(areas)), place)


def _line(shape: Any) -> Line:
    return tuple((float(x), float(y)) for x, y in shapely.get_coordinates(shape))
