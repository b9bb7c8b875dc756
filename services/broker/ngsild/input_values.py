"""Checks of single values in what users send: names, URIs, date-times, language maps, GeoJSON (4.6, 4.7)."""

import json
import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from services.broker.domain.entity import is_uri
from services.broker.operations.merging import NULL
from services.kernel.clock import from_iso
from services.kernel.errors import BadData

_NAME = re.compile(r"[^\s<>\"'=;(){}\[\],|\\^`\x00-\x1f]+\Z")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z\Z")
_PLAIN_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[!#-;=?-\[\]_a-z~]+\Z")
_INVISIBLE: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_MARKUP: Final = frozenset('<>"{}|\\^`')
_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
_TAG = re.compile(r"(?:[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|@none)\Z")
_DEPTHS: Final = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
GEOMETRIES: Final = frozenset(_DEPTHS)


def check_name(name: str, where: str) -> None:
    """Hold a name against the rules of 4.6.2. Raises BadData."""
    if not _NAME.match(name):
        raise BadData(f"'{name}' is not a valid name", field=where)


def read_uri(value: Any, where: str) -> str:
    """Return a URI. Raises BadData."""
    if isinstance(value, str) and (_PLAIN_URI.match(value) or (is_uri(value) and all(map(_is_visible, value)))):
        return value
    raise BadData(f"{where} must be a URI", field=where)


def _is_visible(character: str) -> bool:
    if character in _INVISIBLE or character in _MARKUP or "\ufe00" <= character <= "\ufe0f":
        return False
    return unicodedata.category(character) not in _UNSEEN_CATEGORIES and not "\U000e0100" <= character <= "\U000e01ef"


def read_text(value: Any, where: str) -> str:
    """Return a text that is not empty. Raises BadData."""
    if not isinstance(value, str) or not value:
        raise BadData(f"{where} must be a text that is not empty", field=where)
    return value


def read_date_time(value: Any, where: str) -> datetime:
    """Return the instant of an ISO 8601 date-time with its zone (4.6.3). Raises BadData."""
    try:
        if isinstance(value, str):
            return _instant_of(value)
    except ValueError:
        pass
    raise BadData(f"{where} must be a date-time such as 2026-01-31T12:00:00Z", field=where)


@lru_cache(maxsize=1024)
def _instant_of(text: str) -> datetime:
    """Read a date-time; the attributes of an entity often tell the same one. Raises ValueError."""
    if not _DATE_TIME.match(text):
        raise ValueError(text)
    return from_iso(text.replace(",", "."))


def check_date_time(value: Any, where: str) -> str:
    """Return a date-time as it was written. Raises BadData."""
    read_date_time(value, where)
    return str(value)


def read_language_map(value: Any, where: str, *, nulls: bool) -> dict[str, Any]:
    """Return a language map: tag to text or texts (4.5.18). Raises BadData."""
    if not isinstance(value, dict) or not value:
        raise BadData(f"{where} must be an object of texts by language tag", field=where)
    for tag, text in value.items():
        if not _TAG.match(tag):
            raise BadData(f"'{tag}' is not a language tag", field=where)
        if text == NULL and not nulls:
            raise BadData(f"{where}.{tag} must not be NGSI-LD Null", field=where)
        texts = text if isinstance(text, list) and text else [text]
        if not all(isinstance(each, str) for each in texts):
            raise BadData(f"{where}.{tag} must be a text or an array of texts", field=where)
    return value


def read_geometry(value: Any, where: str) -> dict[str, Any]:
    """Return a GeoJSON geometry, which may come as text (4.7, RFC 7946). Raises BadData."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            raise BadData(f"{where} must be a GeoJSON geometry", field=where) from None
    if not isinstance(value, dict) or str(value.get("type")) not in GEOMETRIES:
        raise BadData(f"{where} must be a GeoJSON geometry", field=where)
    _check_coordinates(value["type"], value.get("coordinates"), where)
    return value


def _check_coordinates(kind: str, coordinates: Any, where: str) -> None:
    depth = _DEPTHS[kind]
    if not _is_nested(coordinates, depth):
        raise BadData(f"{where}.coordinates are not those of a {kind}", field=where)
    lines = [coordinates] if kind == "LineString" else coordinates if kind == "MultiLineString" else []
    if any(len(line) < 2 for line in lines):
        raise BadData(f"{where}: a line must have at least two positions", field=where)
    polygons = [coordinates] if kind == "Polygon" else coordinates if kind == "MultiPolygon" else []
    for ring in (ring for polygon in polygons for ring in polygon):
        if len(ring) < 4 or ring[0] != ring[-1]:
            raise BadData(f"{where}: a ring must have at least four positions and end where it begins", field=where)


def _is_nested(coordinates: Any, depth: int) -> bool:
    if depth == 0:
        return _is_position(coordinates)
    return bool(
        isinstance(coordinates, list) and bool(coordinates) and all(_is_nested(each, depth - 1) for each in coordinates)
    )


def _is_position(value: Any) -> bool:
    if not isinstance(value, list) or len(value) < 2:
        return False
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in value):
        return False
    return bool(-180 <= value[0] <= 180 and -90 <= value[1] <= 90)
