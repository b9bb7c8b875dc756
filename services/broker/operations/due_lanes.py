"""Which lanes of the outbox this process knows to have something: told by its writers, taken by its dispatcher.

Only a hint that saves the search: what is due stands in the outbox, and a dispatcher looks there as well.
"""

import asyncio
import contextlib
from collections.abc import Collection, Iterable

from services.broker.store.outbox import LaneKey


class DueLanes:
    """Lanes in the order in which they were told of."""

    def __init__(self) -> None:
        self._keys: dict[LaneKey, None] = {}
        self._told = asyncio.Event()

    def tell(self, keys: Iterable[LaneKey]) -> None:
        """Tell of lanes whose notices are committed."""
        self._keys.update(dict.fromkeys(keys))
        self._told.set()

    def wake(self) -> None:
        """Let the dispatcher look now, without a lane to name."""
        self._told.set()

    def take(self, most: int, held: Collection[LaneKey]) -> list[LaneKey]:
        """Take lanes, oldest first, but for those held, which stay told of."""
        taken: list[LaneKey] = []
        for key in self._keys:
            if len(taken) == most:
                break
            if key not in held:
                taken.append(key)
        self.forget(taken)
        return taken

    def forget(self, keys: Iterable[LaneKey]) -> None:
        """Forget lanes that are taken by other ways; what they hold is read after this."""
        for key in keys:
            self._keys.pop(key, None)

    def __contains__(self, key: LaneKey) -> bool:
        return key in self._keys

    async def wait(self, seconds: float) -> None:
        """Wait until a lane is told of, at most for some seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._told.wait()
        self._told.clear()
