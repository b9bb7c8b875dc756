"""Work that one replica does at a time: whoever holds a lock of PostgreSQL's; it ends with the holder's connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.catalog.store.session import asking

_TAKE = text("select pg_try_advisory_lock(8081, hashtext(:work))")
_GIVE_BACK = text("select pg_advisory_unlock(8081, hashtext(:work))")


@asynccontextmanager
async def turn(engine: AsyncEngine, work: str) -> AsyncIterator[bool]:
    """Take the turn for some work, and tell whether it is ours; keeps a connection. Raises Unavailable."""
    async with asking(engine) as connection:
        is_ours = bool(await connection.scalar(_TAKE, {"work": work}))
        try:
            yield is_ours
        finally:
            if is_ours:
                await connection.execute(_GIVE_BACK, {"work": work})
