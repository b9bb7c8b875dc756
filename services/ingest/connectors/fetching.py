"""Fetching a document over HTTP, behind the guard of outgoing requests, with limits of time and size."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

import aiohttp

from services.kernel.egress import EgressRefused, check_url, connector_arguments
from services.kernel.errors import InvalidRequest, Unavailable

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_CHUNK_BYTES = 65_536
_AGENT = "Hiroba-ingest"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A server's answer: the document and what tells its version; no content if it has not changed (304)."""

    content: bytes
    content_type: str = ""
    name: str = ""
    etag: str = ""
    last_modified: str = ""
    is_unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a fetch may take, and how large the document may be."""

    timeout_s: float
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: address, headers that the server wants, and the version that is known already."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    last_modified: str = ""

    def all_headers(self) -> dict[str, str]:
        """Return what is sent."""
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {"User-Agent": _AGENT, **{name: value for name, value in conditions.items() if value}, **self.headers}


class FetchFailed(Exception):
    """The document could not be fetched"""


class Fetcher:
    """Fetches documents; names are resolved under the policy, redirections are looked at one by one."""

    def __init__(self, policy: str, limits: Limits) -> None:
        self._policy = policy
        self._limits = limits

    @property
    def policy(self) -> str:
        """Where requests may go."""
        return self._policy

    async def fetch_once(self, url: str) -> Fetched:
        """Fetch a document that a caller names. Raises InvalidRequest, Unavailable."""
        try:
            return await self.fetch(Ask(url))
        except EgressRefused as error:
            raise InvalidRequest(error.detail, field="url") from None
        except FetchFailed as error:
            raise Unavailable(f"The document cannot be fetched: {error}") from None

    async def fetch(self, ask: Ask) -> Fetched:
        """Fetch a document. Raises FetchFailed; EgressRefused for an address that this installation does not call."""
        timeout = aiohttp.ClientTimeout(total=self._limits.timeout_s)
        connector = aiohttp.TCPConnector(**connector_arguments(self._policy))
        try:
            async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
                return await asyncio.wait_for(self._follow(session, ask), self._limits.timeout_s)
        except TimeoutError:
            raise FetchFailed(f"no complete answer within {self._limits.timeout_s:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise FetchFailed(f"{type(error).__name__}: {_without_address(error)}") from None

    async def _follow(self, session: aiohttp.ClientSession, ask: Ask) -> Fetched:
        url, headers = ask.url, ask.all_headers()
        for _ in range(_MOST_REDIRECTS + 1):
            check_url(url, self._policy)
            async with session.get(url, headers=headers, allow_redirects=False) as answer:
                if answer.status not in _REDIRECTS:
                    return await self._read(answer, url)
                target = urljoin(url, answer.headers.get("Location", ""))
            if _origin(target) != _origin(url):
                headers = {name: value for name, value in headers.items() if name not in ask.headers}
            url = target
        raise FetchFailed(f"more than {_MOST_REDIRECTS} redirections")

    async def _read(self, answer: aiohttp.ClientResponse, url: str) -> Fetched:
        etag, modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
        if answer.status == 304:
            return Fetched(b"", etag=etag, last_modified=modified, is_unchanged=True)
        if answer.status != 200:
            raise FetchFailed(f"the server answers {answer.status}")
        content = bytearray()
        async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
            content += chunk
            if len(content) > self._limits.most_bytes:
                raise FetchFailed(f"the document is larger than {self._limits.most_bytes:,} bytes")
        disposition = answer.content_disposition
        name = disposition.filename if disposition and disposition.filename else _last_part(url)
        return Fetched(bytes(content), answer.content_type or "", name, etag, modified)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _last_part(url: str) -> str:
    return unquote(PurePosixPath(urlsplit(url).path).name)


def _without_address(error: BaseException) -> str:
    """Return an error's words without the address, which may hold a password."""
    return "" if isinstance(error, aiohttp.InvalidURL) else str(error)[:200]
