"""Fetching a document over HTTP, behind the guard of outgoing requests, with limits of time and size."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import aiohttp

from services.kernel.egress import EgressRefused
from services.kernel.errors import InvalidRequest, Unavailable
from services.kernel.fetch import MOST_REDIRECTS, GuardedClient, TooLarge, TooManyRedirects, read

_AGENT = "Hiroba-ingest"
_LONGEST_WAIT_S = 86_400


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

    def conditions(self) -> dict[str, str]:
        """Return the headers that every server on the way may see."""
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {"User-Agent": _AGENT, **{name: value for name, value in conditions.items() if value}}


class FetchFailed(Exception):
    """The document could not be fetched; `wait` is how long the server asks to be left alone"""

    def __init__(self, words: str, wait: timedelta = timedelta()) -> None:
        super().__init__(words)
        self.wait = wait


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
        try:
            return await asyncio.wait_for(self._ask(ask), self._limits.timeout_s)
        except TimeoutError:
            raise FetchFailed(f"no complete answer within {self._limits.timeout_s:g} s") from None
        except TooManyRedirects:
            raise FetchFailed(f"more than {MOST_REDIRECTS} redirections") from None
        except TooLarge:
            raise FetchFailed(f"the document is larger than {self._limits.most_bytes:,} bytes") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise FetchFailed(f"{type(error).__name__}: {_without_address(error)}") from None

    async def _ask(self, ask: Ask) -> Fetched:
        timeout = aiohttp.ClientTimeout(total=self._limits.timeout_s)
        async with (
            GuardedClient(self._policy, timeout=timeout) as client,
            client.get(ask.url, ask.conditions(), secret=ask.headers) as answer,
        ):
            return await self._read(answer)

    async def _read(self, answer: aiohttp.ClientResponse) -> Fetched:
        etag, modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
        if answer.status == 304:
            return Fetched(b"", etag=etag, last_modified=modified, is_unchanged=True)
        if answer.status != 200:
            words = f"the server answers {answer.status}"
            raise FetchFailed(words, read_wait(answer.headers.get("Retry-After", ""), datetime.now(UTC)))
        content = await read(answer, self._limits.most_bytes)
        disposition = answer.content_disposition
        name = disposition.filename if disposition and disposition.filename else _last_part(str(answer.url))
        return Fetched(content, answer.content_type or "", name, etag, modified)


def read_wait(told: str, now: datetime) -> timedelta:
    """Read `Retry-After`, seconds or a date (RFC 9110, clause 10.2.3), as a day at most; nothing else is a wait."""
    try:
        seconds = int(told) if told.isdecimal() else (parsedate_to_datetime(told) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return timedelta()
    return timedelta(seconds=min(max(seconds, 0), _LONGEST_WAIT_S))


def _last_part(url: str) -> str:
    return unquote(PurePosixPath(urlsplit(url).path).name)


def _without_address(error: BaseException) -> str:
    """Return an error's words without the address, which may hold a password."""
    return "" if isinstance(error, aiohttp.InvalidURL) else str(error)[:200]
