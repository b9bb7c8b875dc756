"""Downloads of JSON-LD @contexts: bounded in time, size and redirects, behind the guard, with their HTTP lifetime."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import orjson

from services.kernel.clock import Clock
from services.kernel.egress import EgressRefused
from services.kernel.errors import BadData, HubError
from services.kernel.fetch import MOST_REDIRECTS, GuardedClient, TooLarge, TooManyRedirects, read

_DEFAULT_LIFETIME = timedelta(hours=1)
_LONGEST_LIFETIME = timedelta(days=365)
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_ACCEPT = "application/ld+json, application/json;q=0.9, */*;q=0.1"


class LdContextNotAvailable(HubError):
    """The @context cannot be downloaded"""


@dataclass(frozen=True, slots=True)
class Download:
    """A downloaded context document and until when it may be kept."""

    document: Any
    expires_at: datetime


class ContextDownloads:
    """Downloads context documents as the settings allow."""

    def __init__(self, *, policy: str, timeout_s: float, limit_bytes: int, clock: Clock) -> None:
        self._policy = policy
        self._timeout_s = timeout_s
        self._limit = limit_bytes
        self._clock = clock

    async def fetch(self, url: str) -> Download:
        """Download one document. Raises LdContextNotAvailable, and BadData where it is no context."""
        try:
            return await asyncio.wait_for(self._fetch(url), self._timeout_s)
        except TimeoutError:
            raise _unavailable(url, f"it takes longer than {self._timeout_s:g} s") from None
        except EgressRefused as error:
            raise _unavailable(url, error.detail) from error
        except TooManyRedirects:
            raise _unavailable(url, f"there are more than {MOST_REDIRECTS} redirects") from None
        except TooLarge:
            raise _unavailable(url, f"it is larger than {self._limit} bytes") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _unavailable(url, str(error) or type(error).__name__) from error

    async def _fetch(self, url: str) -> Download:
        async with GuardedClient(self._policy, headers={"Accept": _ACCEPT}) as client, client.get(url) as answer:
            if answer.status != 200:
                raise _unavailable(url, f"the answer is {answer.status}")
            document = _parse(url, await read(answer, self._limit))
            return Download(document, _expiry(answer.headers, self._clock()))


def _parse(url: str, body: bytes) -> Any:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadData(f"@context {url} is not JSON", field="@context") from None
    if not isinstance(document, dict) or not isinstance(document.get("@context"), dict | list | str):
        raise BadData(f"@context {url} has no @context", field="@context")
    return document


def _expiry(headers: Mapping[str, str], now: datetime) -> datetime:
    control = headers.get("Cache-Control", "").lower()
    if "no-store" in control or "no-cache" in control:
        return now
    age = _MAX_AGE.search(control)
    if age:
        return now + min(timedelta(seconds=int(age[1])), _LONGEST_LIFETIME)
    if "Expires" in headers:
        try:
            expires = parsedate_to_datetime(headers["Expires"])
        except ValueError:
            return now
        return min(expires.astimezone(now.tzinfo), now + _LONGEST_LIFETIME)
    return now + _DEFAULT_LIFETIME


def _unavailable(url: str, reason: str) -> LdContextNotAvailable:
    return LdContextNotAvailable(f"@context {url} is not available: {reason}", field="@context")
