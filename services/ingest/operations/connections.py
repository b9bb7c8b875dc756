"""How the connections to other parts are, told as the IoT agent tells it (`/iot/about`)."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from services.kernel.clock import Clock, to_iso

_LONGEST_S = 5.0


@dataclass(slots=True)
class Connection:
    """What was found at one part, each time somebody asked."""

    check: Callable[[], Awaitable[bool]]
    last_ok: str | None = None
    last_error: str | None = None
    fails: int = 0

    async def look(self, clock: Clock) -> dict[str, Any]:
        """Check the part now, and write how it is: times of the last success and failure, failures in a row."""
        began = time.monotonic()
        try:
            is_ok = await asyncio.wait_for(self.check(), _LONGEST_S)
        except TimeoutError:
            is_ok = False
        latency_ms = round((time.monotonic() - began) * 1000, 1)
        if is_ok:
            self.last_ok, self.fails = to_iso(clock()), 0
        else:
            self.last_error, self.fails = to_iso(clock()), self.fails + 1
        found = {"ok": is_ok, "latencyMs": latency_ms, "consecutiveFails": self.fails}
        return found | {"lastOk": self.last_ok, "lastError": self.last_error}
