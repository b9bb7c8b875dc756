"""The transformations of JEXL that Orion documents (JEXL support, Available Transformations).

Each takes what stands before the `|` and its arguments. What does not fit is null. Patterns are RE2's, which do not
backtrack.
"""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import orjson
import re2

from services.kernel.jexl.bounds import LARGEST
from services.kernel.jexl.tree import Fault
from services.kernel.jexl.values import (
    a_list,
    a_number,
    a_text,
    a_whole,
    an_object,
    as_text,
    is_number,
    is_same,
    numbers,
    plain,
)

_LONGEST_PATTERN: Final = 1000
_MOST_PLACES: Final = 15


def transform(name: str, subject: Any, arguments: Sequence[Any], now: datetime) -> Any:
    """Return what a transformation makes of a value. Raises Fault, ValueError, TypeError where it does not fit."""
    if name == "now":
        (ahead_s,) = arguments or (subject,)
        return int((now + timedelta(seconds=a_number(ahead_s))).timestamp())
    if name not in TRANSFORMATIONS:
        raise Fault(f"there is no transformation {name}")
    return TRANSFORMATIONS[name](subject, *arguments)


def _of_text(function: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: function(a_text(value))


def _of_number(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: plain(function(a_number(value)))


def _of_numbers(function: Callable[[list[Any]], Any]) -> Callable[[Any], Any]:
    return lambda value: plain(function(numbers(value)))


def _index_of(text: Any, part: Any) -> int | None:
    at = a_text(text).find(a_text(part))
    return None if at < 0 else at


def _substring(text: Any, start: Any, end: Any) -> str | None:
    first, last = a_whole(start), a_whole(end)
    return a_text(text)[first:last] if 0 <= first <= last <= len(text) else None


def _is_nan(value: Any) -> bool:
    if isinstance(value, str):
        try:
            return math.isnan(float(value))
        except ValueError:
            return True
    return not is_number(value)


def _parse_int(value: Any) -> Any:
    return plain(math.trunc(float(value if is_number(value) else a_text(value))))


def _parse_float(value: Any) -> Any:
    return plain(float(value if is_number(value) else a_text(value)))


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "Boolean"
        case int() | float():
            return "Number"
        case str():
            return "String"
        case list():
            return "Array"
        case _:
            return "Object"


def _to_fixed(value: Any, places: Any) -> Any:
    digits = a_whole(places)
    if not 0 <= digits <= _MOST_PLACES:
        raise Fault("too many places")
    return plain(round(a_number(value), digits))


def _limited(text: str, count: int, replacement: str) -> None:
    if len(text) + count * len(replacement) > LARGEST:
        raise Fault("the text is too long")


def _replace_text(text: Any, old: Any, new: Any) -> str:
    subject, part, replacement = a_text(text), a_text(old), a_text(new)
    if not part:
        return subject
    _limited(subject, subject.count(part), replacement)
    return subject.replace(part, replacement)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> Any:
    if len(text) > _LONGEST_PATTERN:
        raise Fault("the pattern is too long")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        raise Fault("the pattern is not one") from error


def _matches(text: Any, pattern: Any) -> list[Any]:
    return list(_pattern(a_text(pattern)).finditer(a_text(text)))


def _replace_pattern(text: Any, pattern: Any, new: Any) -> str:
    subject, replacement = a_text(text), a_text(new)
    parts, at = [], 0
    found = _matches(text, pattern)
    _limited(subject, len(found), replacement)
    for each in found:
        parts += [subject[at : each.start()], replacement]
        at = each.end()
    return "".join([*parts, subject[at:]])


def _mapper(value: Any, values: Any, choices: Any) -> Any:
    if len(a_list(values)) != len(a_list(choices)):
        raise Fault("values and choices differ in number")
    return next((choice for each, choice in zip(values, choices, strict=True) if is_same(each, value)), None)


def _text_mapper(value: Any, values: Any, choices: Any) -> Any:
    return _mapper(a_text(value), values, choices)


def _number_mapper(value: Any, values: Any, choices: Any) -> Any:
    return _mapper(a_number(value), values, choices)


def _threshold_mapper(value: Any, values: Any, choices: Any) -> Any:
    thresholds = [a_number(each) for each in a_list(values)]
    if len(a_list(choices)) != len(thresholds) + 1:
        raise Fault("choices must be one more than values")
    return choices[sum(1 for each in thresholds if a_number(value) >= each)]


def _sorted(value: Any) -> list[Any]:
    items = a_list(value)
    if all(map(is_number, items)) or all(isinstance(each, str) for each in items):
        return sorted(items)
    raise Fault("numbers or texts are needed")


def _to_iso(value: Any) -> str:
    return datetime.fromtimestamp(a_number(value), UTC).isoformat(timespec="seconds")


def _time_of(value: Any) -> int:
    instant = datetime.fromisoformat(a_text(value))
    return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())


TRANSFORMATIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "uppercase": _of_text(str.upper),
    "lowercase": _of_text(str.lower),
    "split": lambda text, separator: a_text(text).split(a_text(separator)),
    "indexOf": _index_of,
    "len": _of_text(len),
    "trim": _of_text(str.strip),
    "substring": _substring,
    "includes": lambda text, part: a_text(part) in a_text(text),
    "isNaN": _is_nan,
    "parseInt": _parse_int,
    "parseFloat": _parse_float,
    "typeOf": _type_of,
    "toString": as_text,
    "toJson": _of_text(orjson.loads),
    "floor": _of_number(math.floor),
    "ceil": _of_number(math.ceil),
    "round": _of_number(lambda number: math.floor(number + 0.5)),
    "toFixed": _to_fixed,
    "log": _of_number(math.log),
    "log10": _of_number(math.log10),
    "log2": _of_number(math.log2),
    "sqrt": _of_number(math.sqrt),
    "replaceStr": _replace_text,
    "replaceRegex": _replace_pattern,
    "matchRegex": lambda text, pattern: [each.group(0) for each in _matches(text, pattern)],
    "mapper": _text_mapper,
    "nMapper": _number_mapper,
    "thMapper": _threshold_mapper,
    "values": lambda value: list(an_object(value).values()),
    "keys": lambda value: list(an_object(value)),
    "arrSum": _of_numbers(sum),
    "arrAvg": _of_numbers(statistics.fmean),
    "arrMax": _of_numbers(max),
    "arrMin": _of_numbers(min),
    "arrMed": _of_numbers(statistics.median),
    "arrSort": _sorted,
    "arrReverse": lambda value: a_list(value)[::-1],
    "toIsoString": _to_iso,
    "getTime": _time_of,
}
