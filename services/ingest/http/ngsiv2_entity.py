"""Entities as NGSIv2 has them, for brokers that ask with it (NGSIv2, JSON attribute representation)."""

from collections.abc import Mapping
from typing import Any

_MEMBERS = ("value", "object", "languageMap", "json", "vocab")
_OWN = frozenset({"type", "valueType", *_MEMBERS})
_KINDS: Mapping[str, str] = {"GeoProperty": "geo:json", "Relationship": "Relationship"}


def as_ngsiv2(entity: Mapping[str, Any]) -> dict[str, Any]:
    """Write an entity in NGSI-LD's normalized form as NGSIv2 has it."""
    names = {name: entity[name] for name in ("id", "type")}
    return names | {name: _attribute(each) for name, each in entity.items() if name not in names}


def _attribute(attribute: Mapping[str, Any]) -> dict[str, Any]:
    value = next((attribute[member] for member in _MEMBERS if member in attribute), None)
    kind = attribute.get("valueType") or _KINDS.get(attribute["type"])
    if isinstance(value, dict) and "@value" in value:
        kind, value = kind or value.get("@type"), value["@value"]
    metadata = {name: _metadata(name, each) for name, each in attribute.items() if name not in _OWN}
    return {"type": kind or _type_of(value), "value": value, "metadata": metadata}


def _metadata(name: str, value: Any) -> dict[str, Any]:
    if name == "observedAt":
        return {"type": "DateTime", "value": value}
    inner = value.get("value") if isinstance(value, dict) else value
    return {"type": _type_of(inner), "value": inner}


def _type_of(value: Any) -> str:
    match value:
        case bool():
            return "Boolean"
        case int() | float():
            return "Number"
        case str():
            return "Text"
        case None:
            return "None"
        case _:
            return "StructuredValue"
