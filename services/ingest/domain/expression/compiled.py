"""JEXL expressions compiled into functions, evaluated as JavaScript would.

What a device sends raises no error: an expression that fails over a measure has no value.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from services.ingest.domain.expression.coercion import (
    MISSING,
    is_loosely_equal,
    is_number,
    is_strictly_equal,
    is_true,
    plain,
    to_number,
    to_text,
)
from services.ingest.domain.expression.transformations import TRANSFORMATIONS
from services.kernel.jexl import tree
from services.kernel.jexl.bounds import LARGEST, Bounds
from services.kernel.jexl.parser import parse
from services.kernel.jexl.tree import Fault, Node, names_in


@dataclass(slots=True)
class Scope:
    """What an expression sees: named values, the time, and inside a filter the item; and what it may use."""

    values: Mapping[str, Any]
    now: datetime
    item: Any = MISSING
    bounds: Bounds = field(default_factory=Bounds)


Step = Callable[[Scope], Any]


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that is ready to be evaluated. `names` are those of the surroundings that it uses."""

    text: str
    names: frozenset[str]
    step: Step

    def value(self, scope: Scope) -> Any:
        """Return the value as JSON has it, null where there is none or it is no number that JSON has."""
        try:
            found = scope.bounds.take(self.step(scope))
        except (Fault, ArithmeticError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return None
        if found is MISSING or (type(found) is float and not math.isfinite(found)):
            return None
        return found


@lru_cache(maxsize=8192)
def compile_expression(text: str) -> Expression:
    """Compile an expression. Raises Fault where it is none, or names a transformation that does not exist."""
    node = parse(text)
    return Expression(text, names_in(node), _compile(node))


def _compile(node: Node) -> Step:  # noqa: C901, PLR0911  # one case for each kind of node
    match node:
        case tree.Literal(value):
            return lambda scope: value
        case tree.Name(name):
            return lambda scope: scope.values.get(name, MISSING)
        case tree.Relative(name):
            return lambda scope: _member(scope.item, name)
        case tree.Member(subject, key):
            return _compile_member(subject, key)
        case tree.Filter(subject, test):
            return _compile_filter(subject, test)
        case tree.Items(items):
            steps = [_compile(each) for each in items]
            return lambda scope: scope.bounds.admit([_jsonable(step(scope)) for step in steps])
        case tree.Pairs(pairs):
            named = [(key, _compile(each)) for key, each in pairs]
            return lambda scope: scope.bounds.admit({key: _jsonable(step(scope)) for key, step in named})
        case tree.Unary(operator, operand):
            inner = _compile(operand)
            if operator == "!":
                return lambda scope: not is_true(inner(scope))
            return lambda scope: plain(-to_number(inner(scope)))
        case tree.Binary(operator, left, right):
            return _compile_binary(operator, _compile(left), _compile(right))
        case tree.Choice(test, then, otherwise):
            return _compile_choice(test, then, otherwise)
        case tree.Transform(subject, name, arguments):
            return _compile_transform(subject, name, arguments)


def _compile_member(subject: Node, key: Node) -> Step:
    whole = _compile(subject)
    if isinstance(key, tree.Literal):
        part = key.value
        return lambda scope: _member(whole(scope), part)
    chosen = _compile(key)
    return lambda scope: _member(whole(scope), chosen(scope))


def _compile_filter(subject: Node, test: Node) -> Step:
    whole, holds = _compile(subject), _compile(test)

    def choose(scope: Scope) -> Any:
        found = whole(scope)
        items = found if isinstance(found, list) else [] if found is MISSING or found is None else [found]
        return [each for each in items if _is_chosen(each, scope)]

    def _is_chosen(item: Any, scope: Scope) -> bool:
        scope.bounds.go_on()
        return is_true(holds(Scope(scope.values, scope.now, item, scope.bounds)))

    return choose


def _compile_choice(test: Node, then: Node | None, otherwise: Node) -> Step:
    asked, no = _compile(test), _compile(otherwise)
    yes = None if then is None else _compile(then)

    def choose(scope: Scope) -> Any:
        found = asked(scope)
        if not is_true(found):
            return no(scope)
        return found if yes is None else yes(scope)

    return choose


def _compile_transform(subject: Node, name: str, arguments: tuple[Node, ...]) -> Step:
    if name == "now":
        return lambda scope: int(scope.now.timestamp() * 1000)
    function = TRANSFORMATIONS.get(name)
    if function is None:
        raise Fault(f"there is no transformation {name}")
    whole, given = _compile(subject), [_compile(each) for each in arguments]

    def apply(scope: Scope) -> Any:
        found = whole(scope)
        if found is MISSING:
            return MISSING
        return scope.bounds.admit(function(found, *(step(scope) for step in given)))

    return apply


def _compile_binary(operator: str, left: Step, right: Step) -> Step:
    if operator == "||":
        return lambda scope: found if is_true(found := left(scope)) else right(scope)
    if operator == "&&":
        return lambda scope: right(scope) if is_true(found := left(scope)) else found
    function = _OPERATORS[operator]
    return lambda scope: function(left(scope), right(scope))


def _add(left: Any, right: Any) -> Any:
    if is_number(left) and is_number(right):
        return plain(left + right)
    if isinstance(left, str | list | dict) or isinstance(right, str | list | dict):
        if left is MISSING or right is MISSING:
            return MISSING
        text = to_text(left) + to_text(right)
        return text if len(text) <= LARGEST else None
    return plain(to_number(left) + to_number(right))


def _arithmetic(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def calculate(left: Any, right: Any) -> Any:
        return plain(function(to_number(left), to_number(right)))

    return calculate


def _ordering(function: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return function(left, right)
        return function(to_number(left), to_number(right))

    return compare


def _contains(part: Any, whole: Any) -> bool:
    if isinstance(whole, str):
        return to_text(part) in whole
    return isinstance(whole, list) and any(is_strictly_equal(each, part) for each in whole)


_OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": _add,
    "-": _arithmetic(lambda left, right: left - right),
    "*": _arithmetic(lambda left, right: left * right),
    "/": _arithmetic(lambda left, right: left / right),
    "//": _arithmetic(lambda left, right: math.floor(left / right)),
    "%": _arithmetic(math.fmod),
    "^": _arithmetic(math.pow),
    "==": is_loosely_equal,
    "!=": lambda left, right: not is_loosely_equal(left, right),
    "<": _ordering(lambda left, right: left < right),
    ">": _ordering(lambda left, right: left > right),
    "<=": _ordering(lambda left, right: left <= right),
    ">=": _ordering(lambda left, right: left >= right),
    "in": _contains,
}


def _member(subject: Any, key: Any) -> Any:
    """Return a member; of a list a named member is that of its first item, as in JEXL."""
    if isinstance(subject, dict):
        return subject.get(key if isinstance(key, str) else to_text(key), MISSING)
    if isinstance(subject, list | str):
        if key == "length":
            return len(subject)
        if isinstance(key, str) and isinstance(subject, list):
            return _member(subject[0], key) if subject else MISSING
        at = to_number(key)
        return subject[int(at)] if at == at and at == int(at) and 0 <= at < len(subject) else MISSING  # noqa: PLR0124
    return MISSING


def _jsonable(value: Any) -> Any:
    return None if value is MISSING or (type(value) is float and not math.isfinite(value)) else value
