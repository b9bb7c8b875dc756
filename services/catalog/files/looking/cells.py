"""Cells of the tables that a look shows: short texts, whatever the file holds."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

MOST_ROWS: Final = 10
MOST_COLUMNS: Final = 60
_LONGEST: Final = 200
_LOOKED_AT: Final = 1_000


def cell(value: Any) -> str:
    """Write a value as a cell: nothing for null, JSON for what is not plain, cut off after 200 characters."""
    match value:
        case None:
            text = ""
        case bool():
            text = "true" if value else "false"
        case bytes():
            text = f"({len(value):,} bytes)"
        case dict() | list():
            text = json.dumps(value, ensure_ascii=False, default=str)
        case _:
            text = str(value)
    plain = text.replace("\0", "")
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"


def table(name: str, records: Sequence[Mapping[str, Any]], total: int | None = None) -> dict[str, Any]:
    """Return a table of records: the members of the first 1,000 as columns, the first ten as rows."""
    columns = list(dict.fromkeys(str(key) for each in records[:_LOOKED_AT] for key in each))[:MOST_COLUMNS]
    return rows_table(name, columns, ([each.get(key) for key in columns] for each in records[:MOST_ROWS]), total)


def rows_table(
    name: str, columns: Iterable[Any], rows: Iterable[Sequence[Any]], total: int | None = None
) -> dict[str, Any]:
    """Return a table of rows as a look writes it."""
    heading = [cell(each) for each in columns]
    return {
        "name": cell(name),
        "columns": heading,
        "rows": [[cell(each) for each in row] for row in rows],
        "total": total,
    }
