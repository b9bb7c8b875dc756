"""The HTTP client of notifications: kept connections, as many as an origin may have, no redirects."""

import asyncio
import re
import weakref
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import aiohttp
from yarl import URL

from services.broker.notify.message import HttpMessage
from services.kernel.egress import connector_arguments

_MOST: Final = 512
_MOST_PER_ORIGIN: Final = 64
_LONGEST_ANSWER: Final = 64 * 1024
_FRAMING: Final = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection"),
        *("te", "trailer", "upgrade", "expect"),
    }
)
"""Headers that say where a request ends and what becomes of its connection, which subscribers share: never theirs."""
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None)
_AGENT: Final = {"User-Agent": "hiroba"}


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer and how many bytes of its body were read."""

    status: int
    received: int


class HttpClient:
    """Keeps connections for the next notification to the same receiver. The guard decides where they may lead to."""

    def __init__(self, policy: str) -> None:
        connector = aiohttp.TCPConnector(limit=_MOST, limit_per_host=_MOST_PER_ORIGIN, **connector_arguments(policy))
        self._session = aiohttp.ClientSession(
            connector=connector, headers=_AGENT, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        )
        self._room = asyncio.Semaphore(_MOST)
        self._rooms: weakref.WeakValueDictionary[URL, asyncio.Semaphore] = weakref.WeakValueDictionary()

    async def send(self, message: HttpMessage) -> Answer:
        """Send a request and return its answer; waiting for a connection to be free does not count as time.

        A kept connection that the receiver closed is replaced at once, by a new one. Raises OSError, ValueError,
        TimeoutError and aiohttp.ClientError.
        """
        url, origin = _target(message.url)
        headers = {name: value for name, value in message.headers.items() if name.lower() not in _FRAMING}
        if not all(map(_NAME.match, headers)):
            raise ValueError("A header's name has a character that names do not have")
        if url.user is not None and any(name.lower() == "authorization" for name in headers):
            url = url.with_user(None)
        room = self._rooms.setdefault(origin, asyncio.Semaphore(_MOST_PER_ORIGIN))
        async with room, self._room, asyncio.timeout(message.timeout_s):
            try:
                return await self._ask(message, url, headers)
            except (aiohttp.ServerDisconnectedError, ConnectionResetError):
                return await self._ask(message, url, headers)

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def _ask(self, message: HttpMessage, url: URL, headers: dict[str, str]) -> Answer:
        async with self._session.request(
            message.method, url, data=message.body, headers=headers, allow_redirects=False, timeout=_NO_TIMEOUT
        ) as answer:
            return Answer(answer.status, await _drain(answer))


@lru_cache(maxsize=20_000)
def _target(text: str) -> tuple[URL, URL]:
    url = URL(text)
    return url, url.origin()


async def _drain(answer: aiohttp.ClientResponse) -> int:
    """Read a short answer so that the connection can be used again; close it on a long one. Return what was read."""
    received = 0
    async for chunk in answer.content.iter_any():
        received += len(chunk)
        if received > _LONGEST_ANSWER:
            answer.close()
            break
    return received
