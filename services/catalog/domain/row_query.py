"""Which rows of an uploaded table are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SortedBy:
    """A column, by its place from 0, that rows are ordered by; None: their number in the file."""

    place: int | None
    is_number: bool = False
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Rows whose cells, by their columns' places from 0, are one of some texts, and that have all words anywhere.

    `words_in` are words that a column's cell has, `numbers` the rows' own. Of rows that have the same cells in the
    columns of `distinct` one is wanted, and of it these cells.
    """

    equal: Mapping[int, Sequence[str]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    sort: tuple[SortedBy, ...] = ()
    words_in: Mapping[int, Sequence[str]] = field(default_factory=dict)
    numbers: Sequence[int] | None = None
    distinct: tuple[int, ...] = ()
