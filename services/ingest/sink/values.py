"""Reading an entity's attributes from the context broker (NGSI-LD, clause 5.7.1)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from services.ingest.sink.port import SinkAway
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import Unavailable

_TIMEOUT_S = 10
_NOT_VALUES = ("id", "type", "scope", "@context")


class HttpReader:
    """Reads values by attribute name; one session keeps the connections."""

    def __init__(self, broker_url: str, credentials: ServiceCredentials) -> None:
        self._url = broker_url.rstrip("/")
        self._credentials = credentials
        self._session: aiohttp.ClientSession | None = None

    async def read(self, tenant: str, entity_id: str, names: Sequence[str]) -> dict[str, Any]:
        """Return those of an entity's attributes that it has; nothing of one that is not there. Raises SinkAway."""
        headers = {"NGSILD-Tenant": tenant} if tenant else {}
        parameters = {
            "attrs": ",".join(quote(name, safe="") for name in names),
            "options": "keyValues",
            "local": "true",
        }
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S))
        url = f"{self._url}/ngsi-ld/v1/entities/{quote(entity_id, safe=':')}"
        try:
            headers.update(await self._credentials.headers())
            async with self._session.get(url, params=parameters, headers=headers) as answer:
                content = await answer.read()
        except (TimeoutError, aiohttp.ClientError, OSError, Unavailable) as error:
            raise SinkAway(f"The broker does not answer: {error!r:.200}") from error
        if answer.status == 404:
            return {}
        if answer.status != 200:
            raise SinkAway(f"The broker answers {answer.status}: {content[:200].decode(errors='replace')}")
        found = orjson.loads(content)
        return {name: value for name, value in found.items() if name not in _NOT_VALUES}

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
