"""An HTTP/1.1 client for notifications: small requests to many receivers, kept-alive connections, no redirects.

It does what sending a notification needs and nothing else, in a third of the processor time of a general client.
"""

import asyncio
import base64
import re
import socket
import ssl
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

from yarl import URL

from services.broker.notify.http_connection import Answer, ConnectionClosed, HttpConnection
from services.broker.notify.message import HttpMessage
from services.broker.operations.egress import GuardedResolver

_MOST: Final = 512
_MOST_PER_ORIGIN: Final = 64
_IDLE_S: Final = 15.0
_REAP_S: Final = 5.0
_SMUGGLING: Final = re.compile(r"[\r\n\0]")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_OURS: Final = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection"),
        *("te", "trailer", "upgrade", "expect"),
    }
)
"""Headers that say where a request ends and what becomes of its connection, which subscribers share: never theirs."""
_DEFAULTS: Final = (("user-agent", "hiroba"), ("accept", "*/*"))


class Unreachable(OSError):
    """No address of the receiver takes a connection."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a connection leads to."""

    host: str
    port: int
    is_secure: bool


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL taken apart: whom to connect to, the path to ask for, and the headers it stands for."""

    address: Address
    path: str
    host: str
    authorization: str | None


@dataclass(slots=True)
class _Origin:
    """The connections to one address: those idle, newest last, and how many may still be in use at a time."""

    idle: deque[HttpConnection] = field(default_factory=deque)
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_MOST_PER_ORIGIN))
    users: int = 0


class HttpClient:
    """Keeps connections for the next notification to the same receiver. The guard decides where they may lead to."""

    def __init__(self, policy: str) -> None:
        self._resolver = GuardedResolver(policy)
        self._origins: dict[Address, _Origin] = {}
        self._room = asyncio.Semaphore(_MOST)
        self._reaper: asyncio.TimerHandle | None = None
        self._in_use = 0

    async def send(self, message: HttpMessage) -> Answer:
        """Send a request and return its answer; waiting for a connection to be free does not count as time.

        Raises OSError, ValueError and HttpParserError. A kept connection that turns out to be closed is replaced at
        once, by a new one.
        """
        target = _target(message.url)
        request = _request(message, target)
        with self._using(target.address) as origin:
            async with origin.room, self._room:
                self._in_use += 1
                try:
                    deadline = asyncio.get_running_loop().time() + message.timeout_s
                    return await self._ask_kept(origin, request, deadline) or await self._ask_new(
                        target.address, request, deadline
                    )
                finally:
                    self._in_use -= 1

    async def close(self) -> None:
        """Close all connections."""
        if self._reaper is not None:
            self._reaper.cancel()
        for origin in self._origins.values():
            for connection in origin.idle:
                connection.close()
        self._origins.clear()
        await self._resolver.close()

    @contextmanager
    def _using(self, address: Address) -> Iterator[_Origin]:
        origin = self._origins.setdefault(address, _Origin())
        origin.users += 1
        try:
            yield origin
        finally:
            origin.users -= 1
            self._drop_unused(address, origin)

    async def _ask_kept(self, origin: _Origin, request: bytes, deadline: float) -> Answer | None:
        """Ask over a kept connection; return None where there is none that is still open."""
        while origin.idle:
            connection = origin.idle.pop()
            if not connection.is_open:
                continue
            try:
                return await self._ask(origin, connection, request, deadline)
            except ConnectionClosed as closed:
                if not closed.is_stale:
                    raise
        return None

    async def _ask_new(self, address: Address, request: bytes, deadline: float) -> Answer:
        async with asyncio.timeout_at(deadline):
            connection = await self._connect(address)
        return await self._ask(self._origins[address], connection, request, deadline)

    async def _ask(self, origin: _Origin, connection: HttpConnection, request: bytes, deadline: float) -> Answer:
        loop = asyncio.get_running_loop()
        answer = await connection.ask(request, deadline - loop.time())
        if connection.is_open:
            connection.idle_since = loop.time()
            origin.idle.append(connection)
            if self._reaper is None:
                self._reaper = loop.call_later(_REAP_S, self._reap)
        return answer

    async def _connect(self, address: Address) -> HttpConnection:
        self._make_room()
        found = await self._resolver.resolve(address.host, address.port, socket.AF_UNSPEC)
        failure: OSError | None = None
        for each in found:
            try:
                return await self._open(each["host"], address)
            except OSError as error:
                failure = error
        assert failure is not None
        raise Unreachable(failure.strerror or type(failure).__name__) from failure

    async def _open(self, host: str, address: Address) -> HttpConnection:
        tls = self._tls if address.is_secure else None
        name = address.host if address.is_secure else None
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(HttpConnection, host, address.port, ssl=tls, server_hostname=name)
        return connection

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def _make_room(self) -> None:
        """Close the connection that is idle for longest where so many are open as may be in use."""
        kept = [(origin.idle[0].idle_since, origin) for origin in self._origins.values() if origin.idle]
        if kept and self._in_use + sum(len(origin.idle) for _, origin in kept) > _MOST:
            min(kept, key=lambda each: each[0])[1].idle.popleft().close()

    def _reap(self) -> None:
        oldest = asyncio.get_running_loop().time() - _IDLE_S
        for address, origin in list(self._origins.items()):
            while origin.idle and (origin.idle[0].idle_since < oldest or not origin.idle[0].is_open):
                origin.idle.popleft().close()
            self._drop_unused(address, origin)
        has_idle = any(origin.idle for origin in self._origins.values())
        self._reaper = asyncio.get_running_loop().call_later(_REAP_S, self._reap) if has_idle else None

    def _drop_unused(self, address: Address, origin: _Origin) -> None:
        if not origin.users and not origin.idle:
            self._origins.pop(address, None)


@lru_cache(maxsize=20_000)
def _target(text: str) -> _Target:
    url = URL(text)
    if not url.host or not url.port:
        raise ValueError("The URL names no host")
    login = f"{url.user or ''}:{url.password or ''}" if url.user is not None else None
    address = Address(url.host, url.port, url.scheme == "https")
    return _Target(address, url.raw_path_qs, url.host_port_subcomponent or url.host, _basic(login))


def _basic(login: str | None) -> str | None:
    return None if login is None else f"Basic {base64.b64encode(login.encode()).decode()}"


def _request(message: HttpMessage, target: _Target) -> bytes:
    headers = {name: value for name, value in message.headers.items() if name.lower() not in _OURS}
    if not all(map(_NAME.match, headers)):
        raise ValueError("A header's name has a character that names do not have")
    names = {name.lower() for name in headers}
    lines = [f"{message.method} {target.path} HTTP/1.1", f"host: {target.host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"{name}: {value}" for name, value in _DEFAULTS if name not in names]
    if target.authorization is not None and "authorization" not in names:
        lines.append(f"authorization: {target.authorization}")
    body = message.body or b""
    if message.body is not None or message.method in ("POST", "PUT", "PATCH"):
        lines.append(f"content-length: {len(body)}")
    if any(map(_SMUGGLING.search, lines)):
        raise ValueError("A header holds a line break")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
