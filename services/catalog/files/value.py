"""Texts of cells as values of a type (Frictionless Table Schema, Types and Formats)."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any, Final

_INTEGER: Final = re.compile(r"[+-]?[0-9]+\Z")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")
_YEAR: Final = re.compile(r"-?[0-9]{1,4}\Z")
_YEAR_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])\Z")
_DURATION: Final = re.compile(
    r"P(?!\Z)([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T(?!\Z)([0-9]+H)?([0-9]+M)?([0-9.]+S)?)?\Z"
)
_TRUE: Final = ("true", "True", "TRUE", "1")
_FALSE: Final = ("false", "False", "FALSE", "0")
_PATTERN_WORDS: Final = ("default", "any", "")


def read_value(text: str, kind: str, field: Mapping[str, Any]) -> Any:
    """Return a cell as a value of a type, which `field` (a field descriptor) may tell more of. Raises ValueError."""
    return _READERS[kind](text, field)


def _integer(text: str, field: Mapping[str, Any]) -> int:
    plain = _without_signs(text, field)
    if not _INTEGER.match(plain):
        raise ValueError("is no integer")
    return int(plain)


def _number(text: str, field: Mapping[str, Any]) -> float:
    group, point = str(field.get("groupChar", "")), str(field.get("decimalChar", "."))
    plain = _without_signs(text.replace(group, "") if group else text, field).replace(point, ".")
    if not _NUMBER.match(plain):
        raise ValueError("is no number")
    return float(plain)


def _without_signs(text: str, field: Mapping[str, Any]) -> str:
    if field.get("bareNumber", True):
        return text
    return re.sub(r"^[^0-9+.-]+|[^0-9]+$", "", unicodedata.normalize("NFKC", text))


def _boolean(text: str, field: Mapping[str, Any]) -> bool:
    if text in field.get("trueValues", _TRUE):
        return True
    if text in field.get("falseValues", _FALSE):
        return False
    raise ValueError("is neither true nor false")


def _moment(kind: Callable[[str], Any], name: str) -> Callable[[str, Mapping[str, Any]], Any]:
    def read(text: str, field: Mapping[str, Any]) -> Any:
        form = str(field.get("format", "default"))
        try:
            if form in _PATTERN_WORDS:
                return kind(text)
            parsed = datetime.strptime(text, form)  # noqa: DTZ007  # the file tells no zone
        except ValueError:
            raise ValueError(f"is no {name}") from None
        return {"date": parsed.date(), "time": parsed.time()}.get(name, parsed)

    return read


def _matching(pattern: re.Pattern[str], name: str) -> Callable[[str, Mapping[str, Any]], str]:
    def read(text: str, field: Mapping[str, Any]) -> str:
        if not pattern.match(text):
            raise ValueError(f"is no {name}")
        return text

    return read


def _json(kind: type, name: str) -> Callable[[str, Mapping[str, Any]], Any]:
    def read(text: str, field: Mapping[str, Any]) -> Any:
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if not isinstance(value, kind):
            raise ValueError(f"is no {name}")  # noqa: TRY004  # a fault of the file
        return value

    return read


def _geopoint(text: str, field: Mapping[str, Any]) -> tuple[float, float]:
    parts = text.strip("[]").split(",")
    try:
        longitude, latitude = (float(part) for part in parts)
    except ValueError:
        raise ValueError("is no geopoint") from None
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise ValueError("is no geopoint")
    return longitude, latitude


_FORMATS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z"),
        "uri": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z"),
        "uuid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z"),
    }
)


def _string(text: str, field: Mapping[str, Any]) -> str:
    pattern = _FORMATS.get(str(field.get("format", "")))
    if pattern is not None and not pattern.match(text):
        raise ValueError(f"is no {field['format']}")
    return text


_READERS: Final[Mapping[str, Callable[[str, Mapping[str, Any]], Any]]] = MappingProxyType(
    {
        "string": _string,
        "any": _string,
        "integer": _integer,
        "number": _number,
        "boolean": _boolean,
        "date": _moment(date.fromisoformat, "date"),
        "time": _moment(time.fromisoformat, "time"),
        "datetime": _moment(datetime.fromisoformat, "datetime"),
        "year": _matching(_YEAR, "year"),
        "yearmonth": _matching(_YEAR_MONTH, "month of a year"),
        "duration": _matching(_DURATION, "duration"),
        "object": _json(dict, "JSON object"),
        "array": _json(list, "JSON array"),
        "geojson": _json(dict, "GeoJSON"),
        "geopoint": _geopoint,
    }
)
TYPES: Final = frozenset(_READERS)
"""The types of the standard."""
