"""Long polls: a feed is waited for until something changes, the time is over, or the client has hung up."""

import asyncio
from typing import TypeVar

from fastapi import Request

from services.auth.operations.feed import Changes, Feed

LONGEST_WAIT_S = 30
C = TypeVar("C")


async def long_poll(request: Request, feed: Feed[C], after: int, wait_s: float) -> Changes[C]:
    """Return the changes of a feed after a position, waiting for one. Raises Unavailable."""
    changes = asyncio.ensure_future(feed.changes_after(after, wait_s))
    gone = asyncio.ensure_future(_until_gone(request))
    try:
        await asyncio.wait((changes, gone), return_when=asyncio.FIRST_COMPLETED)
        return await changes if changes.done() else Changes(after)
    finally:
        changes.cancel()
        gone.cancel()


async def _until_gone(request: Request) -> None:
    """Return when the client has hung up: nobody must be waited for on its behalf."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
