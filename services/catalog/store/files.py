"""Uploaded files in the database: written whole, read in portions."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.stored_file import StoredFile
from services.catalog.store.file_tables import file_portion, stored_file

PORTION = 512 * 1024
_ROWS_AT_ONCE = 2000
_FIELDS = tuple(column.name for column in stored_file.columns)
_INSERT_ROWS = text(
    "insert into file_row (tenant_id, file_id, number, cells)"
    " select :tenant_id, :file_id, :start + v.place, v.cells"
    " from jsonb_array_elements(:rows) with ordinality as v (cells, place)"
).bindparams(bindparam("rows", type_=JSONB))


async def keep_file(connection: AsyncConnection, file: StoredFile) -> None:
    """Store what is known of a file, in the place of the data set's former file of its identifier or name."""
    same = or_(stored_file.c.file_id == file.file_id, stored_file.c.name == file.name)
    former = and_(stored_file.c.dataset_id == file.dataset_id, same)
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


def _file(row: Mapping[Any, Any]) -> StoredFile:
    values = {name: row[name] for name in _FIELDS}
    columns = values.pop("columns")
    return StoredFile(**values, columns=None if columns is None else tuple(columns))
