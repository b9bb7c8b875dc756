"""Look-ups of entities by their id: those that wait at once share a statement, as writes share a commit."""

import asyncio
from collections import deque
from typing import Final

import asyncpg

from services.broker.domain.entity import Entity
from services.broker.store import entities
from services.kernel.postgres import session

_LANES: Final = 2
_MOST: Final = 8  # measured: more answers at once let the process and its clients wait for each other in turn


class _Waiting:
    __slots__ = ("by_uri", "done", "name", "tenant_id")

    def __init__(self, tenant_id: int, name: str, *, by_uri: bool) -> None:
        self.tenant_id = tenant_id
        self.name = name
        self.by_uri = by_uri
        self.done: asyncio.Future[list[Entity]] = asyncio.get_running_loop().create_future()


class Lookups:
    """Reads at once when nothing is being read; what comes meanwhile is read together, one tenant a statement.

    What is found was stored when the look-up was asked for, or later: nobody misses a write of his own.
    """

    def __init__(self) -> None:
        self._queue: deque[_Waiting] = deque()
        self._lanes: set[asyncio.Task[None]] = set()

    async def stored_under(self, pool: asyncpg.Pool, tenant_id: int, name: str, *, by_uri: bool) -> list[Entity]:
        """Return the living entities stored under an id, the earliest created first. Raises Unavailable."""
        waiting = _Waiting(tenant_id, name, by_uri=by_uri)
        self._queue.append(waiting)
        if len(self._lanes) < _LANES:
            lane = asyncio.create_task(self._read(pool))
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        return await waiting.done

    async def _read(self, pool: asyncpg.Pool) -> None:
        while self._queue:
            taken = [self._queue.popleft() for _ in range(min(_MOST, len(self._queue)))]
            groups: dict[tuple[int, bool], list[_Waiting]] = {}
            for each in taken:
                groups.setdefault((each.tenant_id, each.by_uri), []).append(each)
            for (tenant_id, by_uri), group in groups.items():
                await _answer(pool, tenant_id, group, by_uri=by_uri)


async def _answer(pool: asyncpg.Pool, tenant_id: int, group: list[_Waiting], *, by_uri: bool) -> None:
    names = list({each.name for each in group})
    try:
        async with session(pool) as connection:
            found = await entities.stored_under_each(connection, tenant_id, names, by_uri=by_uri)
    except BaseException as error:
        for each in group:
            if not each.done.done():
                each.done.set_exception(error)
        if not isinstance(error, Exception):
            raise
        return
    for each in group:
        if not each.done.done():
            each.done.set_result(found.get(each.name, []))
