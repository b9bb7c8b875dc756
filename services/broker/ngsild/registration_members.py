"""The members of a context source registration as users send them: checked, with names expanded (5.2.9, 5.9.2)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from services.broker.domain.names import Context
from services.broker.domain.registration import GROUPS, OPERATIONS, READING, Mode
from services.broker.ngsild.input_entity import read_scopes
from services.broker.ngsild.input_values import check_name, read_date_time, read_geometry, read_text, read_uri
from services.broker.ngsild.subscription_members import texts
from services.broker.query.pattern import read_pattern
from services.kernel.egress import check_url
from services.kernel.errors import BadData

_DERIVED: Final = frozenset(
    {
        *("id", "@context", "createdAt", "modifiedAt", "deletedAt", "status"),
        *("timesSent", "timesFailed", "lastSuccess", "lastFailure"),
    }
)
NAME_LISTS: Final = ("propertyNames", "relationshipNames", "attributeNames")
GEOMETRIES: Final = ("location", "observationSpace", "operationSpace")
_DURATION: Final = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?\Z")
_INFORMATION: Final = frozenset({"entities", *NAME_LISTS})


def expanded_registration(document: Mapping[str, Any], context: Context, policy: str) -> dict[str, Any]:
    """Return what is kept of a registration's JSON, names expanded; null members are left out. Raises BadData."""
    kept: dict[str, Any] = {}
    for name, value in document.items():
        if name in _DERIVED or value is None:
            continue
        reader = _READERS.get(name)
        if reader is None:
            check_name(name, name)
            kept[context.expand(name)] = value
        else:
            kept[name] = reader(value, name, context)
    if "endpoint" in kept:
        check_url(kept["endpoint"], policy)
    return kept


def check_registration(document: Mapping[str, Any], now: datetime) -> None:
    """Hold a whole registration against the rules between its members (4.3.6.3, 5.9.2.4). Raises BadData."""
    for name in ("type", "information", "endpoint"):
        if name not in document:
            raise BadData(f"{name} must be given", field=name)
    if "expiresAt" in document and read_date_time(document["expiresAt"], "expiresAt") <= now:
        raise BadData("expiresAt must be in the future", field="expiresAt")
    mode = document.get("mode", Mode.INCLUSIVE)
    if mode == Mode.AUXILIARY:
        named: frozenset[str] = frozenset().union(
            *(GROUPS.get(each, frozenset({each})) for each in document.get("operations", ()))
        )
        if not named <= READING:
            raise BadData("An auxiliary source may only be read from", field="operations")
    if mode == Mode.EXCLUSIVE:
        for part in document["information"]:
            _check_exclusive(part)
    if mode == Mode.REDIRECT and not all("entities" in part for part in document["information"]):
        raise BadData("A redirect registration must name entities", field="information.entities")


def _check_exclusive(part: Mapping[str, Any]) -> None:
    entities = part.get("entities", [])
    if not entities or not all("id" in each for each in entities):
        raise BadData("An exclusive registration must name its entities by id", field="information.entities")
    if not any(part.get(name) for name in NAME_LISTS):
        raise BadData("An exclusive registration must name its attributes", field="information.propertyNames")


def _read_type(value: Any, where: str, context: Context) -> str:
    if value != "ContextSourceRegistration":
        raise BadData("type must be ContextSourceRegistration", field=where)
    return "ContextSourceRegistration"


def _read_information(value: Any, where: str, context: Context) -> list[dict[str, Any]]:
    return [_read_part(each, where, context) for each in _objects(value, where)]


def _objects(value: Any, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) and each for each in value):
        raise BadData(f"{where} must be an array of objects that is not empty", field=where)
    return value


def _read_part(document: Mapping[str, Any], where: str, context: Context) -> dict[str, Any]:
    unknown = sorted(document.keys() - _INFORMATION)
    if unknown:
        raise BadData(f"{where} must not have {unknown[0]}", field=f"{where}.{unknown[0]}")
    part: dict[str, Any] = {}
    if "entities" in document:
        place = f"{where}.entities"
        part["entities"] = [_read_entity(each, place, context) for each in _objects(document["entities"], place)]
    for name in NAME_LISTS:
        if document.get(name):
            part[name] = [context.expand(each) for each in texts(document[name], f"{where}.{name}")]
    if not part:
        raise BadData(f"{where} must name entities or attributes", field=where)
    return part


