"""Server-Sent Events as text (WHATWG HTML, 9.2.5), and the answer that goes on for as long as its reader stays."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import orjson

from services.broker.http.response import Response
from services.broker.stream.lifetime import until_gone
from services.kernel.telemetry import Send

EVENT_STREAM: Final = "text/event-stream"
_PATIENCE_S: Final = 60.0
_HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)


def event(data: Any, *, place: object, kind: str = "") -> bytes:
    """Write one event: JSON in one line, the id to resume after it, and its kind unless it is a plain message."""
    head = f"event: {kind}\n" if kind else ""
    return f"{head}id: {place}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"


def heartbeat(place: object) -> bytes:
    """Write an event without data: readers do not see it, but resume after its id."""
    return f"id: {place}\n\n".encode()


@dataclass(frozen=True, slots=True)
class EventStream(Response):
    """An answer that sends what `parts` yields until its reader is gone; sending waits for a slow reader, not for ever.

    `parts` is called when the answer is sent and closed at its end, whatever ends it; `gone` returns with the reader.
    """

    gone: Callable[[], Coroutine[Any, Any, None]] | None = None
    parts: Callable[[], AsyncIterator[bytes]] | None = None

    async def send(self, send: Send, *, with_body: bool = True) -> None:
        """Send the stream; HEAD gets the headers alone."""
        extra = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": [*_HEADERS, *extra]})
        if with_body:
            with contextlib.suppress(TimeoutError):
                await self._send_parts(send)
        await send({"type": "http.response.body", "body": b""})

    async def _send_parts(self, send: Send) -> None:
        assert self.gone is not None
        assert self.parts is not None
        async with contextlib.aclosing(until_gone(self.parts(), self.gone())) as parts:
            async for part in parts:
                async with asyncio.timeout(_PATIENCE_S):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
