"""Attributes as they were sent, with their names in another @context (4.3.6.6, jsonldContext)."""

from collections.abc import Mapping
from typing import Any

from services.broker.domain.names import Context
from services.broker.ngsild.input_attribute import VALUE_MEMBERS, is_core_member

_VALUES = frozenset(VALUE_MEMBERS.values())


def recompacted(document: Mapping[str, Any], source: Context, target: Context) -> dict[str, Any]:
    """Return members with the names of types, attributes and sub-attributes in the target's terms; values stay."""
    if source.source == target.source:
        return {name: value for name, value in document.items() if name != "@context"}
    return _recompacted(document, source, target) | _types(document, source, target)


def _types(document: Mapping[str, Any], source: Context, target: Context) -> dict[str, Any]:
    """Return an entity's type in the target's terms; an attribute's type is a word of NGSI-LD."""
    types = document.get("type")
    names = [each for each in (types if isinstance(types, list) else [types]) if isinstance(each, str)]
    if not names or not VALUE_MEMBERS.keys().isdisjoint(names):
        return {}
    short = [target.compact(source.expand(each)) for each in names]
    return {"type": short if isinstance(types, list) else short[0]}


def _recompacted(document: Mapping[str, Any], source: Context, target: Context) -> dict[str, Any]:
    return {
        _name(name, source, target): _member(name, value, source, target)
        for name, value in document.items()
        if name != "@context"
    }


def _name(name: str, source: Context, target: Context) -> str:
    return name if is_core_member(name) else target.compact(source.expand(name))


def _member(name: str, value: Any, source: Context, target: Context) -> Any:
    if name in ("vocab", "objectType"):
        names = value if isinstance(value, list) else [value]
        short = [target.compact(source.expand(each)) if isinstance(each, str) else each for each in names]
        return short if isinstance(value, list) else short[0]
    if is_core_member(name):
        return value
    if isinstance(value, list):
        return [_instance(each, source, target) for each in value]
    return _instance(value, source, target)


def _instance(value: Any, source: Context, target: Context) -> Any:
    if isinstance(value, dict) and (str(value.get("type")) in VALUE_MEMBERS or not _VALUES.isdisjoint(value)):
        return _recompacted(value, source, target)
    return value
