"""Getting documents by HTTP: every address passes the guard, redirects are followed singly, bodies are bounded."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urljoin, urlsplit

import aiohttp

from services.kernel.egress import check_url, connector_arguments

MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK_BYTES = 65_536


class TooLarge(Exception):
    """The document has more bytes than are taken"""


class TooManyRedirects(Exception):
    """The address leads on more often than is followed"""


class GuardedClient:
    """Gets documents in one session of aiohttp, in the networks that the policy allows."""

    def __init__(self, policy: str, **session: object) -> None:
        """Take the policy of `services.kernel.egress`, and what `aiohttp.ClientSession` is to be given besides."""
        self._policy = policy
        self._arguments = session
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "GuardedClient":
        """Open the connections."""
        connector = aiohttp.TCPConnector(**connector_arguments(self._policy))
        self._session = aiohttp.ClientSession(connector=connector, **self._arguments)  # type: ignore[arg-type]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def get(
        self, url: str, headers: Mapping[str, str] | None = None, *, secret: Mapping[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield the answer that an address leads to; secret headers go to no other origin than its own.

        Raises EgressRefused, TooManyRedirects, and what aiohttp raises.
        """
        assert self._session is not None
        origin = _origin(url)
        for _ in range(MOST_REDIRECTS + 1):
            check_url(url, self._policy)
            sent = {**(headers or {}), **(secret or {})}
            async with self._session.get(url, headers=sent, allow_redirects=False) as answer:
                if answer.status not in _REDIRECTS or "Location" not in answer.headers:
                    yield answer
                    return
                url = urljoin(url, answer.headers["Location"])
            secret = secret if _origin(url) == origin else None
        raise TooManyRedirects


async def read(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """Return the body of an answer. Raises TooLarge as soon as it is longer than what is taken."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > most_bytes:
            raise TooLarge
    return bytes(body)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
