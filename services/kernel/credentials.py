"""A service's own client credentials: how services call each other (OAuth 2.1 client_credentials)."""

import asyncio
import logging
import time
from collections.abc import Mapping

import httpx

from services.kernel.errors import Unavailable
from services.kernel.http_client import http_client

_EARLY_S = 30
_log = logging.getLogger("hiroba.credentials")


class ServiceCredentials:
    """Gets a token at auth when one is needed and keeps it until shortly before it expires.

    Without a client (the open local profile) calls go without a token.
    """

    def __init__(self, auth_url: str, client_id: str, client_secret: str) -> None:
        self._token_url = f"{auth_url.rstrip('/')}/oauth/token"
        self._client_id = client_id
        self._client_secret = client_secret
        self._token = ""
        self._until = -float("inf")
        self._lock = asyncio.Lock()

    async def headers(self) -> Mapping[str, str]:
        """Return the headers that authenticate a call. Raises Unavailable while auth is away."""
        if not self._client_id:
            return {}
        if time.monotonic() >= self._until:
            async with self._lock:
                if time.monotonic() >= self._until:
                    await self._fetch()
        return {"Authorization": f"Bearer {self._token}"}

    async def _fetch(self) -> None:
        basic = httpx.BasicAuth(self._client_id, self._client_secret)
        try:
            async with http_client(timeout_s=10) as client:
                form = {"grant_type": "client_credentials"}
                answer = await client.post(self._token_url, data=form, auth=basic)
                answer.raise_for_status()
            body = answer.json()
            self._token, life_s = str(body["access_token"]), float(body["expires_in"])
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            _log.warning("The authorisation server refuses this service's client", extra={"status": status})
            raise Unavailable("The authorisation server refuses this service's client") from error
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable("The authorisation server is away") from error
        self._until = time.monotonic() + max(life_s - _EARLY_S, life_s / 2)
