"""CSV as offices open it: UTF-8 with a byte order mark, lines ended by CRLF, no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Sequence

MEDIA_TYPE = "text/csv; charset=utf-8"
_MARK = "\ufeff"
_RUN = ("=", "+", "-", "@", "\t", "\r")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(header)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return _MARK + written.getvalue()


def _cell(value: object) -> object:
    """Return a cell; a text that a spreadsheet would take for a formula begins with an apostrophe."""
    if value is None:
        return ""
    return "'" + value if isinstance(value, str) and value.startswith(_RUN) else value
