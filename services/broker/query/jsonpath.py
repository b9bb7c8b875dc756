"""Filters over attributes as one SQL/JSON path (lax mode: arrays unwrap by themselves); `values` and `matches` alike.

Names and patterns stand in a path as JSON strings, written by `quote` alone; values are its variables. Whatever a
comparison cannot decide it leaves unknown, which `exists($ ? (…))` turns into false before it is negated.
"""

import json
from typing import Any, Final

from services.broker.query import tree
from services.broker.query.members import kind_of
from services.broker.query.pattern import read_pattern
from services.broker.query.tree import (
    AttributeTarget,
    Compare,
    Exists,
    Filter,
    Instant,
    Not,
    OneOf,
    Operand,
    Operator,
    Range,
)

_SIGNS: Final = {
    Operator.LESS: "<",
    Operator.LESS_EQUAL: "<=",
    Operator.GREATER: ">",
    Operator.GREATER_EQUAL: ">=",
}
_IN_LANGUAGES: Final = '?(@."kind" == "LanguageProperty")."value".*'
_IS_TEXT: Final = '(@."kind" != "Relationship" && @."kind" != "ListRelationship" || exists(@."type"))'
_NO_INSTANT: Final = '!exists(@."instant")'
_WHOLE_SECONDS: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
_FRACTIONS: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][.][0-9]{1,6}Z$"
_WHOLE_FORMAT: Final = '.datetime("yyyy-mm-dd\\"T\\"HH24:MI:SS\\"Z\\"")'
_FRACTION_FORMAT: Final = '.datetime("yyyy-mm-dd\\"T\\"HH24:MI:SS.US\\"Z\\"")'


def quote(text: str) -> str:
    """Write a name, a key or a pattern as a string of a JSON path."""
    return json.dumps(text, ensure_ascii=False)


def instances(attribute: str, subs: tuple[str, ...] = ()) -> str:
    """Return the path of the instances of an attribute, or of the sub-attributes below it."""
    return "$." + '."subs".'.join(map(quote, (attribute, *subs)))


class PathWriter:
    """Writes filters that are about attributes only; `variables` holds the values they compare with."""

    def __init__(self) -> None:
        self.variables: dict[str, Any] = {}

    def write(self, condition: Filter) -> str:
        """Return a filter as a predicate. Raises TypeError for one that is about the entity or linked entities."""
        match condition:
            case tree.All(parts):
                return "(" + " && ".join(map(self.write, parts)) + ")"
            case tree.Any(parts):
                return "(" + " || ".join(map(self.write, parts)) + ")"
            case Not(part):
                return f"!{_decided(self.write(part))}"
            case Exists(AttributeTarget() as target):
                return _exists(target)
            case Compare(AttributeTarget() as target, sign, operand):
                return self._compare(target, sign, operand)
            case _:
                raise TypeError(f"{type(condition).__name__} is not about an attribute")

    def _bind(self, value: Any) -> str:
        name = f"v{len(self.variables)}"
        self.variables[name] = value
        return f'$"{name}"'

    def _compare(self, target: AttributeTarget, sign: Operator, operand: Operand) -> str:
        match sign:
            case Operator.EQUAL:
                return self._equals(target, operand)
            case Operator.UNEQUAL:
                return f"({_exists(target)} && !{_decided(self._equals(target, operand))})"
            case Operator.MATCH:
                return _found_in(target, str(operand))
            case Operator.NO_MATCH:
                strings = _either(f'exists({each} ? (@.type() == "string"))' for each in _paths(target, _IS_TEXT))
                return f"({strings} && !{_decided(_found_in(target, str(operand)))})"
            case _:
                return self._ordered(target, [(_SIGNS[sign], operand)])

    def _equals(self, target: AttributeTarget, operand: Operand) -> str:
        match operand:
            case OneOf(items):
                return _either(self._equals(target, item) for item in items)
            case Range(low, high):
                return self._ordered(target, [(">=", low), ("<=", high)])
            case Instant():
                return self._instant(target, [("==", operand)])
            case None | bool():
                return f"({_value(target)} == {json.dumps(operand)})"
            case str():
                value = self._bind(operand)
                return _either(f"{each} == {value}" for each in _paths(target))
            case _:
                return f"({_value(target)} == {self._bind(operand)})"

    def _ordered(self, target: AttributeTarget, bounds: list[tuple[str, Any]]) -> str:
        kinds = {kind_of(bound) for _, bound in bounds}
        kind = kinds.pop() if len(kinds) == 1 else None
        if kind == "instant":
            return self._instant(target, bounds)
        if kind not in ("string", "number"):
            return "(1 == 0)"
        paths = [_value(target)] if kind == "number" else _paths(target, _orderable(target))
        limits = [f"@ {sign} {self._bind(bound)}" for sign, bound in bounds]
        condition = " && ".join([f'@.type() == "{kind}"', *limits])
        return _either(f"exists({each} ? ({condition}))" for each in paths)

    def _instant(self, target: AttributeTarget, bounds: list[tuple[str, Any]]) -> str:
        names = [(sign, self._bind(bound.utc)) for sign, bound in bounds]
        if target.member is None and not target.keys:
            limits = " && ".join(f"@ {sign} {name}" for sign, name in names)
            return f'exists({instances(target.attribute, target.subs)}."instant" ? ({limits}))'
        forms = ((_WHOLE_SECONDS, _WHOLE_FORMAT), (_FRACTIONS, _FRACTION_FORMAT))
        moment = " || ".join(
            " && ".join(
                [f"@ like_regex {quote(form)}", *(f"@{read} {sign} {name}{_FRACTION_FORMAT}" for sign, name in names)]
            )
            for form, read in forms
        )
        return _either(f"exists({each} ? ({moment}))" for each in _paths(target))


def _decided(predicate: str) -> str:
    return f"exists($ ? ({predicate}))"


def _either(predicates: Any) -> str:
    return "(" + " || ".join(predicates) + ")"


def _exists(target: AttributeTarget) -> str:
    if target.member is None and not target.keys:
        return f"exists({instances(target.attribute, target.subs)}[*])"
    return _either(f"exists({each})" for each in _paths(target))


def _found_in(target: AttributeTarget, pattern: str) -> str:
    canonical = quote(read_pattern(pattern).text)
    return _either(f'{each} like_regex {canonical} flag "s"' for each in _paths(target, _IS_TEXT))


def _orderable(target: AttributeTarget) -> str:
    return _IS_TEXT if target.keys else f"{_IS_TEXT} && {_NO_INSTANT}"


def _value(target: AttributeTarget, condition: str | None = None) -> str:
    chosen = instances(target.attribute, target.subs)
    if target.member is not None:
        return f"{chosen}.{quote(target.member)}"
    if condition is not None:
        chosen += f"?({condition})"
    return ".".join([chosen, '"value"', *map(quote, target.keys)])


def _paths(target: AttributeTarget, condition: str | None = None) -> list[str]:
    """Return the paths to what a string can be compared with: the value, and the texts of a LanguageProperty."""
    paths = [_value(target, condition)]
    if target.member is None and target.keys in ((), ("*",)):
        paths.append(instances(target.attribute, target.subs) + _IN_LANGUAGES)
    return paths
