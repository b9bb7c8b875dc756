"""Latitude and longitude of a row as a GeoJSON point."""

import re
from typing import Literal

import orjson

from services.ingest.importing.cells import Cell, read_filled
from services.ingest.importing.numbers import read_number

Datum = Literal["world", "tokyo"]
_LATITUDES = (20.0, 46.0)
_LONGITUDES = (122.0, 154.5)
"""Japan, its outlying islands included."""

# o, U+309A and U+030A are what º, ゜ and ˚ are in half width
_SEXAGESIMAL = re.compile(
    r"(?:北緯|東経|[NE])?\s*([0-9]{1,3})\s*[°度:o\u309a\u030a]\s*([0-9]{1,2})\s*['′分:]\s*(?:([0-9]{1,2}(?:\.[0-9]+)?)\s*(?:[\"″秒]|''|′′)?)?"
    r"\s*[NE]?\Z"
)
_PLAIN = re.compile(r"[0-9]{1,3}\.[0-9]+\Z")
_DOTTED = re.compile(r"([0-9]{2,3})\.([0-9]{1,2})\.([0-9]{1,2}(?:\.[0-9]+)?)\Z")
_PACKED = re.compile(r"([0-9]{2,3})([0-5][0-9])([0-5][0-9](?:\.[0-9]+)?)\Z")
_SIGNED = re.compile(r"(?:北緯|東経|[NE])\s*|\s*(?:[°度NE])\Z")
_BOTH = re.compile(r"\s*(?:POINT\s*\()?[(\[]?\s*([^,、\s]+)[,、\s]+([^,、\s)\]]+)\s*[)\]]*\s*\Z", re.IGNORECASE)
_GEOMETRIES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})
_DIGITS = 9
_LEAST_PACKED = 10_000


def looks_like_angle(raw: str) -> bool:
    """Tell whether a cell may be a latitude or longitude in Japan."""
    value = _read_angle(raw).value
    return isinstance(value, int | float) and _LATITUDES[0] <= value <= _LONGITUDES[1]


def read_position(latitude: str, longitude: str, datum: Datum = "world") -> Cell:
    """Read a position; what cannot be one is left out, under a rule that says why."""
    cells = _read_angle(latitude), _read_angle(longitude)
    rules = tuple(dict.fromkeys(rule for cell in cells for rule in cell.rules if not rule.startswith("unreadable")))
    if all(cell.value is None and not any(rule.startswith("unreadable") for rule in cell.rules) for cell in cells):
        return Cell(None, (*rules, "no-position"))
    values = [cell.value for cell in cells]
    if not all(isinstance(value, int | float) for value in values) or "number-in-text" in rules:
        return Cell(None, ("unreadable-position",))
    north, east = (float(str(value)) for value in values)
    if north == 0 or east == 0:
        return Cell(None, (*rules, "zero-position"))
    if _is_inside(north, east):
        return _located(north, east, rules, datum)
    if _is_inside(east, north):
        return _located(east, north, (*rules, "swapped-position"), datum)
    return Cell(None, (*rules, "position-outside"))


def read_pair(raw: str, datum: Datum = "world") -> Cell:
    """Read a position out of one cell: `34.34,134.05`, in either order, as WKT writes a point, or GeoJSON."""
    if raw.lstrip().startswith("{"):
        return _read_geometry(raw)
    cell = read_filled(raw)
    if cell.value is None:
        return Cell(None, cell.rules or ("no-position",))
    match = _BOTH.match(str(cell.value))
    if match is None:
        return Cell(None, (*cell.rules, "unreadable-position"))
    is_wkt = str(cell.value).upper().startswith("POINT")
    first, second = (match[2], match[1]) if is_wkt else (match[1], match[2])
    return read_position(first, second, datum)


def _read_geometry(raw: str) -> Cell:
    try:
        geometry = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return Cell(None, ("unreadable-position",))
    is_one = isinstance(geometry, dict) and geometry.get("type") in _GEOMETRIES and bool(geometry.get("coordinates"))
    if not is_one:
        return Cell(None, ("unreadable-position",))
    return Cell({"type": geometry["type"], "coordinates": geometry["coordinates"]})


def _read_angle(raw: str) -> Cell:
    if _PLAIN.match(raw):
        return Cell(float(raw))
    plain = read_number(raw)
    text = read_filled(raw)
    if text.value is None:
        return text
    if isinstance(plain.value, int | float) and "number-in-text" not in plain.rules:
        packed = _PACKED.match(str(text.value)) if abs(plain.value) > _LEAST_PACKED else None
        return _degrees(packed, text) if packed else plain
    folded = str(text.value)
    match = _SEXAGESIMAL.match(folded) or _DOTTED.match(folded)
    if match:
        return _degrees(match, text)
    bare = read_number(_SIGNED.sub("", folded))
    return Cell(bare.value, (*text.rules, *bare.rules))


def _degrees(match: re.Match[str], text: Cell) -> Cell:
    degrees = int(match[1]) + int(match[2]) / 60 + float(match[3] or 0) / 3600
    return Cell(round(degrees, _DIGITS), (*text.rules, "sexagesimal-position"))


def _located(north: float, east: float, rules: tuple[str, ...], datum: Datum) -> Cell:
    if datum == "tokyo":
        north, east = _from_tokyo(north, east)
        rules = (*rules, "tokyo-datum")
    return Cell({"type": "Point", "coordinates": [east, north]}, rules)


def _from_tokyo(latitude: float, longitude: float) -> tuple[float, float]:
    """Convert from the Tokyo datum: the usual linear approximation, within some metres in all of Japan."""
    north = latitude - 0.00010695 * latitude + 0.000017464 * longitude + 0.0046017
    east = longitude - 0.000046038 * latitude - 0.000083043 * longitude + 0.010040
    return round(north, _DIGITS), round(east, _DIGITS)


def _is_inside(latitude: float, longitude: float) -> bool:
    return _LATITUDES[0] <= latitude <= _LATITUDES[1] and _LONGITUDES[0] <= longitude <= _LONGITUDES[1]
