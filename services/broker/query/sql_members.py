"""Conditions on members of the entity itself (id, type, times, path, scope) as SQL; `members` alike."""

from collections.abc import Callable, Mapping
from typing import Final, LiteralString

from services.broker.query.members import TIMES, kind_of
from services.broker.query.pattern import read_pattern
from services.broker.query.tree import Instant, OneOf, Operand, Operator, Range
from services.kernel.clock import from_iso
from services.kernel.sql import Fragment, join, literal

SCOPES: Final = literal("coalesce(scopes, case when path <> '/' then array[path] end)")
TYPES: Final = literal("coalesce(types, array[type])")
_NEVER: Final = literal("false")
_CLOSE: Final = literal(")")
_COLUMNS: Final[Mapping[str, LiteralString]] = {
    "id": "id",
    "uri": "uri",
    "path": "path",
    "createdAt": "date_trunc('milliseconds', created_at)",
    "modifiedAt": "date_trunc('milliseconds', modified_at)",
    "expiresAt": "date_trunc('milliseconds', expires_at)",
}
_SIGNS: Final[Mapping[Operator, LiteralString]] = {
    Operator.LESS: " < ",
    Operator.LESS_EQUAL: " <= ",
    Operator.GREATER: " > ",
    Operator.GREATER_EQUAL: " >= ",
}


def member_exists(member: str) -> Fragment:
    """Say that the entity has the member."""
    match member:
        case "expiresAt":
            return literal("(expires_at is not null)")
        case "scope":
            return literal("(coalesce(cardinality(") + SCOPES + literal("), 0) > 0)")
        case _:
            return literal("true")


def compare_member(member: str, sign: Operator, operand: Operand) -> Fragment:
    """Say that one of the member's texts compares so; true or false, never null."""
    kind = "instant" if member in TIMES else "string"
    met = _any(member, lambda value: _compare(value, sign, operand, kind))
    if sign is Operator.UNEQUAL or (sign is Operator.NO_MATCH and kind == "string"):
        return literal("(") + member_exists(member) + literal(" and not ") + met + literal(")")
    return met


def _any(member: str, condition: Callable[[Fragment], Fragment]) -> Fragment:
    """Say that a condition holds for one of the member's texts."""
    match member:
        case "type" | "scope":
            texts = TYPES if member == "type" else SCOPES
            one = condition(literal("item.value"))
            return literal("exists (select from unnest(") + texts + literal(") as item (value) where ") + one + _CLOSE
        case "expiresAt":
            return literal("coalesce(") + condition(literal(_COLUMNS[member])) + literal(", false)")
        case _:
            return literal("(") + condition(literal(_COLUMNS[member])) + _CLOSE


def _compare(value: Fragment, sign: Operator, operand: Operand, kind: str) -> Fragment:
    match sign:
        case Operator.EQUAL | Operator.UNEQUAL:
            return _equals(value, operand, kind)
        case Operator.MATCH | Operator.NO_MATCH:
            return _NEVER if kind != "string" else value + literal(" ~ $1", read_pattern(str(operand)).text)
        case _:
            return _stands(value, _SIGNS[sign], operand, kind)


def _equals(value: Fragment, operand: Operand, kind: str) -> Fragment:
    match operand:
        case OneOf(items):
            return literal("(") + join(" or ", [_equals(value, item, kind) for item in items]) + _CLOSE
        case Range(low, high):
            bounds = [_stands(value, " >= ", low, kind), _stands(value, " <= ", high, kind)]
            return literal("(") + join(" and ", bounds) + _CLOSE
        case _:
            return _stands(value, " = ", operand, kind)


def _stands(value: Fragment, sign: LiteralString, operand: Operand, kind: str) -> Fragment:
    if kind_of(operand) != kind:
        return _NEVER
    if isinstance(operand, Instant):
        return value + literal(sign) + literal("$1::timestamptz", from_iso(operand.utc))
    return value + literal(sign) + literal('$1::text collate "C"', operand)
