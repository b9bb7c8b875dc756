"""Members of the entity itself (id, type, times, path, scope) and how they compare, in Python; `sql_members` alike."""

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from services.broker.domain.entity import ROOT_PATH, Entity
from services.broker.query.pattern import read_pattern
from services.broker.query.tree import Instant, OneOf, Operand, Operator, Range
from services.kernel.clock import to_iso_millis

Bound: TypeAlias = tuple[Callable[[Any, Any], bool], Any]

ORDERS: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = {
    Operator.LESS: operator.lt,
    Operator.LESS_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_EQUAL: operator.ge,
}
TIMES: Final[Mapping[str, str]] = {
    "createdAt": "created_at",
    "modifiedAt": "modified_at",
    "expiresAt": "expires_at",
}


def kind_of(value: Any) -> str:
    """Return the kind of a value or operand; only values of one kind compare."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case Instant():
            return "instant"
        case None:
            return "null"
        case _:
            return "other"


def texts_of(entity: Entity, member: str) -> Sequence[str]:
    """Return what a member says, a time as an instant; nothing where the entity has none."""
    if member in TIMES:
        instant: datetime | None = getattr(entity, TIMES[member])
        return () if instant is None else (to_iso_millis(instant),)
    match member:
        case "type":
            return entity.types
        case "scope":
            return scopes_of(entity)
        case _:
            return (getattr(entity, member),)


def scopes_of(entity: Entity) -> Sequence[str]:
    """Return the scopes of an entity: its own, else its service path unless that is the root (4.18)."""
    if entity.scopes is not None:
        return entity.scopes
    return () if entity.path == ROOT_PATH else (entity.path,)


def compare_member(entity: Entity, member: str, sign: Operator, operand: Operand) -> bool:
    """Tell whether one of the member's texts compares so; times compare with instants, the others with strings."""
    texts = texts_of(entity, member)
    kind = "instant" if member in TIMES else "string"
    match sign:
        case Operator.EQUAL:
            return any(_is_equal(text, operand, kind) for text in texts)
        case Operator.UNEQUAL:
            return bool(texts) and not any(_is_equal(text, operand, kind) for text in texts)
        case Operator.MATCH | Operator.NO_MATCH:
            matched = kind == "string" and any(map(read_pattern(str(operand)).is_in, texts))
            return matched if sign is Operator.MATCH else bool(texts) and kind == "string" and not matched
        case _:
            return kind_of(operand) == kind and any(ORDERS[sign](text, _text(operand)) for text in texts)


def _is_equal(text: str, operand: Operand, kind: str) -> bool:
    match operand:
        case OneOf(items):
            return any(_is_equal(text, item, kind) for item in items)
        case Range(low, high):
            return kind_of(low) == kind_of(high) == kind and _text(low) <= text <= _text(high)
        case _:
            return kind_of(operand) == kind and text == _text(operand)


def _text(operand: Operand) -> str:
    return operand.utc if isinstance(operand, Instant) else str(operand)
