"""The NGSIv2 simple query language (`q` and `mq`; Orion API, Simple Query Language), percent-decoded.

    query     = statement *( ";" statement ) [ ";" ]
    statement = [ "!" ] path / path operator items / path "~=" pattern
    path      = token *( "." token )                 ; `mq`: the second token is the metadata
    token     = name / "'" characters "'"
    operator  = "==" / ":" / "!=" / ">" / ">=" / "<" / "<="
    items     = item *( "," item ) / value ".." value
    item      = value
    value     = "'" characters "'" / "null" / "true" / "false" / number / date / text

`:` is an operator where the statement has no other. Quotes force text, and keep `;`, `,` and `..` what they are. Lists
and ranges go with `==` and `!=`, their values are of one kind; a list may have `null` besides. Builtin attributes and
metadata win over the user's.
"""

from dataclasses import dataclass
from typing import Final

from services.broker.domain.v2_value import read_date
from services.broker.query.literals import read_number
from services.broker.query.paths import Expand
from services.broker.query.pattern import read_pattern
from services.broker.query.scanner import Scanner
from services.broker.query.tree import (
    All,
    AttributeTarget,
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
from services.kernel.clock import to_iso_millis
from services.kernel.errors import BadData

_BUILTIN_ATTRIBUTES: Final = {
    "dateCreated": "createdAt",
    "dateModified": "modifiedAt",
    "dateExpires": "expiresAt",
    "servicePath": "path",
}
# Metadata that NGSI-LD knows as members of the attribute are stored as those.
_BUILTIN_METADATA: Final = {
    "dateCreated": "createdAt",
    "dateModified": "modifiedAt",
    "unitCode": "unitCode",
    "observedAt": "observedAt",
}
_OPERATORS: Final = ("==", "!=", "~=", ">=", "<=", ">", "<")
_NOT_IN_TEXT: Final = frozenset("'\"<>=()")
_NOT_IN_NAMES: Final = frozenset("'\"<>=()!")
_SPECIAL: Final = {"null": None, "true": True, "false": False}


def parse_q_v2(text: str, expand: Expand) -> Filter:
    """Parse `q`: conditions on attribute values. Raises BadData naming the place, TooComplex."""
    return _Reader(Scanner(text, "q"), expand).read()


def parse_mq_v2(text: str, expand: Expand) -> Filter:
    """Parse `mq`: conditions on metadata values. Raises BadData naming the place, TooComplex."""
    return _Reader(Scanner(text, "mq"), expand).read()


@dataclass(frozen=True, slots=True)
class _Reader:
    scanner: Scanner
    expand: Expand

    def read(self) -> Filter:
        parts = [self._statement()]
        while self.scanner.take(";") and not self.scanner.is_done:
            parts.append(self._statement())
        self.scanner.finish()
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _statement(self) -> Filter:
        scanner = self.scanner
        scanner.count_term()
        scanner.skip_blanks()
        start, end = scanner.at, self._end_of_statement()
        if start == end:
            raise scanner.wrong("a statement is missing")
        sign, place = self._operator(start, end)
        if sign is None:
            negated = scanner.take("!")
            found = Exists(self._target(end))
            return Not(found) if negated else found
        target = self._target(place)
        scanner.at = place + len(sign)
        operator = Operator.EQUAL if sign == ":" else Operator(sign)
        if operator is Operator.MATCH:
            return Compare(target, operator, self._pattern(end))
        return Compare(target, operator, self._operand(operator, end))

    def _end_of_statement(self) -> int:
        """Find the `;` that is not between quotes, or the end."""
        return self._outside_quotes(";", self.scanner.at, len(self.scanner.text))

    def _outside_quotes(self, sought: str, start: int, end: int) -> int:
        text, quoted = self.scanner.text, False
        for place in range(start, end):
            if text[place] == "'":
                quoted = not quoted
            elif not quoted and text.startswith(sought, place):
                return place
        if quoted:
            raise self.scanner.wrong("a quote is not closed", start)
        return end

    def _operator(self, start: int, end: int) -> tuple[str | None, int]:
        places = [(self._outside_quotes(sign, start, end), sign) for sign in _OPERATORS]
        place, sign = min(places, key=lambda found: (found[0], -len(found[1])))
        if place == end:
            place, sign = self._outside_quotes(":", start, end), ":"
        return (None, end) if place == end else (sign, place)

    def _target(self, end: int) -> Target:
        tokens = self._tokens(end)
        first, *rest = tokens
        if self.scanner.parameter == "mq":
            return self._metadata(first, rest)
        if first in _BUILTIN_ATTRIBUTES and not rest:
            return EntityTarget(_BUILTIN_ATTRIBUTES[first])
        return AttributeTarget(self.expand(first), keys=tuple(rest))

    def _metadata(self, attribute: str, rest: list[str]) -> Target:
        if not rest:
            raise self.scanner.wrong("the path must name an attribute and its metadata")
        name, *keys = rest
        member = None if keys else _BUILTIN_METADATA.get(name)
        if member:
            return AttributeTarget(self.expand(attribute), member=member)
        return AttributeTarget(self.expand(attribute), (self.expand(name),), keys=tuple(keys))

    def _tokens(self, end: int) -> list[str]:
        start, tokens = self.scanner.at, []
        while True:
            dot = self._outside_quotes(".", start, end)
            token = self.scanner.text[start:dot].strip()
            tokens.append(self._token(token, start))
            if dot == end:
                self.scanner.at = end
                return tokens
            start = dot + 1

    def _token(self, token: str, start: int) -> str:
        if len(token) > 1 and token[0] == token[-1] == "'":
            token = token[1:-1]
        if not token or not _NOT_IN_NAMES.isdisjoint(token):
            raise self.scanner.wrong("a name is missing or not valid", start)
        return token

    def _operand(self, operator: Operator, end: int) -> Scalar | Range | OneOf:
        start = self.scanner.at
        items = self._split(",", end)
        if len(items) > 1:
            scalars = tuple(self._scalar(*item) for item in items)
            self._alike([each for each in scalars if each is not None], start)
            operand: Scalar | Range | OneOf = OneOf(scalars)
        else:
            operand = self._range_or_scalar(start, end)
        equality = operator in (Operator.EQUAL, Operator.UNEQUAL)
        if not equality and (operand is None or isinstance(operand, OneOf | Range | bool)):
            raise self.scanner.wrong(f"{operator} takes one number, date or text", start)
        self.scanner.at = end
        return operand

    def _split(self, separator: str, end: int) -> list[tuple[int, int]]:
        start, parts = self.scanner.at, []
        while True:
            place = self._outside_quotes(separator, start, end)
            parts.append((start, place))
            if place == end:
                return parts
            start = place + len(separator)

    def _range_or_scalar(self, start: int, end: int) -> Scalar | Range:
        ends = self._split("..", end)
        if len(ends) == 1:
            return self._scalar(start, end)
        if len(ends) > 2:
            raise self.scanner.wrong("a range has two ends", start)
        low, high = self._alike([self._scalar(*each) for each in ends], start)
        if low is None or isinstance(low, bool):
            raise self.scanner.wrong("a range goes from a number, a date or a text to another", start)
        return Range(low, high)

    def _alike(self, scalars: list[Scalar], start: int) -> tuple[Scalar, ...]:
        if len({_kind(each) for each in scalars}) > 1:
            raise self.scanner.wrong("the values are of different kinds", start)
        return tuple(scalars)

    def _scalar(self, start: int, end: int) -> Scalar:
        text = self.scanner.text[start:end].strip()
        if not text:
            raise self.scanner.wrong("a value is missing", start)
        if len(text) > 1 and text[0] == text[-1] == "'" and "'" not in text[1:-1]:
            return text[1:-1]
        if not _NOT_IN_TEXT.isdisjoint(text):
            raise self.scanner.wrong("the value has a character that needs quotes around it", start)
        if text in _SPECIAL:
            return _SPECIAL[text]
        number = read_number(text)
        return _date_or_text(text) if number is None else number

    def _pattern(self, end: int) -> str:
        start = self.scanner.at
        text = self.scanner.text[start:end].strip()
        if len(text) > 1 and text[0] == text[-1] == "'":
            text = text[1:-1]
        if not text:
            raise self.scanner.wrong("a pattern is missing", start)
        read_pattern(text, self.scanner.parameter)
        self.scanner.at = end
        return text


def _date_or_text(text: str) -> Scalar:
    try:
        return Instant(to_iso_millis(read_date(text)))
    except BadData:
        return text


def _kind(scalar: Scalar) -> str:
    if scalar is None or isinstance(scalar, bool | str | Instant):
        return type(scalar).__name__
    return "number"
