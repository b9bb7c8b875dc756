"""How long to wait before a part of the hub that is away is asked again."""

import asyncio
import random
import time
from collections.abc import Callable

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 15.0
_SHORT_ABSENCE_S = 30.0


class Patience:
    """Pauses of one loop: half a second for half a minute, then growing with the absence up to 15 s, with jitter.

    A part that starts later than others, or again, is so noticed at once; one that is away for long is asked seldom.
    `clock` tells seconds that only go up.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._away_since: float | None = None

    def met(self) -> None:
        """Note that the part has answered."""
        self._away_since = None

    def pause_s(self) -> float:
        """Return how many seconds to wait after a failure."""
        now = self._clock()
        if self._away_since is None:
            self._away_since = now
        late_s = now - self._away_since - _SHORT_ABSENCE_S
        if late_s <= 0:
            return _FIRST_PAUSE_S
        return max(_FIRST_PAUSE_S, min(_LONGEST_PAUSE_S, late_s / 2) * random.uniform(0.75, 1))  # noqa: S311

    async def wait(self) -> None:
        """Wait after a failure."""
        await asyncio.sleep(self.pause_s())
