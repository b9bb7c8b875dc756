"""Workbooks: the first sheet is the file's table; those after it are shown."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final

from services.catalog.files.looking.cells import MOST_COLUMNS, MOST_ROWS, rows_table

_MOST_SHEETS: Final = 6
_LOOKED_AT: Final = 200


def look_at_book(content: bytes) -> tuple[dict[str, Any] | None, Iterator[list[str]]]:
    """Return the sheets of a workbook after its first, None where there are none, and the first as rows of texts.

    Raises CalamineError.
    """
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # loaded when it is wanted

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return _others(book), _rows(book.get_sheet_by_index(0)) if book.sheet_names else iter(())


def _others(book: Any) -> dict[str, Any] | None:
    if len(book.sheet_names) < 2:
        return None
    tables = []
    for name in book.sheet_names[1:_MOST_SHEETS]:
        sheet = book.get_sheet_by_name(name)
        found = (row[:MOST_COLUMNS] for row in islice(sheet.iter_rows(), _LOOKED_AT))
        filled = [row for row in found if any(str(each).strip() for each in row)]
        if filled:
            tables.append(rows_table(name, filled[0], filled[1 : MOST_ROWS + 1]))
    return {"kind": "workbook", "facts": {"sheets": len(book.sheet_names)}, "tables": tables}


def _rows(sheet: Any) -> Iterator[list[str]]:
    return ([_text(cell) for cell in row] for row in sheet.to_python())


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
