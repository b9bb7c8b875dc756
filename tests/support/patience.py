"""Waiting for what comes about: no longer than it takes, and as long as a slow and busy machine may need."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

LONGEST_S = 180.0
_LOOK_S = 0.05


async def until(condition: Callable[[], Any | Awaitable[Any]], timeout_s: float = LONGEST_S) -> Any:
    """Wait until a condition holds, and return what it found. Raises TimeoutError."""
    deadline = time.monotonic() + timeout_s
    while True:
        result = condition()
        if found := (await result) if isinstance(result, Awaitable) else result:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"It does not come about within {timeout_s:g} s")
        await asyncio.sleep(_LOOK_S)


def eventually(holds: Callable[[], object], timeout_s: float = LONGEST_S) -> None:
    """Wait until a condition holds, without an event loop. Raises TimeoutError."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"It does not come about within {timeout_s:g} s")
        time.sleep(_LOOK_S)
