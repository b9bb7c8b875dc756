"""Uploaded files in the database: written whole, read in portions."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.row_query import RowQuery
from services.catalog.domain.stored_file import StoredFile
from services.catalog.store.file_tables import file_portion, file_row, stored_file

PORTION = 512 * 1024
_ROWS_AT_ONCE = 2000
_NUMBER = r"^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$"
_FIELDS = tuple(column.name for column in stored_file.columns)
_INSERT_ROWS = text(
    "insert into file_row (tenant_id, file_id, number, cells)"
    " select :tenant_id, :file_id, :start + v.place, v.cells"
    " from jsonb_array_elements(:rows) with ordinality as v (cells, place)"
).bindparams(bindparam("rows", type_=JSONB))


async def keep_file(connection: AsyncConnection, file: StoredFile) -> None:
    """Store what is known of a file, in the place of the data set's former file of this name."""
    former = (stored_file.c.dataset_id == file.dataset_id) & (stored_file.c.name == file.name)
    await connection.execute(delete(stored_file).where(former, stored_file.c.tenant_id == file.tenant_id))
    values = {name: getattr(file, name) for name in _FIELDS}
    values["columns"] = None if file.columns is None else list(file.columns)
    await connection.execute(insert(stored_file).values(values))


async def keep_portion(connection: AsyncConnection, file: StoredFile, number: int, content: bytes) -> None:
    """Store a portion of a file's bytes."""
    values = {"tenant_id": file.tenant_id, "file_id": file.file_id, "number": number, "content": content}
    await connection.execute(insert(file_portion).values(values))


async def keep_rows(connection: AsyncConnection, file: StoredFile, rows: Sequence[Sequence[str]]) -> None:
    """Store the rows of a table, numbered from 1."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        portion = {"rows": list(map(list, rows[start : start + _ROWS_AT_ONCE])), "start": start}
        await connection.execute(_INSERT_ROWS, {"tenant_id": file.tenant_id, "file_id": file.file_id, **portion})


async def keep_validation(
    connection: AsyncConnection, file: StoredFile, schema: Mapping[str, Any], found: Mapping[str, Any]
) -> None:
    """Store the schema that a file was held against, and what was found."""
    own = (stored_file.c.file_id == file.file_id) & (stored_file.c.tenant_id == file.tenant_id)
    await connection.execute(update(stored_file).where(own).values(table_schema=schema, validation=found))


async def forget_file(connection: AsyncConnection, file: StoredFile) -> None:
    """Delete a file."""
    own = (stored_file.c.file_id == file.file_id) & (stored_file.c.tenant_id == file.tenant_id)
    await connection.execute(delete(stored_file).where(own))


async def find_file(connection: AsyncConnection, file_id: uuid.UUID) -> StoredFile | None:
    """Return what is known of a file."""
    found = await connection.execute(select(stored_file).where(stored_file.c.file_id == file_id))
    row = found.mappings().one_or_none()
    return None if row is None else _file(row)


async def files_of(connection: AsyncConnection, dataset_id: uuid.UUID) -> list[StoredFile]:
    """Return what is known of a data set's files, by name."""
    statement = select(stored_file).where(stored_file.c.dataset_id == dataset_id).order_by(stored_file.c.name)
    return [_file(row) for row in (await connection.execute(statement)).mappings()]


async def portion(connection: AsyncConnection, file: StoredFile, number: int) -> bytes | None:
    """Return a portion of a file's bytes, None behind the last."""
    own = and_(file_portion.c.file_id == file.file_id, file_portion.c.tenant_id == file.tenant_id)
    statement = select(file_portion.c.content).where(own, file_portion.c.number == number)
    found: bytes | None = await connection.scalar(statement)
    return found


async def rows_of(
    connection: AsyncConnection, file: StoredFile, asked: RowQuery, part: tuple[int, int]
) -> tuple[int, list[tuple[int, list[str]]]]:
    """Return how many rows a query asks for, and a part of them (limit, offset), each with its number."""
    condition = and_(file_row.c.file_id == file.file_id, file_row.c.tenant_id == file.tenant_id, *_conditions(asked))
    total = await connection.scalar(select(func.count()).select_from(file_row).where(condition))
    statement = select(file_row.c.number, file_row.c.cells).where(condition)
    ordered = statement.order_by(*_order(asked), file_row.c.number).limit(part[0]).offset(part[1])
    return int(total or 0), [(row.number, row.cells) for row in await connection.execute(ordered)]


def _file(row: Mapping[Any, Any]) -> StoredFile:
    values = {name: row[name] for name in _FIELDS}
    columns = values.pop("columns")
    return StoredFile(**values, columns=None if columns is None else tuple(columns))


def _conditions(asked: RowQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_cell(place).in_(list(values)) for place, values in asked.equal.items()]
    whole = func.lower(cast(file_row.c.cells, Text))
    found += [func.strpos(whole, word.lower()) > 0 for word in asked.words]
    return found


def _order(asked: RowQuery) -> list[ColumnElement[Any]]:
    """Return what rows are ordered by: numbers as numbers; what is none of them comes last."""
    keys: list[ColumnElement[Any]] = []
    for each in asked.sort:
        cell = _cell(each.place)
        key = case((cell.op("~")(_NUMBER), cast(cell, Float))) if each.is_number else cell
        keys.append((key.desc() if each.is_descending else key.asc()).nulls_last())
    return keys


def _cell(place: int) -> ColumnElement[Any]:
    return file_row.c.cells.op("->>")(cast(place, Integer))
