"""Transactions: one for each use case, with the driver's errors translated."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.auth.store.reach import NOTHING, Reach, acting, tell
from services.kernel.errors import Unavailable
from services.kernel.postgres import translated

SCHEMA: Final = "auth"
_LOCKS: Final = {"administrators": 0x41757401, "signing keys": 0x41757402}


@asynccontextmanager
async def transaction(engine: AsyncEngine, reach: Reach | None = None) -> AsyncIterator[AsyncConnection]:
    """Run a block in one transaction, committed at its end. Raises Unavailable while PostgreSQL is away.

    It reaches the rows that the request reaches that is served, unless told otherwise.
    """
    reach = acting() if reach is None else reach
    with translated():
        async with engine.begin() as connection:
            if reach != NOTHING:
                await tell(connection, reach)
            yield connection


async def lock(connection: AsyncConnection, name: str) -> None:
    """Let one transaction at a time, of all replicas, change what a lock stands for; held until the commit."""
    await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCKS[name]})


async def is_reachable(engine: AsyncEngine) -> bool:
    """Tell whether PostgreSQL answers now."""
    try:
        async with transaction(engine) as connection:
            return bool(await connection.scalar(text("select true")))
    except Unavailable:
        return False
