"""Where a table's header is among its records, and the names of its columns.

Above it may stand titles; it may be one line or up to three (merged cells, units beneath, numbers of columns), or be
absent. Merged cells are the upper left one filled and the others empty: `災害種別` above `洪水` gives `災害種別_洪水`.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

Record = list[str]
_LOOKED_AT = 20
_MOST_LINES = 3
_LONGEST_NAME = 60
_LEAST_FILL = 0.5
_ENOUGH = 0.8
_INSTRUCTION = "←"
_VALUE = re.compile(
    r"[+-]?[0-9][0-9,]*\.?[0-9]*%?\Z"
    r"|[0-9]{2,5}-[0-9]{1,4}-[0-9]{3,4}\Z"
    r"|https?://"
    r"|(?:[0-9]{4}|(?:明治|大正|昭和|平成|令和|[MTSHR])[0-9元]{1,2})[-/.年][0-9]{1,2}([-/.月]|\Z)"
    r"|[0-9]{1,2}:[0-9]{2}"
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}\Z")
_UNIT = re.compile(r"[(\[].{1,12}[)\]]\Z")
_IRI = re.compile(r"https?://[^\s]+[/#]([^/#\s]+)\Z")
_LEAST_ABOVE = 2
_INVISIBLE = dict.fromkeys("\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad", "")
_SPELT = str.maketrans(_INVISIBLE | {"―": "ー", "—": "ー", "–": "-", "−": "-", "~": "〜", "～": "〜", "：": ":"})


@dataclass(frozen=True, slots=True)
class Header:
    """The columns' names by place (empty for one without a name), and where the rows begin.

    `start` is the place of its first record; `is_absent` if the columns had to be numbered.
    """

    names: list[str]
    start: int
    rows_from: int
    is_absent: bool = False


def column_name(cell: str) -> str:
    """Write a header cell so that spellings agree: half-width, without spaces and line breaks, one kind of dash.

    Of the IRI of a term, as `https://schema.org/name`, the name is the last part.
    """
    text = cell.strip()
    term = _IRI.match(text)
    return _folded(term[1] if term else text)


def _folded(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).split()).translate(_SPELT)


def find_header(records: list[Record], known: AbstractSet[str]) -> Header | None:
    """Find the header; `known` are names that columns often have. None for a file without a filled cell."""
    width = max((_width(record) for record in records), default=0)
    if not width:
        return None
    candidates = [place for place, record in enumerate(records[:_LOOKED_AT]) if any(cell.strip() for cell in record)]
    best = max(candidates, key=lambda place: (_likeness(records[place], known, width), -place), default=candidates[0])
    if _is_amid_data(records, best, known) or (
        _likeness(records[best], known, width) <= 0 and _is_data(records[best], known)
    ):
        return Header([f"列{place + 1}" for place in range(width)], candidates[0], candidates[0], is_absent=True)
    start = _first_line(records, best, known)
    names, end = _joined(records, start, width)
    return Header(names, start, end)


def _width(record: Record) -> int:
    return next((place for place in range(len(record), 0, -1) if record[place - 1].strip()), 0)


def _likeness(record: Record, known: AbstractSet[str], width: int) -> float:
    """Say how much a record looks like a header, 0 or less for not at all."""
    if _holds_terms(record):
        return 2
    names = [_folded(cell) for cell in record if cell.strip()]
    if not names or all(name.startswith(_INSTRUCTION) for name in names):
        return -1
    familiar = sum(name in known for name in names) / len(names)
    values = sum(_is_value(name) for name in names) / len(names)
    if values and familiar < _LEAST_FILL:
        return -values
    repeated = 1 - len(set(names)) / len(names)
    long = sum(len(name) > _LONGEST_NAME for name in names) / len(names)
    return 2 * familiar + min(len(names) / width, 1) - repeated / 2 - long


def _holds_terms(record: Record) -> bool:
    """Tell whether every filled cell is the IRI of a term, as in a header of linked data."""
    cells = [cell.strip() for cell in record if cell.strip()]
    return len(set(cells)) > 1 and all(_IRI.match(cell) for cell in cells)


def _is_amid_data(records: list[Record], best: int, known: AbstractSet[str]) -> bool:
    """Tell whether rows as wide, with values in them, stand above: what looks most like a header is none then."""
    size = sum(bool(cell.strip()) for cell in records[best])
    above = [each for each in records[:best] if sum(bool(cell.strip()) for cell in each) >= size]
    return sum(_is_data(each, known) for each in above) >= _LEAST_ABOVE


def _is_value(name: str) -> bool:
    return bool(_VALUE.match(name)) and not _YEAR.match(name)


def _is_data(record: Record, known: AbstractSet[str]) -> bool:
    names = [_folded(cell) for cell in record if cell.strip()]
    return any(_is_value(name) for name in names) and not any(name in known for name in names)


def _first_line(records: list[Record], best: int, known: AbstractSet[str]) -> int:
    """Go up from the line that looks most like a header, while the one above holds the names of its groups."""
    start = best
    while start > 0 and best - start < _MOST_LINES - 1 and _continues(records[start - 1], records[start]):
        start -= 1
    return start


def _joined(records: list[Record], start: int, width: int) -> tuple[list[str], int]:
    names = [column_name(cell) for cell in records[start]] + [""] * (width - len(records[start]))
    place = start + 1
    while place < min(len(records), start + _MOST_LINES):
        above, below = records[place - 1], records[place]
        if _continues(above, below):
            names = _with_groups(names, below)
        elif _is_units(below):
            names = [
                name + column_name(below[at]) if at < len(below) and below[at].strip() else name
                for at, name in enumerate(names)
            ]
        elif not _is_numbering(below):
            break
        place += 1
    return names, place


def _continues(above: Record, below: Record) -> bool:
    """Tell whether two records are the upper and lower line of one header with merged cells.

    Where both are filled a group must begin, so that the next cell is filled below only, or a unit stand below. Nothing
    below looks like a value.
    """
    size = max(len(above), len(below))
    upper = [place < len(above) and bool(above[place].strip()) for place in range(size)]
    lower = [place < len(below) and bool(below[place].strip()) for place in range(size)]
    only_below = [place for place in range(size) if lower[place] and not upper[place]]
    both = [place for place in range(size) if lower[place] and upper[place]]
    if not only_below or not both or any(_is_value(_folded(cell)) for cell in below if cell.strip()):
        return False
    only_above = sum(upper) - len(both)
    begins = all(place + 1 in only_below or _UNIT.match(column_name(below[place])) for place in both)
    return begins and (only_above > 0 or len(both) > 1)


def _with_groups(names: list[str], below: Record) -> list[str]:
    joined, group = [], ""
    for place, name in enumerate(names):
        part = column_name(below[place]) if place < len(below) else ""
        group = name or group
        sign = "" if _UNIT.match(part) else "_"
        joined.append(f"{group}{sign}{part}" if part and group else part or name)
    return joined


def _is_units(record: Record) -> bool:
    cells = [column_name(cell) for cell in record if cell.strip()]
    return bool(cells) and all(_UNIT.match(cell) for cell in cells)


def _is_numbering(record: Record) -> bool:
    """Tell whether a record numbers the columns: 1, 2, 3…"""
    cells = [column_name(cell).strip("()") for cell in record if cell.strip()]
    return len(cells) > 2 and cells == [str(place + 1) for place in range(len(cells))]
