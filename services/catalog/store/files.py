"""Uploaded files in the database: written whole, read in portions."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, or_, select, text, update
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
    """Store what is known of a file, in the place of the data set's former file of its identifier or name.

    That is of the published files or of those of the working copy, whichever it is among.
    """
    if file.proposed_as is None:
        await _make_way(connection, file, stored_file.c.file_id == file.file_id, stored_file.c.proposed_as.is_(None))
    else:
        same = stored_file.c.proposed_as == file.proposed_as
        await _make_way(connection, file, same, stored_file.c.proposed_as.is_not(None))
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


async def publish_file(connection: AsyncConnection, file: StoredFile) -> None:
    """Put a file of a working copy in the place of the published one of its distribution or name."""
    await _make_way(connection, file, stored_file.c.file_id == file.identifier, stored_file.c.proposed_as.is_(None))
    values = {"file_id": file.identifier, "proposed_as": None}
    own = (stored_file.c.file_id == file.file_id) & (stored_file.c.tenant_id == file.tenant_id)
    await connection.execute(update(stored_file).where(own).values(values))


async def _make_way(
    connection: AsyncConnection, file: StoredFile, same: ColumnElement[bool], among: ColumnElement[bool]
) -> None:
    own = and_(stored_file.c.dataset_id == file.dataset_id, stored_file.c.tenant_id == file.tenant_id)
    await connection.execute(delete(stored_file).where(own, among, or_(same, stored_file.c.name == file.name)))


async def find_file(connection: AsyncConnection, file_id: uuid.UUID) -> StoredFile | None:
    """Return what is known of a published file."""
    return await _one(connection, and_(stored_file.c.file_id == file_id, stored_file.c.proposed_as.is_(None)))


async def find_proposed(connection: AsyncConnection, file_id: uuid.UUID) -> StoredFile | None:
    """Return what is known of the file of a distribution in a working copy."""
    return await _one(connection, stored_file.c.proposed_as == file_id)


async def _one(connection: AsyncConnection, condition: ColumnElement[bool]) -> StoredFile | None:
    row = (await connection.execute(select(stored_file).where(condition))).mappings().one_or_none()
    return None if row is None else file_of(row)


async def files_of(connection: AsyncConnection, dataset_id: uuid.UUID) -> list[StoredFile]:
    """Return what is known of a data set's published files, by name."""
    return await _several(connection, dataset_id, stored_file.c.proposed_as.is_(None))


async def proposed_of(connection: AsyncConnection, dataset_id: uuid.UUID) -> list[StoredFile]:
    """Return what is known of the files that the working copy of a data set brings, by name."""
    return await _several(connection, dataset_id, stored_file.c.proposed_as.is_not(None))


async def _several(
    connection: AsyncConnection, dataset_id: uuid.UUID, condition: ColumnElement[bool]
) -> list[StoredFile]:
    own = stored_file.c.dataset_id == dataset_id
    statement = select(stored_file).where(own, condition).order_by(stored_file.c.name)
    return [file_of(row) for row in (await connection.execute(statement)).mappings()]


async def portion(connection: AsyncConnection, file: StoredFile, number: int) -> bytes | None:
    """Return a portion of a file's bytes, None behind the last."""
    own = and_(file_portion.c.file_id == file.file_id, file_portion.c.tenant_id == file.tenant_id)
    statement = select(file_portion.c.content).where(own, file_portion.c.number == number)
    found: bytes | None = await connection.scalar(statement)
    return found


def file_of(row: Mapping[Any, Any]) -> StoredFile:
    """Return what a row says of a file."""
    values = {name: row[name] for name in _FIELDS}
    columns = values.pop("columns")
    return StoredFile(**values, columns=None if columns is None else tuple(columns))
