"""The transformations that the FIWARE IoT agents document (API, Available functions).

Each takes what stands before the `|` and its arguments. What does not fit is null. Patterns are RE2's, which do not
backtrack.
"""

import math
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, reduce
from typing import Any, Final
from urllib.parse import quote, unquote

import orjson
import re2

from services.ingest.domain.expression.coercion import (
    MISSING,
    is_number,
    is_strictly_equal,
    plain,
    to_number,
    to_text,
    to_whole_32,
)
from services.ingest.domain.expression.instants import read_date, to_iso_text, to_milliseconds
from services.ingest.domain.expression.locales import write_number, write_time
from services.kernel.jexl.bounds import LARGEST
from services.kernel.jexl.tree import Fault

_LONGEST_PATTERN: Final = 1000
_MOST_PLACES: Final = 100
_WHOLE_AT_START: Final = re.compile(r"\s*([+-]?\d{1,300})", re.ASCII)
_NUMBER_AT_START: Final = re.compile(r"\s*([+-]?(?:\d{1,300}\.?\d{0,300}|\.\d{1,300})(?:[eE][+-]?\d{1,3})?)", re.ASCII)
_REFERENCE: Final = re.compile(r"\$(\$|&|\d{1,2})")
_KEPT_IN_URI: Final = "-_.!~*'();/?:@&=+$,#"


def _of_text(function: Callable[[str], Any]) -> Callable[..., Any]:
    return lambda value, *_: function(to_text(value))


