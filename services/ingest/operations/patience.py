"""Trying again, with growing pauses, while a part is away."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.ingest.operations.figures import Figures
from services.kernel.errors import Unavailable

T = TypeVar("T")
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_log = logging.getLogger("hiroba.ingest")


async def pause(attempt: int) -> None:
    """Wait before attempt number `attempt` + 1: 0.1 s at first, doubled each time up to 5 s, with jitter."""
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(attempt, 10))
    await asyncio.sleep(longest * random.uniform(0.5, 1))  # noqa: S311


async def until_stored(work: Callable[[], Awaitable[T]], figures: Figures) -> T:
    """Return what `work` with the database returns, trying again for as long as it fails.

    Whatever the database's trouble is, the measures behind it must wait and not be lost.
    """
    attempt = 0
    while True:
        try:
            return await work()
        except Exception as error:
            _log.warning("The database is away; measures wait", extra={"reason": repr(error), "attempt": attempt})
            figures.retries.labels("database").inc()
            await pause(attempt)
            attempt += 1


async def stored_within(longest_s: float, work: Callable[[], Awaitable[T]], figures: Figures) -> T:
    """Return what `work` with the database returns, for somebody who waits no longer. Raises Unavailable."""
    try:
        async with asyncio.timeout(longest_s):
            return await until_stored(work, figures)
    except TimeoutError as error:
        raise Unavailable("The database is away; try again") from error
