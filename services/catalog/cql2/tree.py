"""What a filter says, in either encoding, with the place of every part; and the limits of both."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.catalog.cql2.axes import Axes
from services.catalog.domain.shape import Shape
from services.kernel.errors import InvalidRequest

LONGEST: Final = 8_000
DEEPEST: Final = 20
MOST_CALLS: Final = 100
FIELD: Final = "filter"


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a record by its name."""

    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number or a truth."""

    value: str | float | bool
    place: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A day or an instant, by its first and its last microsecond."""

    first: datetime
    last: datetime
    place: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A time from one end to the other; an end that is None is open."""

    start: "Property | Moment | None"
    end: "Property | Moment | None"
    place: str


@dataclass(frozen=True, slots=True)
class Geometry:
    """A geometry."""

    shape: Shape
    place: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function, in lower case, with what it is applied to; of `in` the value comes first."""

    operator: str
    arguments: "tuple[Node, ...]"
    place: str


Node = Property | Literal | Moment | Interval | Geometry | Call


def wrong(reason: str, place: str) -> InvalidRequest:
    """Return the error to raise: what is wrong, and where."""
    return InvalidRequest(f"filter: {reason}, at {place}", field=FIELD)


class Reading:
    """Reads one filter: the axes of its geometries, how deep it is nested, how many operators it has."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        self._depth = 0
        self._calls = 0

    @contextmanager
    def nested(self, place: str) -> Iterator[None]:
        """Go one level down. Raises InvalidRequest where that is too deep."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise wrong(f"a filter may be nested {DEEPEST} deep", place)
        yield
        self._depth -= 1

    def call(self, operator: str, arguments: tuple[Node, ...], place: str) -> Call:
        """Return an operator with its arguments. Raises InvalidRequest where there are too many."""
        self._calls += 1
        if self._calls > MOST_CALLS:
            raise wrong(f"a filter may have {MOST_CALLS} operators", place)
        return Call(operator, arguments, place)


def refuse_unreadable(filter_text: str) -> None:
    """Raise InvalidRequest for a filter that is too long or has characters that no text may have."""
    if len(filter_text) > LONGEST:
        raise InvalidRequest(f"filter may have {LONGEST} characters", field=FIELD)
    for position, character in enumerate(filter_text, 1):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            raise wrong("this character is not allowed", f"character {position}")
