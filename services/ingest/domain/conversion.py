"""How a raw value becomes a value of the type that provisioning gives its attribute."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from services.ingest.domain.refusal import MeasureRefused, Reason
from services.kernel.clock import from_iso, to_iso

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\Z")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}\Z")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
_GEOMETRIES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})
_TRUE = frozenset({"true", "1", "on", "yes"})
_FALSE = frozenset({"false", "0", "off", "no"})


@dataclass(frozen=True, slots=True)
class Conversion:
    """The NGSI-LD kind of an attribute, the member that holds its value, and how the value is read."""

    kind: str
    member: str
    read: Callable[[object], object]

    def render(self, raw: object) -> dict[str, object]:
        """Write the attribute's kind and value in NGSI-LD's normalized form. Raises MeasureRefused."""
        value = self.read(raw)
        if type(value) in (dict, list) and self.kind == "Property" and _holds_null(value):
            return {"type": "JsonProperty", "json": value}  # a Property's value has no null in it (clause 4.5.2)
        return {"type": self.kind, self.member: value}


def conversion_of(type_name: str) -> Conversion:
    """Return the conversion for a provisioned `type`; a type without one keeps its values as they come."""
    return _CONVERSIONS.get(type_name.lower(), _AS_IT_COMES)


def conversion_as_labelled(type_name: str) -> Conversion:
    """Return the conversion where a `type` is but a label, as with NGSIv2: numbers and truth values as they come.

    Times, positions and relationships are read in any case: NGSIv2 brokers check them too.
    """
    conversion = conversion_of(type_name)
    return _AS_IT_COMES if conversion in (_NUMERIC, _BOOLEAN) else conversion


def is_temporal(type_name: str) -> bool:
    """Tell whether values of a type are times."""
    return conversion_of(type_name) is _TEMPORAL


def is_uri(text: str) -> bool:
    """Tell whether a text can be an entity's id as it is (RFC 3986, a scheme and something after it)."""
    return _URI.match(text) is not None


def free_value(value: object) -> dict[str, object]:
    """Write a value of any form as an attribute's kind and value."""
    return _AS_IT_COMES.render(value)


def _holds_null(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_null, value.values()))
    return value is None or (isinstance(value, list) and any(map(_holds_null, value)))


def _refuse_empty(raw: object) -> None:
    if isinstance(raw, str) and not raw.strip():
        raise MeasureRefused(Reason.EMPTY_VALUE, "The value is empty")


def _read_number(raw: object) -> object:
    kind = type(raw)
    if kind is int or (kind is float and math.isfinite(raw)):  # type: ignore[arg-type]
        return raw
    if isinstance(raw, str):
        _refuse_empty(raw)
        text = raw.strip()
        if _WHOLE.match(text):
            return int(text)
        if _NUMBER.match(text) and math.isfinite(number := float(text)):
            return number
    raise MeasureRefused(Reason.NOT_A_NUMBER, f"{raw!r:.80} is not a number")


def _read_boolean(raw: object) -> object:
    if isinstance(raw, bool):
        return raw
    _refuse_empty(raw)
    word = str(raw).strip().lower()
    if isinstance(raw, str | int) and word in _TRUE | _FALSE:
        return word in _TRUE
    raise MeasureRefused(Reason.NOT_A_BOOLEAN, f"{raw!r:.80} is neither true nor false")


def _read_time(raw: object) -> object:
    _refuse_empty(raw)
    try:
        instant: datetime = from_iso(str(raw).strip())
        return {"@type": "DateTime", "@value": to_iso(instant)}
    except (ValueError, OverflowError) as error:
        raise MeasureRefused(Reason.NOT_A_TIME, f"{raw!r:.80} is not an ISO 8601 time") from error


def _read_point(raw: object) -> object:
    """Read `latitude, longitude`, the order of NGSIv2's geo:point."""
    if isinstance(raw, Mapping):
        return _read_geometry(raw)
    _refuse_empty(raw)
    parts = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(parts, list) or len(parts) != 2:
        raise MeasureRefused(Reason.NOT_A_POSITION, f"{raw!r:.80} is not 'latitude, longitude'")
    try:
        latitude, longitude = (_read_number(part) for part in parts)
    except MeasureRefused as error:
        raise MeasureRefused(Reason.NOT_A_POSITION, f"{raw!r:.80} is not 'latitude, longitude'") from error
    return _read_geometry({"type": "Point", "coordinates": [longitude, latitude]})


def _read_geometry(raw: object) -> object:
    if not isinstance(raw, Mapping) or raw.get("type") not in _GEOMETRIES:
        raise MeasureRefused(Reason.NOT_A_POSITION, f"{raw!r:.80} is not a GeoJSON geometry")
    coordinates = raw.get("coordinates")
    if not isinstance(coordinates, list) or not _are_positions(coordinates):
        raise MeasureRefused(Reason.NOT_A_POSITION, f"The coordinates of {raw!r:.80} are not positions on earth")
    return raw


def _are_positions(coordinates: list[object]) -> bool:
    if coordinates and all(type(each) in (int, float) for each in coordinates):
        longitude, latitude = [*coordinates, None][:2]
        return (
            len(coordinates) in (2, 3)
            and isinstance(longitude, int | float)
            and isinstance(latitude, int | float)
            and -180 <= longitude <= 180
            and -90 <= latitude <= 90
        )
    return bool(coordinates) and all(isinstance(each, list) and _are_positions(each) for each in coordinates)


def _read_reference(raw: object) -> object:
    _refuse_empty(raw)
    texts = raw if isinstance(raw, list) else [raw]
    if texts and all(isinstance(each, str) and is_uri(each) for each in texts):
        return raw
    raise MeasureRefused(Reason.NOT_A_REFERENCE, f"{raw!r:.80} is not the URI of an entity")


def _keep(raw: object) -> object:
    return raw


_AS_IT_COMES = Conversion("Property", "value", _keep)
_NUMERIC = Conversion("Property", "value", _read_number)
_TEMPORAL = Conversion("Property", "value", _read_time)
_BOOLEAN = Conversion("Property", "value", _read_boolean)
_POINT = Conversion("GeoProperty", "value", _read_point)
_GEOMETRY = Conversion("GeoProperty", "value", _read_geometry)
_REFERENCE = Conversion("Relationship", "object", _read_reference)
_LANGUAGES = Conversion("LanguageProperty", "languageMap", _keep)
_WORDS = Conversion("VocabProperty", "vocab", _keep)
_JSON = Conversion("JsonProperty", "json", _keep)
_CONVERSIONS: Mapping[str, Conversion] = MappingProxyType(
    {
        **dict.fromkeys(("number", "integer", "float", "double"), _NUMERIC),
        **dict.fromkeys(("boolean", "bool"), _BOOLEAN),
        **dict.fromkeys(("datetime", "iso8601", "date-time"), _TEMPORAL),
        **dict.fromkeys(("geo:point", "geoproperty", "point"), _POINT),
        **dict.fromkeys(("geo:json", "geo:line", "geo:polygon", "geo:box"), _GEOMETRY),
        "relationship": _REFERENCE,
        "languageproperty": _LANGUAGES,
        "vocabproperty": _WORDS,
        "jsonproperty": _JSON,
    }
)
