"""Conditions of a filter language: texts against a value, instants against each other, the area against a geometry."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.catalog.domain.shape import Shape


class Text(StrEnum):
    """What a data set says in words or names. The last three have several values."""

    IDENTIFIER = "id"
    TITLE = "title"
    DESCRIPTION = "description"
    KIND = "kind"
    LICENCE = "licence"
    KEYWORD = "keyword"
    THEME = "theme"
    FORMAT = "format"


class Comparator(StrEnum):
    """How a text is compared; `LIKE` with `%` for any characters, `_` for one, and a backslash before either."""

    EQUAL = "="
    BELOW = "<"
    ABOVE = ">"
    AT_MOST = "<="
    AT_LEAST = ">="
    LIKE = "like"


@dataclass(frozen=True, slots=True)
class Said:
    """A text as others read it: `names` has, for those that are kept as codes, each code with what it is called."""

    text: Text
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """A text stands so to a value; of several values one does. With folded case the value is folded already."""

    said: Said
    comparator: Comparator
    value: str
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """A data set has a text."""

    said: Said


class Edge(StrEnum):
    """Instants of a data set, and those before and after all others. An open end of what it covers is one of these."""

    CREATED = "created"
    CHANGED = "changed"
    COVERS_FROM = "covers-from"
    COVERS_TO = "covers-to"
    EVER_BEFORE = "ever-before"
    EVER_AFTER = "ever-after"


Instant = Edge | datetime


@dataclass(frozen=True, slots=True)
class Precedes:
    """An instant lies before another, or may be the same."""

    former: Instant
    latter: Instant
    may_coincide: bool = False


@dataclass(frozen=True, slots=True)
class Located:
    """A data set states an area."""


@dataclass(frozen=True, slots=True)
class Meets:
    """The area that is stated and a geometry have a point in common."""

    shape: Shape


Comparison = Compared | Stated | Precedes | Located | Meets
