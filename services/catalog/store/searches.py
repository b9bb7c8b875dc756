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
    """Lends connections to searches in the order in which they come, to a few at a time.

    Under load a connection goes from one search to the next; there must be others for those who count meanwhile.
    """

    def __init__(self, pool: asyncpg.Pool, at_once: int) -> None:
        self.pool = pool
        self._turns = asyncio.Semaphore(at_once)
        self._hands_on = at_once < pool.get_max_size()
        self._waiting = 0
        self._handed_on: list[Connection] = []

    async def close(self) -> None:
        """Close the connections."""
        while self._handed_on:
            await self.pool.release(self._handed_on.pop())
        await self.pool.close()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["Turn"]:
        """Wait for a search's turn, which ends with the block. Raises Unavailable."""
        with translated():
            async with Turn(self) as turn:
                yield turn

    async def lend(self) -> Connection:
        """Wait for a turn and return a connection for it. Raises TimeoutError."""
        async with asyncio.timeout(_PATIENCE_S):
            self._waiting += 1
            try:
                await self._turns.acquire()
            finally:
                self._waiting -= 1
            try:
                return await self._open_connection()
            except BaseException:
                self._turns.release()
                raise

    async def _open_connection(self) -> Connection:
        while self._handed_on:
            connection = self._handed_on.pop()
            if _is_open(connection):
                return connection
            await self.pool.release(connection)
        return await self.pool.acquire()

    async def hand_on(self, connection: Connection) -> None:
        """End a turn, whose connection is as it was."""
        if self._hands_on and self._waiting:
            self._handed_on.append(connection)
            self._turns.release()
        else:
            await self.take_back(connection)

    async def take_back(self, connection: Connection) -> None:
        """End a turn that may have been broken off."""
        try:
            await self.pool.release(connection)
        finally:
            self._turns.release()


async def open_searches(url: str, *, size: int) -> Searches:
    """Open the connections that searches are made on.

    They are always planned through an index: the planner does not know what it costs to read the grams of a row.
    """
    pool = await open_pool(url, schema=SCHEMA, size=size, session_settings=_SESSION)
    return Searches(pool, min(_AT_ONCE, size))


class Turn:
    """A search's turn: `connection` is its own until the end, for all its statements."""

    def __init__(self, searches: Searches) -> None:
        self._searches = searches
        self.connection: Connection = None

    @asynccontextmanager
    async def left(self) -> AsyncIterator[None]:
        """Let others go on for the length of the block, and queue up again."""
        connection, self.connection = self.connection, None
        await self._searches.hand_on(connection)
        yield
        self.connection = await self._searches.lend()

    async def __aenter__(self) -> Self:
        """Begin."""
        self.connection = await self._searches.lend()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        if self.connection is None:  # left, and what was waited for has failed
            return
        if kind is None:
            await self._searches.hand_on(self.connection)
        else:
            await self._searches.take_back(self.connection)


def _is_open(connection: Connection) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # its pool has taken it back already
        return False
