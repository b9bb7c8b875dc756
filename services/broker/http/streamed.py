"""An answer that is made while it is sent: constant memory however long it is."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from services.broker.http.response import Response
from services.kernel.telemetry import Send

_PATIENCE_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class StreamedResponse(Response):
    """An answer whose body is what `parts` yields; it ends early with its reader, whom `gone` returns with.

    A reader that takes nothing for two minutes is given up. What fails on the way ends the connection, so that the
    reader can tell a part from the whole.
    """

    parts: Callable[[], AsyncIterator[bytes]] | None = None
    gone: Callable[[], Coroutine[Any, Any, None]] | None = None

    async def send(self, send: Send, *, with_body: bool = True) -> None:
        """Send the response; HEAD gets the headers alone."""
        headers = [(b"content-type", (self.media_type or "").encode("latin-1"))]
        headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        if with_body:
            await self._send_parts(send)
        await send({"type": "http.response.body", "body": b""})

    async def _send_parts(self, send: Send) -> None:
        assert self.parts is not None
        assert self.gone is not None
        watch = asyncio.ensure_future(self.gone())
        try:
            async with aclosing(self.parts()) as parts:  # type: ignore[type-var]
                async for part in parts:
                    if watch.done():
                        return
                    async with asyncio.timeout(_PATIENCE_S):
                        await send({"type": "http.response.body", "body": part, "more_body": True})
        finally:
            watch.cancel()
