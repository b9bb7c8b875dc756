"""What the columns of a table hold: type, how many cells are missing and how many differ, least and greatest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.catalog.files.sheet import Sheet
from services.catalog.files.value import read_value

MOST_ROWS: Final = 100_000
"""So many rows are looked at; what is told then says so."""
_MOST_DISTINCT: Final = 10_000
_FREQUENT: Final = 5
_TRIED: Final = ("boolean", "integer", "number", "date", "datetime", "time")
_RANKED: Final = ("integer", "number", "date")
"""Types whose values are compared as such; the others are compared as texts."""
_NOTHING: Mapping[str, Any] = {}
_CODE_START: Final = "0"


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A column. `distinct` is at most 10,000; `least` and `greatest` are texts; `frequent` the most frequent cells."""

    name: str
    type: str
    missing: int
    distinct: int
    least: str | None = None
    greatest: str | None = None
    longest: int = 0
    frequent: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A table: how many rows it has, how many were looked at, its columns."""

    rows: int
    looked_at: int
    columns: tuple[ColumnProfile, ...]


def profile(sheet: Sheet) -> Profile:
    """Look at the columns of a table."""
    rows = sheet.rows[:MOST_ROWS]
    columns = tuple(_column(name, [row[place] for row in rows]) for place, name in enumerate(sheet.names))
    return Profile(len(sheet.rows), len(rows), columns)


def _column(name: str, cells: Sequence[str]) -> ColumnProfile:
    filled = [cell for each in cells if (cell := each.strip())]
    counts = Counter(filled)
    kind = _type(counts)
    ordered = sorted(counts, key=lambda cell: _rank(cell, kind))
    return ColumnProfile(
        name=name,
        type=kind,
        missing=len(cells) - len(filled),
        distinct=min(len(counts), _MOST_DISTINCT),
        least=ordered[0] if ordered else None,
        greatest=ordered[-1] if ordered else None,
        longest=max(map(len, counts), default=0),
        frequent=tuple(counts.most_common(_FREQUENT)),
    )


def _rank(cell: str, kind: str) -> Any:
    return read_value(cell, kind, _NOTHING) if kind in _RANKED else cell


def _type(counts: Mapping[str, int]) -> str:
    """Return the narrowest type that all cells have. Numbers with leading zeros are codes, and so texts."""
    if not counts or any(cell[0] == _CODE_START and cell.isdigit() and len(cell) > 1 for cell in counts):
        return "string"
    for kind in _TRIED:
        if kind == "boolean" and counts.keys() <= {"0", "1"}:
            continue
        if all(_is(cell, kind) for cell in counts):
            return kind
    return "string"


def _is(cell: str, kind: str) -> bool:
    try:
        read_value(cell, kind, _NOTHING)
    except ValueError:
        return False
    return True
