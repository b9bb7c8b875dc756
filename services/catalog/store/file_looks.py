"""What was seen in uploaded files, as rows."""

import dataclasses
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.look import Look
from services.catalog.domain.stored_file import StoredFile
from services.catalog.store.file_look_tables import file_look
from services.catalog.store.file_tables import stored_file
from services.catalog.store.files import file_of


async def keep_look(
    connection: AsyncConnection, file: StoredFile, look: Look | None, places: Sequence[Mapping[str, Any]]
) -> None:
    """Store what was seen in a file, and the features that it puts on a map; nothing for a file that is no more."""
    own = and_(stored_file.c.file_id == file.file_id, stored_file.c.tenant_id == file.tenant_id)
    same = select(stored_file.c.file_id).where(own, stored_file.c.checksum == file.checksum).with_for_update()
    if await connection.scalar(same) is None:
        return
    seen = None if look is None else dataclasses.asdict(look)
    values = {"tenant_id": file.tenant_id, "file_id": file.file_id, "look": seen, "places": list(places)}
    await connection.execute(insert(file_look).values(values).on_conflict_do_nothing())


async def find_unseen(connection: AsyncConnection) -> StoredFile | None:
    """Return the latest file that nobody has looked into; tables of text need no look."""
    is_seen = exists().where(file_look.c.file_id == stored_file.c.file_id)
    unseen = select(stored_file).where(stored_file.c.encoding == "", ~is_seen)
    row = (await connection.execute(unseen.order_by(stored_file.c.created_at.desc()).limit(1))).mappings().first()
    return None if row is None else file_of(row)


async def looks_of(connection: AsyncConnection, files: Iterable[StoredFile]) -> dict[uuid.UUID, Look]:
    """Return what was seen in files, by their `file_id`."""
    statement = select(file_look.c.file_id, file_look.c.look)
    wanted = file_look.c.file_id.in_([each.file_id for each in files])
    rows = await connection.execute(statement.where(wanted, file_look.c.look.is_not(None)))
    return {row.file_id: Look.of(row.look) for row in rows}


async def features_of(connection: AsyncConnection, file: StoredFile) -> list[dict[str, Any]]:
    """Return the features that a file puts on a map."""
    own = and_(file_look.c.file_id == file.file_id, file_look.c.tenant_id == file.tenant_id)
    found: list[dict[str, Any]] | None = await connection.scalar(select(file_look.c.places).where(own))
    return found or []
