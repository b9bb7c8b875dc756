"""How two times stand to each other (clause 7.5, tables of temporal comparison functions).

A time has two ends, each a `Span`: the first and the last instant that it may mean, since a date means a whole day.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from services.catalog.domain.comparison import Instant, Precedes
from services.catalog.domain.query import AllOf, AnyOf, Condition, Not


class Span(NamedTuple):
    """The first and the last instant that an end of a time may mean."""

    first: Instant
    last: Instant


class Time(NamedTuple):
    """An instant, whose ends are the same, or an interval."""

    start: Span
    end: Span


Relation = Callable[[Time, Time], Condition]


def before(one: Span, other: Span) -> Condition:
    """Hold where one end lies before another."""
    return Precedes(one.last, other.first)


def not_after(one: Span, other: Span) -> Condition:
    """Hold where one end lies before another, or both are the same."""
    return Precedes(one.first, other.last, may_coincide=True)


def same(one: Span, other: Span) -> Condition:
    """Hold where two ends are the same."""
    return AllOf((not_after(one, other), not_after(other, one)))


def _all(*conditions: Condition) -> Condition:
    return AllOf(conditions)


def _is_disjoint(a: Time, b: Time) -> Condition:
    return AnyOf((before(a.end, b.start), before(b.end, a.start)))


def _is_during(a: Time, b: Time) -> Condition:
    return _all(before(b.start, a.start), before(a.end, b.end))


def _overlaps(a: Time, b: Time) -> Condition:
    return _all(before(a.start, b.start), before(b.start, a.end), before(a.end, b.end))


def _starts(a: Time, b: Time) -> Condition:
    return _all(same(a.start, b.start), before(a.end, b.end))


def _finishes(a: Time, b: Time) -> Condition:
    return _all(same(a.end, b.end), before(b.start, a.start))


OF_TIMES: Final[Mapping[str, Relation]] = {
    "t_after": lambda a, b: before(b.end, a.start),
    "t_before": lambda a, b: before(a.end, b.start),
    "t_disjoint": _is_disjoint,
    "t_equals": lambda a, b: _all(same(a.start, b.start), same(a.end, b.end)),
    "t_intersects": lambda a, b: Not(_is_disjoint(a, b)),
}
"""Between any two times."""

OF_INTERVALS: Final[Mapping[str, Relation]] = {
    "t_contains": lambda a, b: _is_during(b, a),
    "t_during": _is_during,
    "t_finishedby": lambda a, b: _finishes(b, a),
    "t_finishes": _finishes,
    "t_meets": lambda a, b: same(a.end, b.start),
    "t_metby": lambda a, b: same(b.end, a.start),
    "t_overlappedby": lambda a, b: _overlaps(b, a),
    "t_overlaps": _overlaps,
    "t_startedby": lambda a, b: _starts(b, a),
    "t_starts": _starts,
}
"""Between intervals alone."""

OF_INSTANTS: Final[Mapping[str, Relation]] = {
    "=": lambda a, b: same(a.start, b.start),
    "<": lambda a, b: before(a.start, b.start),
    ">": lambda a, b: before(b.start, a.start),
    "<=": lambda a, b: not_after(a.start, b.start),
    ">=": lambda a, b: not_after(b.start, a.start),
}
"""Between instants, by the signs that texts are compared with too."""
