"""Calls to applications and providers: what they publish, and the keys that they sign with."""

import base64
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from services.auth.domain.openid.application import Application
from services.kernel.egress import Policy, check_url, connector_arguments
from services.kernel.errors import BadData
from services.kernel.fetch import TooLarge, read

_KEPT_S = 300.0
_LEAST_S = 5.0
_REMEMBERED = 1000
_LARGEST_BYTES = 256 * 1024
_TIMEOUT_S = 5.0


class ClientKeys:
    """Fetches what others publish (`jwks_uri`, `sector_identifier_uri`, metadata), in the networks that are allowed.

    Keys are kept for five minutes, and asked for again when one is named that is not among them, at most every 5 s.
    """

    def __init__(self, policy: Policy = "public") -> None:
        self._policy = policy
        self._kept: dict[str, tuple[Mapping[str, Any], float]] = {}

    async def keys_of(self, application: Application, kid: str | None) -> Mapping[str, Any]:
        """Return the JWK set of an application. Raises BadData if there is none that can be read."""
        details = application.details
        if details.jwks is not None:
            return details.jwks
        if details.jwks_uri is None:
            raise BadData("The application has no keys", field="jwks")
        return await self.keys_at(details.jwks_uri, kid)

    async def keys_at(self, url: str, kid: str | None) -> Mapping[str, Any]:
        """Return the JWK set at an address, fetched anew where a key is named that is not known. Raises BadData."""
        kept, since = self._kept.get(url, ({}, -float("inf")))
        age = time.monotonic() - since
        if age > _KEPT_S or (age > _LEAST_S and kid is not None and not _names(kept, kid)):
            kept = await self._fetch_keys(url)
        return kept

    async def fetch(self, url: str) -> Any:
        """Return the JSON document at an address. Raises BadData."""
        return await self._call("GET", url)

    async def post(self, url: str, form: Mapping[str, str], basic: tuple[str, str] | None) -> Any:
        """Return what an address answers to a form, sent with HTTP Basic if there are credentials. Raises BadData."""
        headers = {} if basic is None else {"Authorization": _basic(basic)}
        return await self._call("POST", url, data=dict(form), headers=headers)

    async def _call(self, method: str, url: str, **more: Any) -> Any:
        check_url(url, self._policy)
        connector = aiohttp.TCPConnector(**connector_arguments(self._policy))
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
                session.request(method, url, allow_redirects=False, **more) as answer,
            ):
                body = await read(answer, _LARGEST_BYTES)
                return orjson.loads(body) if answer.status == 200 else _refuse(answer.status)
        except (TooLarge, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise BadData("What lies at another address cannot be read") from error

    async def _fetch_keys(self, url: str) -> Mapping[str, Any]:
        document = await self.fetch(url)
        if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
            raise BadData("What the application publishes is no JWK set", field="jwks_uri")
        if len(self._kept) >= _REMEMBERED:
            self._kept.clear()
        self._kept[url] = document, time.monotonic()
        return document


def _basic(credentials: tuple[str, str]) -> str:
    """Return the header of HTTP Basic, each part form-encoded first (RFC 6749, 2.3.1)."""
    pair = ":".join(quote(each, safe="") for each in credentials)
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _names(keys: Mapping[str, Any], kid: str) -> bool:
    return any(isinstance(key, dict) and key.get("kid") == kid for key in keys.get("keys", ()))


def _refuse(status: int) -> Any:
    raise ValueError(f"The answer is {status}")
