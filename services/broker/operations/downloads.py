"""Downloads of JSON-LD @contexts: bounded in time, size and redirects, behind the guard, with their HTTP lifetime."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

import aiohttp
import orjson

from services.broker.operations.egress import EgressRefused, check_url, connector_arguments
from services.kernel.clock import Clock
from services.kernel.errors import BadData, HubError

_REDIRECTS = 5
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
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _unavailable(url, str(error) or type(error).__name__) from error

    async def _fetch(self, url: str) -> Download:
        connector = aiohttp.TCPConnector(**connector_arguments(self._policy))
        async with aiohttp.ClientSession(connector=connector, headers={"Accept": _ACCEPT}) as client:
            place = url
            for _ in range(_REDIRECTS + 1):
                check_url(place, self._policy)
                async with client.get(place, allow_redirects=False) as answer:
                    if answer.status in (301, 302, 303, 307, 308) and "Location" in answer.headers:
                        place = urljoin(place, answer.headers["Location"])
                        continue
                    if answer.status != 200:
                        raise _unavailable(url, f"the answer is {answer.status}")
                    document = _parse(url, await self._read(url, answer))
                    return Download(document, _expiry(answer.headers, self._clock()))
        raise _unavailable(url, f"there are more than {_REDIRECTS} redirects")

    async def _read(self, url: str, answer: aiohttp.ClientResponse) -> bytes:
        body = b""
        async for chunk in answer.content.iter_chunked(65536):
            body += chunk
            if len(body) > self._limit:
                raise _unavailable(url, f"it is larger than {self._limit} bytes")
        return body


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
