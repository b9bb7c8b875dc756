r"""The NGSI-LD query language (`q`, 4.9), percent-decoded.

    query   = all *( "|" all )
    all     = factor *( ";" factor )
    factor  = "(" query ")" / "!" factor / term
    term    = path [ order value / equal items / match pattern ]
    order   = ">" / ">=" / "<" / "<="
    equal   = "==" / "!="
    match   = "~=" / "!~="
    items   = item *( "," item )
    item    = value [ ".." value ]
    value   = string / number / "true" / "false" / date-time / date / time / URI / word
    string  = <"> characters, escaped as in JSON <">
    pattern = string / text up to ";" or to a "|" or ")" outside parentheses

Beyond the clause: `!` for absence, lists of ranges, unquoted words as strings, full IRIs as names. A date-time, quoted or
not, is also compared with plain strings, so that values that are dates without a type are found.
"""  # noqa: E501

from dataclasses import dataclass
from typing import Final, TypeAlias

import orjson

from services.broker.query.literals import read_instant, read_json_number, read_midnight
from services.broker.query.paths import TIMES, Expand, Path, follow, make_target, read_path
from services.broker.query.pattern import read_pattern
from services.broker.query.scanner import Scanner
from services.broker.query.tree import (
    All,
    Any,
    Compare,
    EntityTarget,
    Exists,
    Filter,
    Instant,
    Not,
    OneOf,
    Operator,
    Range,
    Scalar,
    Target,
)

_OPERATORS: Final = ("==", "!~=", "!=", "~=", ">=", "<=", ">", "<")
_ENDS: Final = ";|(),"
_NOT_IN_WORDS: Final = ('"', "<", ">", "==", "!=", "~=")

Readings: TypeAlias = tuple[Scalar, ...]  # the ways in which one literal may be meant


def parse_q_ld(text: str, expand: Expand, expand_values: frozenset[str] = frozenset(), parameter: str = "q") -> Filter:
    """Parse a query. `expand_values` are the attributes (as written) whose values are terms (4.9, `expandValues`).

    Raises BadData naming the place, TooComplex.
    """
    return _Reader(Scanner(text, parameter), expand, expand_values).read()


