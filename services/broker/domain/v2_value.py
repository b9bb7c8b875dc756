"""NGSIv2 attribute types: what a value of a type is stored as, and the type a stored attribute shows.

Types are opaque but for dates (`DateTime`, `ISO8601`), locations (`geo:…`) and, as a bridge to NGSI-LD, the names of
its kinds of attribute (`Relationship`, `LanguageProperty`, …), which are taken where the value fits.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, TypeGuard

from services.broker.domain import attribute as kinds
from services.broker.domain.attribute import Instance
from services.broker.domain.entity import is_uri
from services.broker.domain.v2_location import is_location, to_geojson
from services.kernel.clock import finite, to_iso_millis
from services.kernel.errors import BadData

GEO_JSON: Final = "geo:json"
DATE_TYPES: Final = frozenset({"DateTime", "ISO8601"})
OPERATORS: Final = frozenset(
    {"$inc", "$mul", "$min", "$max", "$push", "$addToSet", "$pull", "$pullAll", "$set", "$unset"}
)
KIND_TYPES: Final = frozenset(kinds.KINDS) - {kinds.PROPERTY, kinds.GEO_PROPERTY}
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,255}\Z", re.ASCII)
_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:T(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?\Z"
)


def is_operator(value: Any) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is an update operator (`{"$inc": 2}`)."""
    return isinstance(value, dict) and not OPERATORS.isdisjoint(value)


def read_date(text: Any) -> datetime:
    """Read a date as NGSIv2 writes it: date, date and time, perhaps a zone (else UTC). Raises BadData."""
    match = _DATE.match(text) if isinstance(text, str) else None
    if match is None:
        raise BadData("A date must be YYYY-MM-DD, perhaps with Thh:mm:ss.sss and a zone", field="value")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    micro = int((match[7] or "0").ljust(6, "0")[:6])
    try:
        naive = datetime(year, month, day, hour, minute, second, micro, tzinfo=_zone(match[8]))
        return finite(naive.astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise BadData(f"'{text}' is no date that exists", field="value") from error


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] == "-" else offset)


def default_type(value: Any) -> str:
    """Return the type of a value that comes without one."""
    match value:
        case None:
            return "None"
        case bool():
            return "Boolean"
        case int() | float():
            return "Number"
        case str():
            return "Text"
        case _:
            return "StructuredValue"


def typed_members(type_name: str, value: Any, *, ignore_type: bool = False) -> Instance:
    """Return the members `kind`, `type`, `value` (and `raw`, `literal`, `instant`) of a value. Raises BadData."""
    if is_operator(value) or value is None:
        return {"kind": kinds.PROPERTY, "type": type_name, "value": value}
    if type_name in DATE_TYPES:
        instant = to_iso_millis(read_date(value))
        return {
            "kind": kinds.PROPERTY,
            "type": type_name,
            "value": instant,
            "literal": "DateTime",
            "instant": instant,
        }
    if is_location(type_name):
        if ignore_type:
            return {"kind": kinds.PROPERTY, "type": type_name, "value": value}
        return _location_members(type_name, value)
    kind = type_name if type_name in KIND_TYPES and _fits(type_name, value) else kinds.PROPERTY
    return {"kind": kind, "type": type_name, "value": value}


def shown_only(type_name: str, value: Any) -> Instance:
    """Return an attribute that is shown with exactly this type and value, and never stored."""
    members: Instance = {"kind": kinds.PROPERTY, "type": type_name, "value": value}
    return {**members, "instant": value} if type_name in DATE_TYPES else members


def _location_members(type_name: str, value: Any) -> Instance:
    geometry = to_geojson(type_name, value)
    members = {"kind": kinds.GEO_PROPERTY, "type": type_name, "value": geometry}
    if type_name != GEO_JSON:
        members["raw"] = value
    return members


def _fits(kind: str, value: Any) -> bool:
    match kind:
        case kinds.RELATIONSHIP | kinds.VOCAB_PROPERTY:
            several = value if isinstance(value, list) else [value]
            return bool(several) and all(isinstance(each, str) and is_uri(each) for each in several)
        case kinds.LANGUAGE_PROPERTY:
            return isinstance(value, dict) and bool(value) and all(isinstance(each, str) for each in value.values())
        case kinds.LIST_PROPERTY:
            return isinstance(value, list)
        case kinds.LIST_RELATIONSHIP:
            return isinstance(value, list) and all(isinstance(each, str) and is_uri(each) for each in value)
        case kinds.JSON_PROPERTY:
            return True
        case _:
            return False


def written_type(instance: Instance) -> str | None:
    """Return the type that NGSIv2 wrote; None where only NGSI-LD did, or has since given a value of another form."""
    written = instance.get("type")
    if written is None:
        return None
    if instance["kind"] == kinds.GEO_PROPERTY:
        is_current = written == GEO_JSON or "raw" in instance
    else:
        is_current = written not in DATE_TYPES or "instant" in instance or instance.get("value") is None
    return str(written) if is_current else None


def shown_type(instance: Instance) -> str:
    """Return the NGSIv2 type of a stored attribute: verbatim where NGSIv2 wrote it, else one that fits its kind."""
    written = written_type(instance)
    if written is not None:
        return written
    kind = instance["kind"]
    if kind == kinds.GEO_PROPERTY:
        return GEO_JSON
    if kind != kinds.PROPERTY:
        return str(kind)
    if "instant" in instance or str(instance.get("literal", "")).endswith("DateTime"):
        return "DateTime"
    told = instance.get("valueType")
    return told if isinstance(told, str) and _NAME.match(told) else default_type(instance.get("value"))


def shown_value(instance: Instance) -> Any:
    """Return the NGSIv2 value of a stored attribute: verbatim where NGSIv2 wrote another form of it; dates in UTC."""
    if "raw" in instance:
        return instance["raw"]
    return instance["instant"] if "instant" in instance else instance.get("value")
