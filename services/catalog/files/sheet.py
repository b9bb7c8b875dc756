"""A file as a table: CSV and what is like it, or the first sheet of a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.kernel.text_encoding import detect

MOST_COLUMNS: Final = 1000
_DELIMITERS: Final = ",\t;|"
_LONGEST_CELL: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: the names of its columns, its rows of texts, and how the file was read.

    `encoding` and `delimiter` are empty for spreadsheets. Rows are as wide as the header: what is beyond it is left
    out, what is missing is empty.
    """

    names: Sequence[str]
    rows: Sequence[Sequence[str]]
    encoding: str = ""
    delimiter: str = ""


def read_text(content: bytes) -> Sheet | None:
    """Return a text as a table, None where it is none: no text, or without columns."""
    encoding = detect(content)
    if encoding is None:
        return None
    text = content.decode(encoding).removeprefix("\ufeff")
    if text.lstrip()[:1] in ("{", "[", "<"):
        return None
    head = text[:10_000].partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    if delimiter not in head and len(text.splitlines()) > 1 and "," not in text[:10_000]:
        delimiter = ","
    csv.field_size_limit(_LONGEST_CELL)
    try:
        listed = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return None
    return sheet_of(listed, encoding, delimiter)


def sheet_of(listed: Iterable[Sequence[str]], encoding: str = "", delimiter: str = "") -> Sheet | None:
    """Return rows as a table, of which the first that is not empty names the columns; None for too many columns."""
    filled = [row for row in listed if any(cell.strip() for cell in row)]
    if not filled or len(filled[0]) > MOST_COLUMNS:
        return None
    names = list(_unique(filled[0]))
    return Sheet(names, [_fitted(row, len(names)) for row in filled[1:]], encoding, delimiter)


def _unique(header: Iterable[str]) -> Iterator[str]:
    taken: set[str] = set()
    for number, cell in enumerate(header, 1):
        base = " ".join(cell.split()) or f"column_{number}"
        name, again = base, 1
        while name in taken:
            again += 1
            name = f"{base}_{again}"
        taken.add(name)
        yield name


def _fitted(row: Sequence[str], width: int) -> list[str]:
    cells = [cell.replace("\0", "") for cell in row[:width]]
    return [*cells, *[""] * (width - len(cells))]
