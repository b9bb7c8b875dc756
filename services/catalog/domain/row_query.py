"""Which rows of an uploaded table are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SortedBy:
    """A column, by its place from 0, that rows are ordered by."""

    place: int
    is_number: bool = False
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Rows whose cells, by their columns' places from 0, are one of some texts, and that have all words anywhere."""

    equal: Mapping[int, Sequence[str]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    sort: tuple[SortedBy, ...] = ()
