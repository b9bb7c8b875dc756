"""What is searched for: one tree for both interfaces; the store compiles it, tests hold it against plain Python."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.catalog.domain.comparison import Comparison
from services.catalog.domain.dataset import Box


class Field(StrEnum):
    """What a data set can be selected by."""

    IDENTIFIER = "id"
    NAME = "name"
    ORGANIZATION = "organization"
    TAG = "tags"
    THEME = "theme"
    LICENCE = "license_id"
    FORMAT = "res_format"
    KIND = "kind"
    TITLE = "title"
    NOTES = "notes"
    ENTITY_TYPE = "entity_type"
    SPATIAL = "spatial"
    STATE = "state"
    ACCESS = "access"
    UNIT = "unit"
    DATA_CLASS = "data_class"
    SERIES = "series"


class Moment(StrEnum):
    """The times that a data set can be selected and sorted by."""

    CREATED = "metadata_created"
    MODIFIED = "metadata_modified"


@dataclass(frozen=True, slots=True)
class Words:
    """The title, description, keywords or name contain a phrase, whatever its width and case."""

    phrase: str


@dataclass(frozen=True, slots=True)
class Is:
    """A field has a value, or begins with it."""

    field: Field
    value: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """A field has any value."""

    field: Field


@dataclass(frozen=True, slots=True)
class Between:
    """A time lies in a closed range; an end that is None is open."""

    moment: Moment
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Intersects:
    """The spatial coverage and a box (west, south, east, north in degrees) have a point in common.

    A box whose west lies east of its east crosses the antimeridian.
    """

    box: Box


@dataclass(frozen=True, slots=True)
class During:
    """The temporal coverage and a closed range have an instant in common; an end that is None is open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class LateAt:
    """The data should have been renewed before an instant."""

    instant: datetime


@dataclass(frozen=True, slots=True)
class Not:
    """A condition does not hold."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every condition holds; without conditions: everything."""

    conditions: "tuple[Condition, ...]" = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one condition holds."""

    conditions: "tuple[Condition, ...]"


Condition = Words | Is | Exists | Between | Intersects | During | LateAt | Comparison | Not | AllOf | AnyOf


class SortKey(StrEnum):
    """What results are ordered by. `score`: words in the title before words elsewhere."""

    SCORE = "score"
    NAME = "name"
    TITLE = "title_string"
    CREATED = "metadata_created"
    MODIFIED = "metadata_modified"
    IDENTIFIER = "id"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of an order."""

    key: SortKey
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of the ordered results is wanted."""

    limit: int
    offset: int = 0
    order: tuple[Sort, ...] = (Sort(SortKey.SCORE, is_descending=True), Sort(SortKey.MODIFIED, is_descending=True))


def phrases(condition: Condition) -> tuple[str, ...]:
    """Return the phrases that results are ranked by: those that are not negated."""
    match condition:
        case Words(phrase):
            return (phrase,)
        case AllOf(conditions) | AnyOf(conditions):
            return tuple(phrase for each in conditions for phrase in phrases(each))
        case _:
            return ()
