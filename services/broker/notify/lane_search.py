"""Finding lanes that nobody told of: other processes', those whose next try is due, those of a process that died."""

from collections.abc import Collection
from typing import Final

from services.broker.store import outbox
from services.broker.store.outbox import LaneKey
from services.kernel.postgres import Connection

_PAUSE_S: Final = 0.1
_STEP: Final = 500
_FIRST: Final[LaneKey] = (0, "")


class LaneSearch:
    """Goes through the lanes that have something due in rounds, some at a time, so that each has its turn.

    A round of many steps is followed by a longer pause: thousands of lanes that wait for dead receivers cost little.
    """

    def __init__(self) -> None:
        self._after = _FIRST
        self._steps = 0
        self._due_at = 0.0

    def is_due(self, now: float) -> bool:
        """Tell whether the next step is due."""
        return now >= self._due_at

    async def find(self, connection: Connection, held: Collection[LaneKey], room: int, now: float) -> list[LaneKey]:
        """Take the next step and return the lanes found free, at most `room`, without those held."""
        found, last = await outbox.search(connection, self._after, min(_STEP, 4 * room))
        free = [key for key in found if key not in held]
        self._steps += 1
        if len(free) > room:
            last = free[room - 1]
        if last is None:
            self._due_at = now + _PAUSE_S * self._steps
            self._after, self._steps = _FIRST, 0
        else:
            self._after = last
        return free[:room]
