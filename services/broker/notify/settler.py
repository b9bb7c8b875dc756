"""Stores what came of turns: many at a time in one transaction, again and again while PostgreSQL is away."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final, TypeAlias

import asyncpg

from services.broker.store import outbox, subscriptions
from services.broker.store.outbox import Settlement
from services.kernel.errors import Unavailable
from services.kernel.postgres import session

_PAUSE_S: Final = 0.5
_log = logging.getLogger("hiroba.broker.notify")


_Waiting: TypeAlias = tuple[Settlement, asyncio.Future[None]]


class Settler:
    """Collects settlements and stores them in order of arrival."""

    def __init__(self, pool: asyncpg.Pool, owner: str) -> None:
        self._pool = pool
        self._owner = owner
        self._waiting: list[_Waiting] = []
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
        except Exception as error:
            await self._store_again(batch, error)
            return
        _tell(batch)

    async def _store_again(self, batch: list[_Waiting], error: Exception) -> None:
        """Queue what could not be stored; where it is not PostgreSQL that is away, store each by itself."""
        if isinstance(error, Unavailable):
            self._waiting = batch + self._waiting
            await asyncio.sleep(_PAUSE_S)
            self._due.set()
            return
        _log.error("Settlements cannot be stored together", exc_info=error)
        for each in batch:
            try:
                await self._store([each[0]])
            except Unavailable:
                self._waiting.append(each)
                self._due.set()
            except Exception:
                _log.exception("A settlement cannot be stored", extra={"subscription": each[0].lane.subscription_id})
                _tell([each])  # its lease runs out, and its notices are sent again
            else:
                _tell([each])

    async def _store(self, settlements: list[Settlement]) -> None:
        async with session(self._pool) as connection, connection.transaction():
            await outbox.settle(connection, self._owner, settlements)
            for each in settlements:
                if each.deactivates:
                    await subscriptions.deactivate(connection, *each.lane.key)


def _tell(batch: Iterable[_Waiting]) -> None:
    for _, done in batch:
        if not done.done():
            done.set_result(None)
