"""What was seen in uploaded files, as rows."""

import dataclasses
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.look import Look
from services.catalog.domain.stored_file import StoredFile
from services.catalog.store.file_look_tables import file_look


async def keep_look(
    connection: AsyncConnection, file: StoredFile, look: Look, places: Sequence[Mapping[str, Any]]
) -> None:
    """Store what was seen in a file, and the features that it puts on a map."""
    own = {"tenant_id": file.tenant_id, "file_id": file.file_id}
    await connection.execute(insert(file_look).values(**own, look=dataclasses.asdict(look), places=list(places)))


async def looks_of(connection: AsyncConnection, files: Iterable[StoredFile]) -> dict[uuid.UUID, Look]:
    """Return what was seen in files, by their `file_id`."""
    statement = select(file_look.c.file_id, file_look.c.look)
    rows = await connection.execute(statement.where(file_look.c.file_id.in_([each.file_id for each in files])))
    return {row.file_id: Look.of(row.look) for row in rows}


async def features_of(connection: AsyncConnection, file: StoredFile) -> list[dict[str, Any]]:
    """Return the features that a file puts on a map."""
    own = and_(file_look.c.file_id == file.file_id, file_look.c.tenant_id == file.tenant_id)
    found: list[dict[str, Any]] | None = await connection.scalar(select(file_look.c.places).where(own))
    return found or []