def _read_entity(document: Mapping[str, Any], where: str, context: Context) -> dict[str, Any]:
    types = document.get("type")
    if isinstance(types, list):
        kept: dict[str, Any] = {"type": [context.expand(each) for each in texts(types, f"{where}.type")]}
    else:
        kept = {"type": context.expand(read_text(types, f"{where}.type"))}
    if document.get("id") is not None:
        kept["id"] = read_uri(document["id"], f"{where}.id")
    if document.get("idPattern") is not None:
        kept["idPattern"] = read_text(document["idPattern"], f"{where}.idPattern")
        read_pattern(kept["idPattern"], f"{where}.idPattern")
    return kept


def _read_mode(value: Any, where: str, context: Context) -> str:
    if not isinstance(value, str) or value not in list(Mode):
        raise BadData(f"mode must be one of {', '.join(Mode)}", field=where)
    return value


def _read_operations(value: Any, where: str, context: Context) -> list[str]:
    names = texts(value, where)
    unknown = [name for name in names if name not in OPERATIONS and name not in GROUPS]
    if unknown:
        raise BadData(f"'{unknown[0]}' is not an operation of NGSI-LD", field=where)
    return names


def _read_pairs(value: Any, where: str, context: Context) -> list[dict[str, Any]]:
    pairs = []
    for each in _objects(value, where):
        key = read_text(each.get("key"), f"{where}.key")
        given = each.get("value")
        # The IoT agents name several contexts here.
        if not (isinstance(given, str) or (key == "jsonldContext" and isinstance(given, list | dict) and given)):
            raise BadData(f"{where}.value must be a text", field=f"{where}.value")
        if isinstance(given, str) and ("\r" in given or "\n" in given or "\0" in given):
            raise BadData(f"{where}.value must be one line", field=f"{where}.value")
        if key != "jsonldContext" and not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", key, re.ASCII):
            raise BadData(f"'{key}' is not the name of a header", field=f"{where}.key")
        pairs.append({"key": key, "value": given})
    return pairs


def _read_interval(value: Any, where: str, context: Context) -> dict[str, Any]:
    if not isinstance(value, dict) or "startAt" not in value:
        raise BadData(f"{where} must be an object with startAt", field=f"{where}.startAt")
    start = read_date_time(value["startAt"], f"{where}.startAt")
    if "endAt" in value and read_date_time(value["endAt"], f"{where}.endAt") < start:
        raise BadData(f"{where} must not end before it starts", field=f"{where}.endAt")
    return {name: value[name] for name in ("startAt", "endAt") if name in value}


def _read_management(value: Any, where: str, context: Context) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadData(f"{where} must be an object", field=where)
    for name, each in value.items():
        place = f"{where}.{name}"
        if name == "localOnly" and not isinstance(each, bool):
            raise BadData(f"{place} must be true or false", field=place)
        if name == "cacheDuration":
            _read_duration(each, place, context)
        if name in ("timeout", "cooldown") and (
            isinstance(each, bool) or not isinstance(each, int | float) or not 0 < each <= 2**53
        ):
            raise BadData(f"{place} must be a number of milliseconds above 0", field=place)
    return value


def _read_duration(value: Any, where: str, context: Context) -> str:
    if not isinstance(value, str) or not _DURATION.match(value):
        raise BadData(f"{where} must be a duration such as PT5M", field=where)
    return value


def _read_instant(value: Any, where: str, context: Context) -> str:
    read_date_time(value, where)
    return str(value)


def _read_scope(value: Any, where: str, context: Context) -> Any:
    read_scopes(value)
    return value


def _read_shape(value: Any, where: str, context: Context) -> dict[str, Any]:
    if isinstance(value, dict) and value.get("type") == "GeoProperty":
        return read_geometry(value.get("value"), where)
    return read_geometry(value, where)


def _read_data_sets(value: Any, where: str, context: Context) -> list[str]:
    return [each if each == "@none" else read_uri(each, where) for each in texts(value, where)]


def _text(value: Any, where: str, context: Context) -> str:
    return read_text(value, where)


_READERS: Final[Mapping[str, Callable[[Any, str, Context], Any]]] = {
    "type": _read_type,
    "registrationName": _text,
    "description": _text,
    "information": _read_information,
    "tenant": _text,
    "observationInterval": _read_interval,
    "managementInterval": _read_interval,
    "location": _read_shape,
    "observationSpace": _read_shape,
    "operationSpace": _read_shape,
    "expiresAt": _read_instant,
    "endpoint": lambda value, where, _: read_uri(value, where),
    "contextSourceInfo": _read_pairs,
    "contextSourceAlias": _text,
    "scope": _read_scope,
    "mode": _read_mode,
    "operations": _read_operations,
    "refreshRate": _read_duration,
    "management": _read_management,
    "datasetId": _read_data_sets,
}
KNOWN: Final = frozenset(_READERS)
"""The members that NGSI-LD defines; others are properties of the source, under expanded names."""
