"""Where messages wait for their batch: filled from any thread, emptied by the event loop."""

import asyncio
from collections import deque

from services.ingest.domain.arrival import Arrival

_LINGER_S = 0.005


class Inbox:
    """A queue of arrivals. Waking the loop is the costly part, so many messages share one call."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Arrival] = deque()
        self._filled = asyncio.Event()
        self._is_called = False
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, arrival: Arrival) -> None:
        """Add a message. May be called from any thread."""
        self._waiting.append(arrival)
        if not self._is_called:
            self._is_called = True
            self._loop.call_soon_threadsafe(self._wake)

    def close(self) -> None:
        """Let `take` return nothing from now on: what still waits was not acknowledged and will come again."""
        self._is_closed = True
        self._filled.set()

    async def take(self, most: int, longest_s: float) -> list[Arrival]:
        """Wait for a message, then for more: until `most` are there, none comes for 5 ms, or `longest_s` have passed.

        Returns nothing when the inbox is closed.
        """
        await self._filled.wait()
        deadline = self._loop.time() + longest_s
        while len(self._waiting) < most and not self._is_closed:
            rest = min(_LINGER_S, deadline - self._loop.time())
            before = len(self._waiting)
            if rest <= 0:
                break
            await asyncio.sleep(rest)
            if len(self._waiting) == before:
                break
        if self._is_closed:
            return []
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._filled.clear()
        if self._waiting:
            self._filled.set()
        return taken

    def _wake(self) -> None:
        self._is_called = False
        if self._waiting:
            self._filled.set()
