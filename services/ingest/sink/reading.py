"""Reading entities back from the context broker: NGSI-LD query (clause 5.7.2), page by page, as the caller may."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from services.kernel.errors import InvalidRequest, NotAllowed, NotAuthenticated, Unavailable

_PATH = "/ngsi-ld/v1/entities"
_PAGE = 1000
_REFUSALS = {401: NotAuthenticated, 403: NotAllowed}
Entity = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entities: of a tenant, a type and a service path (`/`: all); `headers` say who asks."""

    tenant: str
    type: str
    path: str
    headers: Mapping[str, str]


class HttpEntities:
    """Reads entities over HTTP with the caller's own token, so that the broker decides what may be seen."""

    def __init__(self, broker_url: str, timeout_s: float) -> None:
        self._url = broker_url.rstrip("/") + _PATH
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)

    async def pages(self, sought: Sought) -> AsyncIterator[list[Entity]]:
        """Yield the entities in pages. Raises Unavailable, NotAllowed, NotAuthenticated, InvalidRequest."""
        headers = {"Accept": "application/json", **sought.headers}
        headers |= {"NGSILD-Tenant": sought.tenant} if sought.tenant else {}
        scope = {} if sought.path == "/" else {"scopeQ": f"{sought.path}"}
        async with aiohttp.ClientSession(timeout=self._timeout, headers=headers) as session:
            offset = 0
            while True:
                asked = {"type": sought.type, "limit": str(_PAGE), "offset": str(offset), **scope}
                page = await self._page(session, asked)
                if page:
                    yield page
                if len(page) < _PAGE:
                    return
                offset += _PAGE

    async def _page(self, session: aiohttp.ClientSession, asked: Mapping[str, str]) -> list[Entity]:
        try:
            async with session.get(self._url, params=asked) as answer:
                if answer.status == 200:
                    return list(await answer.json(content_type=None))
                if answer.status == 404:
                    return []
                text = (await answer.text())[:300]
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unavailable(f"The context broker does not answer: {type(error).__name__}") from error
        if refusal := _REFUSALS.get(answer.status):
            raise refusal(f"The context broker answers {answer.status}: {text}")
        if answer.status >= 500:
            raise Unavailable(f"The context broker answers {answer.status}")
        raise InvalidRequest(f"The context broker answers {answer.status}: {text}")
