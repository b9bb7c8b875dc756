"""Ends a stream with its reader: what is waited for is given up as soon as the connection is."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from typing import Any


async def until_gone(parts: AsyncIterator[bytes], gone: Coroutine[Any, Any, None]) -> AsyncGenerator[bytes]:
    """Yield parts until there are no more or `gone` returns; then close what yields them."""
    watch = asyncio.ensure_future(gone)
    try:
        while True:
            following = asyncio.ensure_future(anext(parts, None))
            await asyncio.wait((following, watch), return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                following.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await following
                return
            part = following.result()
            if part is None or watch.done():
                return
            yield part
    finally:
        watch.cancel()
        close = getattr(parts, "aclose", None)
        if close is not None:
            await close()
