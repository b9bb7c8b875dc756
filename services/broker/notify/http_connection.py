"""One connection to a receiver, with one request in flight, parsed by llhttp."""

import asyncio
from dataclasses import dataclass
from typing import Final, cast

import httptools

_LONGEST_ANSWER: Final = 64 * 1024
_INFORMATION: Final = 200


class ConnectionClosed(ConnectionError):
    """The receiver closes the connection; `is_stale` where it did not answer at all."""

    def __init__(self, *, is_stale: bool) -> None:
        super().__init__("The receiver closes the connection")
        self.is_stale = is_stale


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer and how many bytes of its body were read."""

    status: int
    received: int


class HttpConnection(asyncio.Protocol):
    """Sends requests one after the other; of a long answer only the beginning is read."""

    def __init__(self) -> None:
        self.is_open = False
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._begin()

    def _begin(self) -> None:
        self._received = 0
        self._read = 0
        self._has_headers = False
        self._is_measured = False
        self._is_done = False
        self._is_alone = False

    async def ask(self, request: bytes, timeout_s: float) -> Answer:
        """Send a request and return its answer. Raises TimeoutError, ConnectionClosed, HttpParserError."""
        if self._transport is None or not self.is_open:
            raise ConnectionClosed(is_stale=True)
        loop = asyncio.get_running_loop()
        self._begin()
        self._is_alone = request.startswith(b"HEAD ")
        self._answer = loop.create_future()
        timer = loop.call_later(timeout_s, self._fail, TimeoutError())
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            timer.cancel()
            if not self._is_done:
                self.close()

    def close(self) -> None:
        """Close the connection."""
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def connection_lost(self, error: Exception | None) -> None:
        """End an answer that ends with its connection, and fail any other."""
        self.is_open = False
        if self._has_headers and not self._is_measured:
            self._finish()
        self._fail(ConnectionClosed(is_stale=not self._read))

    def data_received(self, data: bytes) -> None:
        """Read an answer; what nobody asked for closes the connection."""
        if self._answer is None or self._answer.done():
            self.close()
            return
        self._read += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(error)
            self.close()
            return
        if not self._is_done and self._read > _LONGEST_ANSWER:
            self._cut()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note whether the answer says how long it is (called by the parser)."""
        self._is_measured = self._is_measured or name.lower() in (b"content-length", b"transfer-encoding")

    def on_headers_complete(self) -> None:
        """Note that the status is known (called by the parser)."""
        self._has_headers = self._parser.get_status_code() >= _INFORMATION
        if self._has_headers and self._is_alone:
            self._cut()

    def on_body(self, body: bytes) -> None:
        """Count and forget (called by the parser)."""
        self._received += len(body)

    def on_message_complete(self) -> None:
        """Give the answer, unless it only announces another (called by the parser)."""
        if self._has_headers:
            is_reusable = self._parser.should_keep_alive()
            self._finish()
            if not is_reusable:
                self.close()

    def _cut(self) -> None:
        if self._has_headers:
            self._finish()
        else:
            self._fail(ConnectionClosed(is_stale=False))
        self.close()

    def _finish(self) -> None:
        self._is_done = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Answer(self._parser.get_status_code(), self._received))

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
