"""A CSV text as columns and rows.

Header cells lose line breaks and spaces; columns without a name and columns of instructions (`←…`) are dropped.
Rows are numbered as a spreadsheet shows them: the header is row 1.
"""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.kernel.errors import InvalidRequest

_INSTRUCTION = "←"


@dataclass(frozen=True, slots=True)
class Row:
    """Cells by the name of their column; `surplus` are cells beyond the last column."""

    number: int
    cells: Mapping[str, str]
    surplus: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds; `dropped` are columns that carry no data."""

    columns: Sequence[str]
    dropped: Sequence[str]
    rows: Sequence[Row]


def read_table(text: str) -> Table:
    """Read a CSV text, separated by commas or tabs. Raises InvalidRequest."""
    records = _records(text)
    start = next((place for place, record in enumerate(records) if any(cell.strip() for cell in record)), None)
    if start is None:
        raise InvalidRequest("The file has no header", field="body")
    header = [_column_name(cell) for cell in records[start]]
    kept = [place for place, name in enumerate(header) if _has_data(name) and name not in header[:place]]
    rows = [_row(number, record, header, kept) for number, record in enumerate(records[start + 1 :], start + 2)]
    return Table([header[place] for place in kept], _dropped(header, kept), rows)


def _records(text: str) -> list[list[str]]:
    first_line = text.partition("\n")[0]
    separator = "\t" if first_line.count("\t") > first_line.count(",") else ","
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise InvalidRequest(f"The file is not CSV: {error}", field="body") from error
    while records and not records[-1]:
        records.pop()
    return records


def _row(number: int, record: Sequence[str], header: Sequence[str], kept: Sequence[int]) -> Row:
    cells = {header[place]: record[place] if place < len(record) else "" for place in kept}
    return Row(number, cells, [cell for cell in record[len(header) :] if cell.strip()])


def _column_name(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).split())


def _has_data(name: str) -> bool:
    return bool(name) and not name.startswith(_INSTRUCTION)


def _dropped(header: Sequence[str], kept: Sequence[int]) -> list[str]:
    return [name or f"(column {place + 1})" for place, name in enumerate(header) if place not in kept]
