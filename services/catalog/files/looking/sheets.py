"""Workbooks of several sheets: those after the first, which is the file's table."""

import io
from itertools import islice
from typing import Any, Final

from services.catalog.files.looking.cells import MOST_COLUMNS, MOST_ROWS, rows_table

_MOST_SHEETS: Final = 6
_LOOKED_AT: Final = 200


def look_at_sheets(content: bytes) -> dict[str, Any] | None:
    """Return the sheets of a workbook after its first, None where there are none. Raises CalamineError."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # loaded when it is wanted

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
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
