"""JSON values in expressions: what is a number, what is equal, what must be of a kind."""

import math
from typing import Any, Final

import orjson

from services.kernel.jexl.tree import Fault

_LARGEST_WHOLE: Final = 2**53


def is_number(value: Any) -> bool:
    """Tell whether a value is a number: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain(number: Any) -> Any:
    """Return a number as JSON has it: whole ones without a fraction. Raises Fault where it is not finite."""
    if not math.isfinite(number):
        raise Fault("the number is not finite")
    if abs(number) > _LARGEST_WHOLE:
        return float(number)
    return int(number) if number == int(number) else number


def is_same(left: Any, right: Any) -> bool:
    """Tell whether two JSON values are equal; 1 is 1.0 and not true."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(is_same(left[key], right[key]) for key in left)
    return bool(left == right)


def as_text(value: Any) -> str:
    """Return a value as text: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def a_text(value: Any) -> str:
    """Return what must be a text. Raises Fault."""
    if not isinstance(value, str):
        raise Fault("a text is needed")
    return value


def a_number(value: Any) -> Any:
    """Return what must be a number. Raises Fault."""
    if not is_number(value):
        raise Fault("a number is needed")
    return value


def a_whole(value: Any) -> int:
    """Return what must be a whole number. Raises Fault."""
    if not is_number(value) or value != int(value):
        raise Fault("a whole number is needed")
    return int(value)


def a_list(value: Any) -> list[Any]:
    """Return what must be a list. Raises Fault."""
    if not isinstance(value, list):
        raise Fault("a list is needed")
    return value


def an_object(value: Any) -> dict[str, Any]:
    """Return what must be an object. Raises Fault."""
    if not isinstance(value, dict):
        raise Fault("an object is needed")
    return value


def numbers(value: Any) -> list[Any]:
    """Return what must be a list of numbers that is not empty. Raises Fault."""
    numbers = [a_number(each) for each in a_list(value)]
    if not numbers:
        raise Fault("the list is empty")
    return numbers
