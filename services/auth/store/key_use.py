"""When keys were last used."""

from datetime import datetime, timedelta

from sqlalchemy import Table, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

_USE_EVERY = timedelta(minutes=1)


async def note_use(connection: AsyncConnection, keys: Table, key_id: str, now: datetime) -> None:
    """Write when a key of a table was last used, to the minute."""
    used = keys.c.last_used_at
    is_due = or_(used.is_(None), used < now - _USE_EVERY)
    await connection.execute(update(keys).where(keys.c.key_id == key_id, is_due).values(last_used_at=now))
