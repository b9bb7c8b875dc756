"""From text to rows of known columns: finds the header, leaves out what is no data."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.catalog.listing import column
from services.catalog.listing.column import Column
from services.catalog.listing.repair import Repairs, Rule
from services.kernel.errors import InvalidRequest

_SEARCHED_FOR_HEADER = 10
_INSTRUCTION = "←"

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the sheet, counted from 1, and its trimmed cells by column."""

    number: int
    cells: Mapping[Column, str]

    def __getitem__(self, name: Column) -> str:
        return self.cells.get(name, "")

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing but a running number stands in the row."""
        return not any(cell for name, cell in self.cells.items() if name is not Column.NUMBER)


def read_rows(text: str, repairs: Repairs) -> list[Row]:
    """Return the rows below the header, blank lines left out. Raises InvalidRequest."""
    sheet = _read_sheet(text, repairs)
    header, first = _find_header(sheet, repairs)
    columns = _columns(header, first, repairs)
    return list(_rows(sheet[first:], first + 1, columns, repairs))


def _read_sheet(text: str, repairs: Repairs) -> list[Cells]:
    head = text[:4000]
    is_tabbed = head.count("\t") > head.count(",")
    if is_tabbed:
        repairs.note(Rule.TAB_SEPARATED)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter="\t" if is_tabbed else ","))
    except csv.Error as error:
        raise InvalidRequest(f"The file is not CSV: {error}", field="body") from error


def _find_header(sheet: Sequence[Cells], repairs: Repairs) -> tuple[Cells, int]:
    """Return the header and the position of the first row after it."""
    for position, cells in enumerate(sheet[:_SEARCHED_FOR_HEADER]):
        below = sheet[position + 1] if position + 1 < len(sheet) else []
        is_split = _is_split(cells, below)
        if not is_split and not column.is_header(cells):
            continue
        if position:
            repairs.note(Rule.ROWS_BEFORE_HEADER, *range(1, position + 1))
        if not is_split:
            return cells, position + 1
        repairs.note(Rule.HEADER_OVER_TWO_ROWS, position + 1, position + 2)
        return _joined(cells, below), position + 2
    raise InvalidRequest("The file has no header with a column for the name of a data set (dataName)", field="body")


def _is_split(upper: Cells, lower: Cells) -> bool:
    """Tell whether two rows are the halves of one header: together they have more known columns than either.

    A row below a complete header that is as wide as it holds data, whatever its cells look like.
    """
    if not upper or not lower or (column.is_header(upper) and len(lower) >= len(upper)):
        return False
    joined = _joined(upper, lower)
    return column.is_header(joined) and len(_known(joined)) > max(len(_known(upper)), len(_known(lower)))


def _joined(upper: Cells, lower: Cells) -> Cells:
    """Put together a header that an unquoted line break split: the cut cell ends one row and begins the other."""
    return [*upper[:-1], upper[-1] + lower[0], *lower[1:]]


def _known(cells: Cells) -> set[Column | None]:
    return {column.recognise(cell) for cell in cells} - {None}


def _columns(header: Cells, row: int, repairs: Repairs) -> dict[int, Column]:
    found: dict[int, Column] = {}
    for position, cell in enumerate(header):
        if cell.strip().startswith(_INSTRUCTION):
            repairs.note(Rule.INSTRUCTION_COLUMN, row)
            continue
        known = column.recognise(cell)
        if known is None or known in found.values():
            continue
        if "\n" in cell.strip() or "\r" in cell.strip():
            repairs.note(Rule.HEADER_LINE_BREAK, row)
        found[position] = known
    return found


def _rows(sheet: Sequence[Cells], first: int, columns: Mapping[int, Column], repairs: Repairs) -> Iterator[Row]:
    for number, cells in enumerate(sheet, first):
        if not any(cell.strip() for cell in cells):
            continue
        row = {name: cells[position] for position, name in columns.items() if position < len(cells)}
        trimmed = {name: cell.strip() for name, cell in row.items()}
        if row != trimmed:
            repairs.note(Rule.SURROUNDING_SPACE, number)
        yield Row(number, trimmed)
