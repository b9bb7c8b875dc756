"""The end of one tenant's log of changes, read once for all of its streams in this process."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from typing import Final

from services.broker.domain.logged_change import LoggedChange, Place
from services.broker.operations import change_feed
from services.broker.operations.broker import Broker
from services.kernel.errors import HubError

_LOOK_EVERY_S: Final = 0.2
_DEMAND_EVERY_S: Final = 2.0
_PAUSE_S: Final = 1.0
_AT_ONCE: Final = 1000
_KEPT: Final = 5000


@dataclass(frozen=True, slots=True)
class Batch:
    """What the transactions from `start` to before `end` logged, in order."""

    start: int
    end: int
    changes: tuple[LoggedChange, ...]


class Tail:
    """Follows the log while the block that runs it lives; streams that lag behind it read the log themselves."""

    def __init__(self, broker: Broker, tenant_id: int) -> None:
        self._broker = broker
        self._tenant_id = tenant_id
        self._batches: deque[Batch] = deque()
        self._kept = 0
        self._grown = asyncio.Condition()
        self._demand_again_at = 0.0
        self.horizon = 0
        """Up to which transaction the log is known; 0 until it is followed."""

    async def run(self) -> None:
        """Follow the log until cancelled; PostgreSQL being away only delays it."""
        with self._broker.log_watch.listening(self._tenant_id) as logged:
            while True:
                try:
                    await self._look()
                except HubError:
                    await asyncio.sleep(_PAUSE_S)
                    continue
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(logged.wait(), _LOOK_EVERY_S)
                logged.clear()

    async def wait_beyond(self, end: int, seconds: float) -> bool:
        """Wait until the log is known beyond a transaction; tell whether it is in time."""
        try:
            async with asyncio.timeout(seconds), self._grown:
                await self._grown.wait_for(lambda: self.horizon > end)
        except TimeoutError:
            return False
        return True

    def since(self, end: int) -> list[Batch] | None:
        """Return the batches after a transaction; None where they are not kept (any more)."""
        if not self._batches or end < self._batches[0].start:
            return None
        return [each for each in self._batches if each.end > end]

    async def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._demand_again_at:
            await change_feed.keep_demand(self._broker, self._tenant_id)
            self._demand_again_at = now + _DEMAND_EVERY_S
        horizon = await change_feed.horizon(self._broker)
        if self.horizon == 0:
            horizon = await self._begin(horizon)
        if horizon <= self.horizon:
            return
        await self._take(Place(self.horizon, horizon, 0))
        async with self._grown:
            self.horizon = horizon
            self._grown.notify_all()

    async def _begin(self, horizon: int) -> int:
        """Begin where the log is complete: what was under way when it was first asked for may be missing."""
        floor = await change_feed.floor(self._broker, self._tenant_id)
        if horizon < floor:
            return 0
        self.horizon = horizon - 1
        return horizon

    async def _take(self, place: Place) -> None:
        """Keep what was logged, unless it is more than is kept: then streams read it from the log by themselves."""
        changes: list[LoggedChange] = []
        start = place.start
        while len(changes) <= _KEPT:
            portion = await change_feed.read(self._broker, self._tenant_id, place, _AT_ONCE)
            changes += portion
            if len(portion) < _AT_ONCE:
                break
            place = place._replace(seq=portion[-1].seq)
        if not changes and self._batches and not self._batches[-1].changes:
            start = self._batches.pop().start
        self._batches.append(Batch(start, place.end, tuple(changes)))
        self._kept += len(changes)
        while self._kept > _KEPT:
            self._kept -= len(self._batches.popleft().changes)
