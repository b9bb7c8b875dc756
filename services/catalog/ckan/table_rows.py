"""Rows of uploaded tables for `datastore_search`."""

import re
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from services.catalog.ckan.errors import ParameterError
from services.catalog.ckan.row_request import ROW_ID, RowRequest, Rows
from services.catalog.ckan.site import Visit
from services.catalog.operations.files import find_readable
from services.catalog.operations.tables import Wanted, read_table
from services.kernel.errors import InvalidRequest, NotFound, Unprocessable

_TYPES = {"integer": "int", "number": "numeric", "boolean": "bool", "date": "date", "datetime": "timestamp"}
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


async def read_uploaded(visit: Visit, identifier: uuid.UUID, asked: RowRequest) -> Rows:
    """Return rows of an uploaded table; `_id` is a row's number in the file. Raises ParameterError, NotFound."""
    wanted = Wanted(
        {name: [_text(each) for each in values] for name, values in asked.equal.items() if name != ROW_ID},
        asked.words,
        tuple(("" if name == ROW_ID else name, is_descending) for name, is_descending in asked.sort),
        max(asked.limit, 1),
        asked.offset,
        asked.words_in,
        _numbers(asked.equal.get(ROW_ID)),
        asked.distinct,
    )
    try:
        file = await find_readable(visit.site.catalogue, visit.audience.with_hidden(), identifier)
        page = await read_table(visit.site.catalogue, file, wanted)
    except InvalidRequest as error:
        raise ParameterError({error.field or "filters": [error.detail]}) from error
    except (NotFound, Unprocessable) as error:
        raise NotFound(f"Resource {identifier} has no table: {error.detail}") from error
    named = list(zip(page.columns, page.types, strict=True))
    columns = tuple((name, _TYPES.get(kind, "text")) for name, kind in named)
    readers = [_READERS.get(kind) for _, kind in named]
    rows = [
        {
            ROW_ID: number,
            **{
                name: cell if read is None else read(cell)
                for name, cell, read in zip(page.columns, row, readers, strict=True)
            },
        }
        for number, row in zip(page.numbers, page.rows, strict=True)
    ]
    return Rows(columns if asked.distinct else ((ROW_ID, "int"), *columns), rows[: asked.limit], page.total)


def _numbers(values: object) -> list[int] | None:
    if not isinstance(values, list):
        return None
    found = [str(each) for each in values]
    if not all(each.isascii() and each.isdigit() and len(each) < 10 for each in found):
        raise ParameterError({"filters": ["'_id' must be a number"]})
    return [int(each) for each in found]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _integer(cell: str) -> Any:
    text = cell.strip()
    return int(text) if _INTEGER.fullmatch(text) else cell or None


def _number(cell: str) -> Any:
    text = cell.strip()
    return float(text) if _NUMBER.fullmatch(text) else cell or None


def _boolean(cell: str) -> Any:
    return _BOOLEANS.get(cell.strip().lower(), cell or None)


def _moment(cell: str) -> Any:
    return cell or None


_READERS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {"integer": _integer, "number": _number, "boolean": _boolean, "date": _moment, "datetime": _moment}
)
"""Cells as values, by the type of their column; what a cell does not hold stays as it is written."""
