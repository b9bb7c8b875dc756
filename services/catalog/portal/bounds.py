"""Where and when: the area and the dates that a search is bound to, as a form's fields and as addresses have them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from starlette.datastructures import QueryParams

from services.catalog.domain.dataset import Box, is_on_earth
from services.catalog.domain.local_government import is_code
from services.catalog.domain.query import AnyOf, Between, Condition, During, Field, Intersects, Is, Moment
from services.catalog.domain.search_terms import normalise
from services.catalog.vocabularies.schemes import schemes

SIDES: Final = ("west", "south", "east", "north")
DATES: Final = ("from", "to")
_NAMES: Final = ("place", *SIDES, "dates", *DATES)
_LONGEST: Final = 100
_JAPAN: Final = timezone(timedelta(hours=9))
_WHOLE_PREFECTURE: Final = "000"
_NOTHING: Mapping[str, str] = MappingProxyType(dict.fromkeys(_NAMES, ""))


class About(StrEnum):
    """What the dates are of: the time that the data cover, or the day that their entry last changed."""

    COVERED = "covered"
    CHANGED = "changed"


class Fault(StrEnum):
    """What is wrong with a field."""

    UNKNOWN_PLACE = "unknown-place"
    NOT_A_BOX = "not-a-box"
    NOT_A_DAY = "not-a-day"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Bounds:
    """An area (places by code, a box in degrees) and days in Japan. `values` are the fields as they were filled in.

    A field that cannot be read binds nothing, and stands in `faults`.
    """

    values: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    codes: tuple[str, ...] = ()
    box: Box | None = None
    days: tuple[date | None, date | None] = (None, None)
    faults: Mapping[str, Fault] = field(default_factory=dict)

    @classmethod
    def of(cls, given: QueryParams) -> "Bounds":
        """Read the fields of an address."""
        values = {name: _text(given, name) for name in _NAMES}
        if values["dates"] != About.CHANGED:
            values["dates"] = ""
        faults: dict[str, Fault] = {}
        codes = codes_of(values["place"])
        if values["place"] and not codes:
            faults["place"] = Fault.UNKNOWN_PLACE
        box = _box([_number(values[side]) for side in SIDES])
        if box is None and any(values[side] for side in SIDES):
            faults["west"] = Fault.NOT_A_BOX
        start, end = (_day(values[name]) for name in DATES)
        faults |= {
            name: Fault.NOT_A_DAY for name, day in zip(DATES, (start, end), strict=True) if values[name] and not day
        }
        if start and end and start > end:
            faults["to"] = Fault.REVERSED
            start, end = None, None
        return cls(values, codes, box, (start, end), faults)

    def __bool__(self) -> bool:
        return any(self.values.values())

    @property
    def about(self) -> About:
        """What the dates are of."""
        return About(self.values["dates"] or About.COVERED)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The fields as addresses have them."""
        return [(name, text) for name, text in self.values.items() if text]

    def without(self, *names: str) -> "Bounds":
        """Return the bounds with some fields left empty."""
        return Bounds.of(QueryParams([pair for pair in self.pairs if pair[0] not in names]))

    def conditions(self) -> list[Condition]:
        """Return the bounds as conditions, all of which are to hold."""
        found: list[Condition] = []
        if self.codes:
            found.append(AnyOf(tuple(_within(code) for code in self.codes)))
        if self.box is not None:
            found.append(Intersects(self.box))
        zone = _JAPAN if self.about is About.CHANGED else UTC
        start, end = _start(self.days[0], zone), _end(self.days[1], zone)
        if start or end:
            is_changed = self.about is About.CHANGED
            found.append(Between(Moment.MODIFIED, start, end) if is_changed else During(start, end))
        return found


def codes_of(place: str) -> tuple[str, ...]:
    """Return the codes of the local governments that are called so, or that have the code; none: nobody is."""
    if is_code(place):
        return (place,)
    return _codes_by_name().get(normalise(place), ())


@cache
def _codes_by_name() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for concept in schemes()["local-governments"].concepts.values():
        for name in {normalise(each) for each in (*concept.names.values(), *concept.others.values())}:
            found[name] = (*found.get(name, ()), concept.code)
    return found


def _within(code: str) -> Is:
    """Select what is about an area; a prefecture stands for its municipalities too."""
    is_prefecture = code[2:5] == _WHOLE_PREFECTURE
    return Is(Field.SPATIAL, code[:2], is_prefix=True) if is_prefecture else Is(Field.SPATIAL, code)


def _text(given: QueryParams, name: str) -> str:
    return given.get(name, "").replace("\x00", "").strip()[:_LONGEST]


def _number(text: str) -> float | None:
    try:
        read = float(text)
    except ValueError:
        return None
    return read if math.isfinite(read) else None


def _box(sides: list[float | None]) -> Box | None:
    west, south, east, north = sides
    if west is None or south is None or east is None or north is None:
        return None
    box = west, south, east, north
    return box if is_on_earth(box) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _start(day: date | None, zone: timezone) -> datetime | None:
    """Return the first instant of a day; none for the first days of the calendar, before which nothing is."""
    return datetime(day.year, day.month, day.day, tzinfo=zone) if day and day.year > 1 else None


def _end(day: date | None, zone: timezone) -> datetime | None:
    """Return the last instant of a day; none for the last days of the calendar."""
    if day is None or day.year >= date.max.year:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1, microseconds=-1)
