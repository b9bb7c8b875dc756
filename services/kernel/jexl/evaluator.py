"""The value of a JEXL expression. Whatever goes wrong, the value is null.

A name that is not there has no value: operators over it have none either, but `||`, `&&`, `!` and `?` take it for
false, and `!=` for null (as Orion's JEXL does). Numbers are as in JSON; beyond 2^53 they are floating.
"""

import math
import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from services.kernel.jexl.bounds import LARGEST, Bounds
from services.kernel.jexl.parser import parse
from services.kernel.jexl.transformations import transform
from services.kernel.jexl.tree import (
    Binary,
    Choice,
    Fault,
    Filter,
    Items,
    Literal,
    Member,
    Name,
    Node,
    Pairs,
    Relative,
    Transform,
    Unary,
)
from services.kernel.jexl.values import a_number, as_text, is_number, is_same, plain

_MISSING: Final = object()
_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": lambda left, right: math.floor(left / right),
    "%": math.fmod,
    "^": math.pow,
}
_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def evaluate(expression: str, values: Mapping[str, Any], now: datetime, bounds: Bounds | None = None) -> Any:
    """Return the value of an expression over named JSON values.

    Null where it has none, is not one, or uses more than `bounds` leave: those of a whole message, else its own.
    """
    try:
        found = _Evaluation(values, now, bounds or Bounds()).of(parse(expression))
    except (Fault, ArithmeticError, ValueError, TypeError, LookupError):
        return None
    return None if found is _MISSING else found


class _Evaluation:
    def __init__(self, values: Mapping[str, Any], now: datetime, bounds: Bounds, item: Any = _MISSING) -> None:
        self._values = values
        self._now = now
        self._bounds = bounds
        self._item = item

    def of(self, node: Node) -> Any:
        """Return the value, or `_MISSING`."""
        match node:
            case Literal(value):
                return value
            case Name(name):
                return self._values.get(name, _MISSING)
            case Member(subject, key):
                return _member(self.of(subject), self._needed(key))
            case Relative(name):
                return _member(self._item, name)
            case Items() | Pairs() | Transform() | Filter():
                return self._bounds.admit(self._made(node))
            case Unary(name, operand):
                found = self.of(operand)
                return not _is_true(found) if name == "!" else plain(-a_number(found))
            case Binary():
                return self._binary(node)
            case Choice(test, then, otherwise):
                tested = self.of(test)
                return (tested if then is None else self.of(then)) if _is_true(tested) else self.of(otherwise)

    def _made(self, node: Items | Pairs | Transform | Filter) -> Any:
        match node:
            case Filter(subject, test):
                found = self._needed(subject)
                items = found if isinstance(found, list) else [found]
                return [each for each in items if _is_true(self._over(each).of(test))]
            case Items(items):
                return [self._plain(each) for each in items]
            case Pairs(pairs):
                return {key: self._plain(each) for key, each in pairs}
            case Transform(subject, name, arguments):
                given = [self._plain(each) for each in arguments]
                return transform(name, self._plain(subject), given, self._now)

    def _over(self, item: Any) -> "_Evaluation":
        self._bounds.go_on()
        return _Evaluation(self._values, self._now, self._bounds, item)

    def _plain(self, node: Node) -> Any:
        found = self.of(node)
        return None if found is _MISSING else found

    def _needed(self, node: Node) -> Any:
        found = self.of(node)
        if found is _MISSING:
            raise Fault("a name is not there")
        return found

    def _binary(self, node: Binary) -> Any:
        match node.operator:
            case "||":
                left = self.of(node.left)
                return left if _is_true(left) else self.of(node.right)
            case "&&":
                left = self.of(node.left)
                return self.of(node.right) if _is_true(left) else left
            case "!=":
                return not is_same(self._plain(node.left), self._plain(node.right))
        left, right = self._needed(node.left), self._needed(node.right)
        match node.operator:
            case "==":
                return is_same(left, right)
            case "in":
                return _contains(right, left)
            case "+":
                return _sum(left, right)
            case name if name in _ORDER:
                return _ordered(name, left, right)
            case name:
                return plain(_ARITHMETIC[name](a_number(left), a_number(right)))


def _is_true(value: Any) -> bool:
    return value is not _MISSING and (isinstance(value, list | dict) or bool(value))


def _sum(left: Any, right: Any) -> Any:
    if is_number(left) and is_number(right):
        return plain(left + right)
    if not isinstance(left, str) and not isinstance(right, str):
        raise Fault("numbers or texts are needed")
    text = as_text(left) + as_text(right)
    if len(text) > LARGEST:
        raise Fault("the text is too long")
    return text


def _ordered(name: str, left: Any, right: Any) -> bool:
    if not (is_number(left) and is_number(right)) and not (isinstance(left, str) and isinstance(right, str)):
        raise Fault("two numbers or two texts are needed")
    return _ORDER[name](left, right)


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, str):
        return isinstance(part, str) and part in whole
    if not isinstance(whole, list):
        raise Fault("a list or a text is needed")
    return any(is_same(each, part) for each in whole)


def _member(subject: Any, key: Any) -> Any:
    match subject, key:
        case dict(), str():
            return subject.get(key, _MISSING)
        case ((list() | str()), int() | float()) if is_number(key) and key == int(key):
            at = int(key)
            return subject[at] if 0 <= at < len(subject) else _MISSING
        case _:
            return _MISSING
