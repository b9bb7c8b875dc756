"""Receivers of notifications in one process: they cost little, keep when what came, and can be slow.

`python -m bench.notification_receiver COUNT` prints the ports as JSON, and ends with its parent. A notification comes
as `POST /<number of the subscription>` and holds one integer of 16 digits, the stamp of its update in microseconds.
"""

import asyncio
import json
import re
import sys
import time
from array import array
from typing import cast

import uvloop

_STAMP = re.compile(rb"[:\[ ](\d{16})\b")
_NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


class Book:
    """What came: for each notification the subscription's number, the stamp and the time of arrival, in order."""

    def __init__(self) -> None:
        self._rows = array("q")

    def note(self, number: int, body: bytes) -> None:
        """Note one notification."""
        found = _STAMP.search(body)
        if found is not None:
            self._rows.extend((number, int(found[1]), time.time_ns() // 1000))

    def take(self) -> bytes:
        """Return everything and begin anew."""
        taken, self._rows = self._rows.tobytes(), array("q")
        return taken


class _Receiver(asyncio.Protocol):
    def __init__(self, book: Book, delays_s: dict[int, float]) -> None:
        self._book = book
        self._delays_s = delays_s
        self._buffer = b""
        self._port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._port = transport.get_extra_info("sockname")[1]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lowered = head.lower()
        position = lowered.find(b"content-length:")
        length = int(lowered[position + 15 :].split(b"\r\n", 1)[0]) if position >= 0 else 0
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        self._take(head.split(b" ", 2)[:2], rest[:length])

    def _take(self, line: list[bytes], body: bytes) -> None:
        method, path = line
        if method == b"POST":
            self._book.note(int(path[1:]), body)
            self._answer_later()
            return
        if method == b"PUT":
            self._delays_s[self._port] = int(path[1:]) / 1000
        answer = self._book.take() if method == b"GET" else b""
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(answer) + answer)

    def _answer_later(self) -> None:
        delay_s = self._delays_s.get(self._port, 0.0)
        if delay_s:
            asyncio.get_running_loop().call_later(delay_s, self._answer)
        else:
            self._answer()

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(_NO_CONTENT)


async def receive(count: int) -> None:
    """Listen on so many ports until the process is ended."""
    book, delays_s, ports = Book(), dict[int, float](), []
    loop = asyncio.get_running_loop()
    for _ in range(count):
        server = await loop.create_server(lambda: _Receiver(book, delays_s), "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
    print(json.dumps(ports), flush=True)
    await loop.create_future()


if __name__ == "__main__":
    uvloop.run(receive(int(sys.argv[1])))
