"""A load generator that costs little: HTTP/1.1 over kept-alive connections, one request in flight on each."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

Requests = Callable[[int], bytes]
"""Returns the n-th request, ready to be written to the socket."""


@dataclass
class Measurement:
    """What one run of load measured: duration, latencies, statuses."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def throughput(self) -> float:
        """Answered requests a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, share: float) -> float:
        """Return a percentile of the latencies in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0


def request_bytes(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Write a request."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection(asyncio.Protocol):
    """One kept-alive connection, with one request in flight."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def connection_lost(self, error: Exception | None) -> None:
        """Fail the request that is in flight."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("The server closes the connection"))

    def data_received(self, data: bytes) -> None:
        """Read an answer."""
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lowered = head.lower()
        position = lowered.find(b"content-length:")
        length = int(lowered[position + 15 :].split(b"\r\n", 1)[0]) if position >= 0 else 0
        if len(rest) >= length:
            self._buffer = rest[length:]
            assert self._answer is not None
            self._answer.set_result(int(head[9:12]))

    async def ask(self, request: bytes) -> int:
        """Send a request and return the status of its answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()


async def connect(port: int) -> Connection:
    """Open a connection to a server on this machine."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


async def put_load(port: int, requests: Requests, *, connections: int, seconds: float) -> Measurement:
    """Send requests for some seconds, numbered through, on so many connections, and measure each answer."""
    measured = Measurement()
    numbers = iter(range(10**9))
    until = time.perf_counter() + seconds

    async def keep_asking() -> None:
        connection = await connect(port)
        while (began := time.perf_counter()) < until:
            status = await connection.ask(requests(next(numbers)))
            measured.latencies.append(time.perf_counter() - began)
            measured.statuses[status] = measured.statuses.get(status, 0) + 1
        connection.close()

    started = time.perf_counter()
    await asyncio.gather(*(keep_asking() for _ in range(connections)))
    measured.seconds = time.perf_counter() - started
    return measured
