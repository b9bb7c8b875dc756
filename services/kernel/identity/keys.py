"""The issuer's public keys, fetched and kept."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from services.kernel.errors import Unavailable
from services.kernel.http_client import http_client

KeySource = Callable[[], Awaitable[Mapping[str, Any]]]
"""Returns a JWK set (RFC 7517, 5). Raises Unavailable."""

REFRESH_S = 300
_LEAST_REFRESH_S = 5
_RETRY_S = 1


class HttpKeys:
    """A key source: auth's JWK set over HTTP."""

    def __init__(self, auth_url: str) -> None:
        self._url = f"{auth_url.rstrip('/')}/jwks.json"

    async def __call__(self) -> Mapping[str, Any]:
        """Fetch the set. Raises Unavailable."""
        try:
            async with http_client() as client:
                answer = await client.get(self._url)
                answer.raise_for_status()
                keys: Mapping[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable("The authorisation server's keys cannot be read") from error
        return keys


class KeyCache:
    """The issuer's public keys, fetched when they are old or a key is asked for that is not there.

    The source is asked by one caller at a time and at most every 5 s (every second until it has answered once),
    whatever tokens arrive; while it is away the keys that are known serve on.
    """

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._keys: dict[str | None, Key] = {}
        self._stale_at = self._retry_at = -float("inf")
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> Key | None:
        """Return the key of an identifier, None if the issuer has no such key. Raises Unavailable."""
        if self._is_due(kid) and not (kid in self._keys and self._lock.locked()):
            async with self._lock:
                if self._is_due(kid):
                    await self._fetch()
        if not self._keys:
            raise Unavailable("The authorisation server's keys cannot be read")
        return self._keys.get(kid)

    def _is_due(self, kid: str) -> bool:
        return time.monotonic() >= (self._stale_at if kid in self._keys else self._retry_at)

    async def _fetch(self) -> None:
        try:
            fetched = KeySet.import_key_set(await self._source())  # type: ignore[arg-type]
        except (Unavailable, JoseError, ValueError, KeyError, TypeError):
            self._retry_at = time.monotonic() + _RETRY_S
            self._stale_at = time.monotonic() + _LEAST_REFRESH_S
            return
        self._keys = {key.kid: key for key in fetched}
        self._retry_at = time.monotonic() + _LEAST_REFRESH_S
        self._stale_at = time.monotonic() + REFRESH_S
