"""Keys of devices and people as callers send them: exchanged at auth for a token, which is kept for a short while."""

import asyncio
import hashlib
import time
from collections import OrderedDict

import httpx

from services.kernel.errors import NotAuthenticated, TooMany, Unavailable
from services.kernel.http_client import http_client

DEVICE_KEY_PREFIX = "hbk_"
PERSONAL_KEY_PREFIX = "hbp_"
_EXCHANGES = {DEVICE_KEY_PREFIX: "device-keys/token", PERSONAL_KEY_PREFIX: "personal-keys/token"}
_LENGTH = len(DEVICE_KEY_PREFIX)
_KEPT_S = 60.0
_REFUSED_S = 5.0
_MOST = 20_000
_AT_ONCE = 8


def is_key(text: str) -> bool:
    """Tell whether a text is a key by its beginning."""
    return text[:_LENGTH] in _EXCHANGES


class SentKeys:
    """Tokens of keys, by the keys' SHA-256. A wrong key is not asked about again for five seconds."""

    def __init__(self, auth_url: str) -> None:
        self._auth_url = auth_url.rstrip("/")
        self._kept: OrderedDict[bytes, tuple[str | None, float]] = OrderedDict()
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def token_of(self, key: str) -> str:
        """Return the token of a key. Raises NotAuthenticated, TooMany, Unavailable."""
        mark = _mark(key)
        kept = self._kept.get(mark)
        if kept is None or kept[1] <= time.monotonic():
            async with self._turn:
                kept = self._keep(mark, await self._exchange(key))
        if kept[0] is None:
            raise NotAuthenticated("The key is not valid")
        return kept[0]

    async def renewed_token_of(self, key: str) -> str:
        """Return a token that is made now, in the place of one that has ended. Raises as `token_of`."""
        self._kept.pop(_mark(key), None)
        return await self.token_of(key)

    def _keep(self, mark: bytes, exchanged: tuple[str | None, float]) -> tuple[str | None, float]:
        token, life_s = exchanged
        kept = token, time.monotonic() + life_s
        self._kept[mark] = kept
        self._kept.move_to_end(mark)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return kept

    async def _exchange(self, key: str) -> tuple[str | None, float]:
        try:
            async with http_client() as client:
                answer = await client.post(f"{self._auth_url}/{_EXCHANGES[key[:_LENGTH]]}", json={"key": key})
            if answer.status_code == 429:
                raise TooMany("Too many wrong secrets; try again in a minute")
            if answer.status_code in (400, 401):
                return None, _REFUSED_S
            answer.raise_for_status()
            body = answer.json()
            return str(body["access_token"]), min(_KEPT_S, float(body["expires_in"]) / 2)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable("The authorisation server is away") from error


def _mark(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