@dataclass(frozen=True, slots=True)
class _Reader:
    scanner: Scanner
    expand: Expand
    expand_values: frozenset[str]

    def read(self) -> Filter:
        tree = self._any()
        self.scanner.finish()
        return tree

    def _any(self) -> Filter:
        parts = [self._all()]
        while self.scanner.take("|"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self) -> Filter:
        parts = [self._factor()]
        while self.scanner.take(";"):
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _factor(self) -> Filter:
        scanner = self.scanner
        scanner.skip_blanks()
        with scanner.nested():
            if scanner.take("("):
                tree = self._any()
                scanner.need(")")
            elif scanner.take("!"):
                tree = Not(self._factor())
            else:
                tree = self._term()
        scanner.skip_blanks()
        return tree

    def _term(self) -> Filter:
        self.scanner.count_term()
        path = read_path(self.scanner)
        target = make_target(path.target, self.expand, self.scanner)
        self.scanner.skip_blanks()
        sign = self.scanner.take_first(*_OPERATORS)
        if sign is None:
            return follow(path, self.expand, Exists(target))
        self.scanner.skip_blanks()
        return follow(path, self.expand, self._comparison(target, Operator(sign), path))

    def _comparison(self, target: Target, operator: Operator, path: Path) -> Filter:
        match operator:
            case Operator.MATCH | Operator.NO_MATCH:
                return Compare(target, operator, self._pattern())
            case Operator.EQUAL | Operator.UNEQUAL:
                items = _fitting(target, self._meant(self._items(), target, path))
                return Compare(target, operator, items[0] if len(items) == 1 else OneOf(items))
            case _:
                start = self.scanner.at
                readings = self._value()
                if isinstance(readings[0], bool):
                    raise self.scanner.wrong(f"{operator} takes no true or false", start)
                if self.scanner.peek() == "," or self.scanner.text.startswith("..", self.scanner.at):
                    raise self.scanner.wrong(f"{operator} takes one value")
                meant = _fitting(target, readings)
                parts = tuple(Compare(target, operator, each) for each in meant)
                return parts[0] if len(parts) == 1 else Any(parts)

    def _items(self) -> tuple[Scalar | Range, ...]:
        items = [*self._item()]
        while self.scanner.take(","):
            self.scanner.skip_blanks()
            items += self._item()
        return tuple(items)

    def _item(self) -> tuple[Scalar | Range, ...]:
        start = self.scanner.at
        low = self._value()
        if not self.scanner.take(".."):
            return low
        high = self._value()
        pairs = tuple(Range(one, other) for one in low for other in high if _are_alike(one, other))
        if not pairs:
            raise self.scanner.wrong("a range goes from a number, a string or a date to another", start)
        return pairs

    def _value(self) -> Readings:
        if self.scanner.peek() == '"':
            text = self._string()
            instant = read_instant(text)
            return (text,) if instant is None else (text, Instant(instant))
        start = self.scanner.at
        text = self._bare()
        if not text:
            raise self.scanner.wrong("a value is missing", start)
        if any(sign in text for sign in _NOT_IN_WORDS):
            raise self.scanner.wrong("the value must be quoted", start)
        return _readings(text)

    def _bare(self) -> str:
        start = self.scanner.at
        text = self.scanner.take_until(_ENDS)
        dots = self.scanner.text.find("..", start, self.scanner.at)
        if dots > 0 and _is_comparable(self.scanner.text[start:dots].strip()):
            self.scanner.at = dots
            return self.scanner.text[start:dots].strip()
        return text

    def _string(self) -> str:
        raw = self._quoted()
        try:
            return str(orjson.loads(f'"{raw}"'))
        except orjson.JSONDecodeError:
            return raw.replace('\\"', '"')

    def _quoted(self) -> str:
        scanner = self.scanner
        start = scanner.at
        end = start + 1
        while scanner.text[end : end + 1] not in ("", '"'):
            end += 2 if scanner.text[end] == "\\" else 1
        if end >= len(scanner.text):
            raise scanner.wrong("the string does not end", start)
        scanner.at = end + 1
        scanner.skip_blanks()
        return scanner.text[start + 1 : end]

    def _pattern(self) -> str:
        if self.scanner.peek() == '"':
            # `"\\d"` is JSON for what most people write as `"\d"`; both are understood.
            text = self._quoted().replace("\\\\", "\\").replace('\\"', '"')
        else:
            text = self._bare_pattern()
        read_pattern(text, self.scanner.parameter)
        return text

    def _bare_pattern(self) -> str:
        start, depth = self.scanner.at, 0
        while not self.scanner.is_done:
            character = self.scanner.peek()
            if character == ";" or (not depth and character in "|)"):
                break
            depth += {"(": 1, ")": -1}.get(character, 0)
            self.scanner.at += 1
        text = self.scanner.text[start : self.scanner.at]
        if not text:
            raise self.scanner.wrong("a pattern is missing")
        return text

    def _meant(self, items: tuple[Scalar | Range, ...], target: Target, path: Path) -> tuple[Scalar | Range, ...]:
        if target == EntityTarget("type") or path.target.names[0] in self.expand_values:
            return tuple(self.expand(each) if isinstance(each, str) else each for each in items)
        return items


def _readings(text: str) -> Readings:
    if text in ("true", "false"):
        return (text == "true",)
    number = read_json_number(text)
    if number is not None:
        return (number,)
    instant = read_instant(text) or read_midnight(text)
    return (text,) if instant is None else (text, Instant(instant))


def _is_comparable(text: str) -> bool:
    return not isinstance(_readings(text)[0], str) or text[:1].isdigit()


def _are_alike(one: Scalar, other: Scalar) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return numbers or type(one) is type(other)


def _fitting(target: Target, items: tuple[Scalar | Range, ...]) -> tuple[Scalar | Range, ...]:
    if target.member not in TIMES:
        return items
    instants = tuple(each for each in items if isinstance(each.low if isinstance(each, Range) else each, Instant))
    return instants or items
