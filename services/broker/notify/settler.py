"""Stores what came of turns: many at a time in one transaction, again and again while PostgreSQL is away."""

import asyncio
import logging

import asyncpg

from services.broker.store import outbox, subscriptions
from services.broker.store.outbox import Settlement
from services.kernel.errors import HubError
from services.kernel.postgres import session

_PAUSE_S = 0.5
_log = logging.getLogger("hiroba.broker.notify")


class Settler:
    """Collects settlements and stores them in order of arrival."""

    def __init__(self, pool: asyncpg.Pool, owner: str) -> None:
        self._pool = pool
        self._owner = owner
        self._waiting: list[tuple[Settlement, asyncio.Future[None]]] = []
        self._due = asyncio.Event()

    def put(self, settlement: Settlement) -> asyncio.Future[None]:
        """Queue a settlement; the future is done when it is stored."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((settlement, done))
        self._due.set()
        return done

    async def run(self) -> None:
        """Store what is queued until cancelled."""
        while True:
            await self._due.wait()
            await self.flush()

    async def flush(self) -> None:
        """Store all that is queued now; while PostgreSQL is away it stays queued."""
        self._due.clear()
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            await self._store([settlement for settlement, _ in batch])
        except HubError:
            self._waiting = batch + self._waiting
            await asyncio.sleep(_PAUSE_S)
            self._due.set()
            return
        for _, done in batch:
            if not done.done():
                done.set_result(None)

    async def _store(self, settlements: list[Settlement]) -> None:
        async with session(self._pool) as connection, connection.transaction():
            await outbox.settle(connection, self._owner, settlements)
            for each in settlements:
                if each.deactivates:
                    await subscriptions.deactivate(connection, *each.lane.key)
