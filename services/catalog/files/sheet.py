"""A file as a table: CSV and what is like it, or the first sheet of a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from services.kernel.errors import InvalidRequest
from services.kernel.text_encoding import detect
from services.kernel.workbook import ensure_readable, is_workbook

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


def read_sheet(content: bytes) -> Sheet | None:
    """Return a file as a table, None where it is none: no text with columns, no spreadsheet."""
    if is_workbook(content):
        return _book(content)
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
    return _sheet(listed, encoding, delimiter)


def _book(content: bytes) -> Sheet | None:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  # loaded when it is wanted

    try:
        ensure_readable(content)
        listed = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (InvalidRequest, CalamineError, IndexError):
        return None
    return _sheet([[_text(cell) for cell in row] for row in listed])


def _sheet(listed: Sequence[Sequence[str]], encoding: str = "", delimiter: str = "") -> Sheet | None:
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


def _text(cell: Any) -> str:
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return str(cell)
