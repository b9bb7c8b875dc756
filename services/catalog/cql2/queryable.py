"""What a property of a record is, to those who filter by it."""

from dataclasses import dataclass

from services.catalog.domain.comparison import Edge, Said


@dataclass(frozen=True, slots=True)
class TextProperty:
    """A text, or several; `is_folded` where case makes no difference to it."""

    said: Said
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class InstantProperty:
    """An instant that every record has."""

    edge: Edge


@dataclass(frozen=True, slots=True)
class TimeProperty:
    """The interval that the data cover; one that a record may lack."""


@dataclass(frozen=True, slots=True)
class PlaceProperty:
    """The area of the data, one that a record may lack."""


Queryable = TextProperty | InstantProperty | TimeProperty | PlaceProperty