def _of_number(function: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda value, *_: plain(function(to_number(value)))


def _parse_json(value: Any) -> Any:
    try:
        return orjson.loads(to_text(value))
    except orjson.JSONDecodeError:
        return None


def _parse_int(value: Any, *_: Any) -> Any:
    found = _WHOLE_AT_START.match(to_text(value))
    return plain(int(found[1])) if found else None


def _parse_float(value: Any, *_: Any) -> Any:
    found = _NUMBER_AT_START.match(to_text(value))
    return plain(float(found[1])) if found else None


def _substr(value: Any, start: Any = 0, length: Any = MISSING) -> str:
    text = to_text(value)
    first = _whole(start)
    first = max(len(text) + first, 0) if first < 0 else first
    return text[first:] if length is MISSING else text[first : first + max(_whole(length), 0)]


def _slice(value: Any, start: Any = 0, end: Any = MISSING) -> Any:
    return value[_whole(start) : None if end is MISSING else _whole(end)]


def _whole(value: Any) -> int:
    number = to_number(value)
    return 0 if number != number else int(max(min(number, LARGEST), -LARGEST))  # noqa: PLR0124


def _type_of(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case _:
            return "object"


def _add_up(value: Any) -> Any:
    def add(left: Any, right: Any) -> Any:
        if is_number(left) and is_number(right):
            return plain(left + right)
        return to_text(left) + to_text(right)

    return reduce(add, _list(value))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Fault("a list is needed")
    return value


def _to_fixed(value: Any, places: Any = 0) -> str | None:
    number, digits = _parse_float(value), _parse_int(places)
    if number is None or digits is None or not 0 <= digits <= _MOST_PLACES:
        return None
    return f"{Decimal(number).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


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


def _replace_pattern(value: Any, pattern: Any, new: Any, *, most: int) -> str:
    text, replacement, parts, at = to_text(value), to_text(new), [], 0
    for count, found in enumerate(_pattern(to_text(pattern)).finditer(text)):
        if count >= most:
            break
        parts += [text[at : found.start()], _expanded(replacement, found)]
        at = found.end()
        if sum(map(len, parts[-2:])) * len(parts) > 4 * LARGEST:
            raise Fault("the text is too long")
    return "".join([*parts, text[at:]])


def _expanded(replacement: str, found: Any) -> str:
    def fill(reference: re.Match[str]) -> str:
        name = reference[1]
        if name == "$":
            return "$"
        group = 0 if name == "&" else int(name)
        return (found.group(group) or "") if group <= len(found.groups()) else reference[0]

    return _REFERENCE.sub(fill, replacement)


def _replace(value: Any, old: Any, new: Any, *, most: int) -> str:
    text, part, replacement = to_text(value), to_text(old), to_text(new)
    if len(text) + text.count(part) * len(replacement) > LARGEST:
        raise Fault("the text is too long")
    return text.replace(part, replacement, most)


def _split(value: Any, separator: Any = MISSING) -> list[str]:
    if not isinstance(value, str):
        raise Fault("a text is needed")
    if separator is MISSING:
        return [value]
    return value.split(to_text(separator)) if to_text(separator) else list(value)


def _mapper(value: Any, values: Any, choices: Any) -> Any:
    pairs = zip(_list(values), _list(choices), strict=False)
    return next((choice for each, choice in pairs if is_strictly_equal(each, value)), MISSING)


def _threshold_mapper(value: Any, values: Any, choices: Any) -> Any:
    number, places = to_number(value), _list(values)
    at = next((place for place, each in enumerate(places) if number <= to_number(each)), None)
    return MISSING if at is None or at >= len(_list(choices)) else choices[at]


def _bit_mask(value: Any, mask: Any, operator: Any, shift: Any = 0) -> int:
    left = to_whole_32(_parse_int(value)) if operator in ("&", "|", "^") else to_whole_32(value)
    right = to_whole_32(mask)
    masked = {"&": left & right, "|": left | right, "^": left ^ right}.get(to_text(operator), left)
    return masked >> (to_whole_32(shift) & 31)


def distinct(value: Any) -> list[Any]:
    """Return the items of a list, each once, in one pass. Raises Fault where it is no list."""
    kept: dict[Any, Any] = {}
    for each in _list(value):
        kept.setdefault(_identity(each), each)
    return list(kept.values())


def _identity(value: Any) -> Any:
    """Return what two values share exactly if they are strictly equal."""
    match value:
        case list():
            return list, tuple(map(_identity, value))
        case dict():
            return dict, frozenset((key, _identity(each)) for key, each in value.items())
        case bool() | str() | None:
            return type(value), value
        case _:
            return value


def _from_hexadecimal(value: Any) -> str | None:
    try:
        return bytes.fromhex(value).decode("utf-8", "replace") if isinstance(value, str) and value else None
    except ValueError:
        return None


def _hash(value: Any) -> str:
    code = 0
    units = to_text(value).encode("utf-16-le", "surrogatepass")
    for at in range(0, len(units), 2):
        code = to_whole_32(code * 31 + int.from_bytes(units[at : at + 2], "little"))
    return f"{abs(code):08X}"


def _joined(value: Any, separator: Any = ",") -> str:
    texts, between = ["" if each is None else to_text(each) for each in _list(value)], to_text(separator)
    if sum(map(len, texts)) + len(texts) * len(between) > LARGEST:
        raise Fault("the text is too long")
    return between.join(texts)


def _picked(value: Any, holds: Callable[[Any], bool]) -> list[str]:
    return [key for key, each in value.items() if holds(each)]


def _picked_of_several(value: Any, picks: Any) -> list[str]:
    wanted = set(map(_identity, _list(picks)))
    return _picked(value, lambda each: _identity(each) in wanted)


TRANSFORMATIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "jsonparse": _parse_json,
    "jsonstringify": lambda value: orjson.dumps(value).decode(),
    "indexOf": lambda value, part: to_text(value).find(to_text(part)),
    "length": _of_text(len),
    "trim": _of_text(str.strip),
    "substr": _substr,
    "addreduce": _add_up,
    "lengtharray": lambda value: len(_list(value)),
    "typeof": _type_of,
    "isarray": lambda value: isinstance(value, list),
    "isnan": lambda value: math.isnan(to_number(value)),
    "parseint": _parse_int,
    "parsefloat": _parse_float,
    "toisodate": to_iso_text,
    "timeoffset": lambda value: None if read_date(value) is None else 0,
    "tostring": lambda value: None if value is None else to_text(value),
    "urlencode": lambda value: quote(to_text(value), safe=_KEPT_IN_URI),
    "urldecode": lambda value: unquote(to_text(value), errors="strict"),
    "replacestr": lambda value, old, new: _replace(value, old, new, most=1),
    "replaceallstr": lambda value, old, new: _replace(value, old, new, most=-1),
    "replaceregexp": lambda value, pattern, new: _replace_pattern(value, pattern, new, most=1),
    "replaceallregexp": lambda value, pattern, new: _replace_pattern(value, pattern, new, most=LARGEST),
    "split": _split,
    "joinarrtostr": _joined,
    "concatarr": lambda value, other: [*_list(value), *(other if isinstance(other, list) else [other])],
    "mapper": _mapper,
    "thmapper": _threshold_mapper,
    "bitwisemask": _bit_mask,
    "slice": _slice,
    "addset": lambda value, item: distinct([*_list(value), item]),
    "removeset": lambda value, item: [each for each in distinct(value) if not is_strictly_equal(each, item)],
    "touppercase": _of_text(str.upper),
    "tolowercase": _of_text(str.lower),
    "floor": _of_number(math.floor),
    "ceil": _of_number(math.ceil),
    "round": _of_number(lambda number: math.floor(number + 0.5)),
    "tofixed": _to_fixed,
    "gettime": to_milliseconds,
    "toisostring": to_iso_text,
    "localestring": write_time,
    "localestringnumber": write_number,
    "hextostring": _from_hexadecimal,
    "valuePicker": lambda value, pick: _picked(value, lambda each: is_strictly_equal(each, pick)),
    "valuePickerMulti": _picked_of_several,
    "hash": _hash,
}
