"""The connections to the providers of NGSIv2 registrations: one pool for all requests, opened at the first."""

from typing import Final

import aiohttp

from services.kernel.egress import connector_arguments

_CONNECTIONS: Final = 200
_CONNECTIONS_PER_HOST: Final = 32


class ProviderSession:
    """Holds the HTTP session of forwarded requests; every connection passes the egress guard."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    def open(self, policy: str) -> aiohttp.ClientSession:
        """Return the session; the first caller's egress policy is kept."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=_CONNECTIONS, limit_per_host=_CONNECTIONS_PER_HOST, **connector_arguments(policy)
            )
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
