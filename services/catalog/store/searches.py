"""The connections that searches are made on, and whose turn it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import asyncpg

from services.catalog.store.session import SCHEMA
from services.kernel.postgres import Connection, open_pool, translated

_AT_ONCE = 4
"""So many searches keep a process of the catalogue and PostgreSQL busy; more would only hold each other up."""

_PATIENCE_S = 10
_SESSION = {"enable_seqscan": "off"}


class Searches:
    """Lends connections to searches in the order in which they come, to a few at a time."""

    def __init__(self, pool: asyncpg.Pool, at_once: int) -> None:
        self.pool = pool
        self._turns = asyncio.Semaphore(at_once)

    async def close(self) -> None:
        """Close the connections."""
        await self.pool.close()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["Turn"]:
        """Wait for a search's turn, which ends with the block. Raises Unavailable."""
        with translated():
            async with Turn(self.pool, self._turns) as turn:
                yield turn


async def open_searches(url: str, *, size: int) -> Searches:
    """Open the connections that searches are made on.

    They are always planned through an index: the planner does not know what it costs to read the grams of a row.
    """
    pool = await open_pool(url, schema=SCHEMA, size=size, session_settings=_SESSION)
    return Searches(pool, min(_AT_ONCE, size))


class Turn:
    """A search's turn: `connection` is its own until the end, for all its statements."""

    def __init__(self, pool: asyncpg.Pool, turns: asyncio.Semaphore) -> None:
        self._pool = pool
        self._turns = turns
        self.connection: Connection = None

    @asynccontextmanager
    async def left(self) -> AsyncIterator[None]:
        """Let others go on for the length of the block, and queue up again."""
        await self._end()
        yield
        await self._begin()

    async def __aenter__(self) -> Self:
        """Begin."""
        await self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        await self._end()

    async def _begin(self) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            await self._turns.acquire()
            try:
                self.connection = await self._pool.acquire()
            except BaseException:
                self._turns.release()
                raise

    async def _end(self) -> None:
        connection, self.connection = self.connection, None
        if connection is None:  # left, and what was waited for has failed
            return
        try:
            await self._pool.release(connection)
        finally:
            self._turns.release()
