"""Values as JavaScript takes them: what is a number, a text, true, equal (ECMA-262, clauses 7.1 and 7.2)."""

import math
import re
from typing import Any, Final

_DECIMAL: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)
_HEXADECIMAL: Final = re.compile(r"0[xX][0-9a-fA-F]{1,13}\Z")
_LARGEST_WHOLE: Final = 2**53
_MOST_DIGITS: Final = 400
NAN: Final = float("nan")


class Undefined:
    """What a name has that nothing gives a value."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "undefined"


MISSING: Final = Undefined()


def is_number(value: Any) -> bool:
    """Tell whether a value is a number: true and false are none."""
    return type(value) is int or type(value) is float


def to_number(value: Any) -> float | int:
    """Return a value as a number, NaN where it is none."""
    if type(value) is int or type(value) is float:
        return value
    if isinstance(value, bool):
        return int(value)
    if value is None:
        return 0
    if isinstance(value, str):
        return _number_in(value.strip())
    if isinstance(value, list) and len(value) < 2:
        return _number_in(to_text(value).strip())
    return NAN


def to_text(value: Any) -> str:
    """Return a value as a text: `null`, `true`, `1.5`, `a,b`, `[object Object]`."""
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value) if abs(value) < 10**21 else _text_of_number(float(value))
        case float():
            return _text_of_number(value)
        case list():
            return ",".join("" if each is None or each is MISSING else to_text(each) for each in value)
        case Undefined():
            return "undefined"
        case _:
            return "[object Object]"


def to_whole_32(value: Any) -> int:
    """Return a value as a signed integer of 32 bits, 0 where it is no number."""
    number = to_number(value)
    if not math.isfinite(number):
        return 0
    bits = int(number) & 0xFFFFFFFF
    return bits - 2**32 if bits >= 2**31 else bits


def is_true(value: Any) -> bool:
    """Tell whether a value counts as true: everything but false, 0, NaN, null, undefined and the empty text."""
    if isinstance(value, list | dict):
        return True
    return bool(value) and value == value  # noqa: PLR0124  # NaN differs from itself


def is_strictly_equal(left: Any, right: Any) -> bool:
    """Compare without conversion (`===`); lists and objects are compared by what they contain."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if is_number(left) and is_number(right):
        return bool(left == right)
    return type(left) is type(right) and bool(left == right)


def is_loosely_equal(left: Any, right: Any) -> bool:
    """Compare as `==` does: null is undefined, a text is compared with a number as a number."""
    if left is None or left is MISSING or right is None or right is MISSING:
        return (left is None or left is MISSING) and (right is None or right is MISSING)
    if type(left) is type(right):
        return is_strictly_equal(left, right)
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return isinstance(left, str | list) and isinstance(right, str | list) and to_text(left) == to_text(right)
    return to_number(left) == to_number(right)


def plain(number: float) -> float | int:
    """Return a number as JSON has it: whole ones without a fraction."""
    if isinstance(number, int):
        return number if abs(number) <= _LARGEST_WHOLE else float(number)
    if math.isfinite(number) and number == int(number) and abs(number) <= _LARGEST_WHOLE:
        return int(number)
    return number


def _number_in(text: str) -> float | int:
    if not text:
        return 0
    if len(text) > _MOST_DIGITS:
        return NAN
    if _DECIMAL.match(text):
        return plain(float(text))
    if _HEXADECIMAL.match(text):
        return int(text, 16)
    return {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}.get(text, NAN)


def _text_of_number(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < 1e21:
        return str(int(number))
    if 1e-6 <= abs(number) < 1e-4:
        return _positional(number)
    return re.sub(r"e([+-])0+(\d)", r"e\1\2", repr(number))


def _positional(number: float) -> str:
    mantissa, _, exponent = repr(number).partition("e")
    digits = mantissa.replace(".", "").lstrip("-")
    return ("-" if number < 0 else "") + "0." + "0" * (-int(exponent) - 1) + digits
