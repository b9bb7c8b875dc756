"""Frozen values to JSON documents and back, for what is stored whole: subscriptions.

A dataclass is an object whose `$` names its class and which has the members that differ from their defaults; a tuple
is an array; an enumeration, an instant, a set and plain JSON are objects with `$` and `value`.
"""

import dataclasses
from datetime import datetime
from enum import Enum
from typing import Any, Final

from services.broker.domain import selection, subscription, view, withheld
from services.broker.query import tree
from services.kernel.clock import from_iso, to_iso

_CLASSES: Final[dict[str, type]] = {
    kind.__name__: kind
    for module in (selection, subscription, tree, view, withheld)
    for kind in vars(module).values()
    if isinstance(kind, type) and kind.__module__ == module.__name__
}


def to_document(value: Any) -> Any:
    """Write a value as JSON."""
    match value:
        case Enum():
            return {"$": type(value).__name__, "value": value.value}
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return {"$": "instant", "value": to_iso(value)}
        case tuple():
            return [to_document(each) for each in value]
        case frozenset():
            return {"$": "set", "value": sorted((to_document(each) for each in value), key=repr)}
        case _ if dataclasses.is_dataclass(value):
            return {"$": type(value).__name__, **_members(value)}
        case _:
            return {"$": "json", "value": value}


def _members(value: Any) -> dict[str, Any]:
    return {
        each.name: to_document(getattr(value, each.name))
        for each in dataclasses.fields(value)
        if getattr(value, each.name) != each.default
    }


def from_document(document: Any) -> Any:
    """Read what `to_document` wrote."""
    if isinstance(document, list):
        return tuple(from_document(each) for each in document)
    if not isinstance(document, dict):
        return document
    match document["$"]:
        case "json":
            return document["value"]
        case "instant":
            return from_iso(document["value"])
        case "set":
            return frozenset(from_document(each) for each in document["value"])
        case name if issubclass(_CLASSES[name], Enum):
            return _CLASSES[name](document["value"])
        case name:
            return _CLASSES[name](**{key: from_document(each) for key, each in document.items() if key != "$"})
