"""Lanes: entities written beside each other, each in the order in which its measures came."""

import asyncio
import zlib
from collections import deque
from collections.abc import Sequence

from services.ingest.operations.writing import Item, Writer


class Lanes:
    """Several writes at a time. An entity has one lane, by a hash of its id, so its items stay in order."""

    def __init__(self, writer: Writer, count: int, most: int) -> None:
        self._writer = writer
        self._most = most
        self._queues = [_Queue() for _ in range(count)]

    def put(self, items: Sequence[Item]) -> "asyncio.Future[None]":
        """Queue items; the future is done when each is committed or refused."""
        pending = _Pending(len(items))
        for item in items:
            place = zlib.crc32(str(item.entity["id"]).encode()) % len(self._queues)
            self._queues[place].append(item, pending)
        return pending.done

    async def run(self) -> None:
        """Write until cancelled."""
        async with asyncio.TaskGroup() as group:
            for queue in self._queues:
                group.create_task(self._run_lane(queue))

    async def _run_lane(self, queue: "_Queue") -> None:
        while True:
            taken = await queue.take(self._most)
            await self._writer.write([item for item, _ in taken])
            for _, pending in taken:
                pending.count_down()


class _Pending:
    """How many items of a batch are still on their way."""

    def __init__(self, count: int) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._left = count
        if not count:
            self.done.set_result(None)

    def count_down(self) -> None:
        """Note that one more is settled."""
        self._left -= 1
        if not self._left and not self.done.done():
            self.done.set_result(None)


class _Queue:
    """What waits for one lane."""

    def __init__(self) -> None:
        self._items: deque[tuple[Item, _Pending]] = deque()
        self._filled = asyncio.Event()

    def append(self, item: Item, pending: _Pending) -> None:
        """Add an item."""
        self._items.append((item, pending))
        self._filled.set()

    async def take(self, most: int) -> list[tuple[Item, _Pending]]:
        """Wait for items and return the first of them."""
        await self._filled.wait()
        taken = [self._items.popleft() for _ in range(min(most, len(self._items)))]
        if not self._items:
            self._filled.clear()
        return taken
