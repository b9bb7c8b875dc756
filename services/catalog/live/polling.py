"""Asks the context broker, over NGSI-LD, which entity types each tenant has."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import httpx

from services.catalog.domain.dataset import Live
from services.catalog.domain.observation import Observation
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import Unavailable

LONGEST_BREAK_S = 60.0
_FIRST_BREAK_S = 1.0
_MOST_DOUBLINGS = 32
_AT_ONCE = 4
_TIMEOUT_S = 30
_LONGEST_TYPE = 500
_log = logging.getLogger("hiroba.catalog.live")

Tenants = Callable[[], Awaitable[Iterable[str]]]


class PolledLiveTypes:
    """Polls `/types?details=true` and the count of each type (ETSI GS CIM 009, 6.25 and 6.4.3.2).

    While the broker is away or refuses, the pauses grow from a second to a minute; nothing is taken for gone then.
    """

    def __init__(self, client: httpx.AsyncClient, credentials: ServiceCredentials, tenants: Tenants, interval_s: float):
        self._client = client
        self._credentials = credentials
        self._tenants = tenants
        self._interval_s = interval_s

    async def observations(self) -> AsyncIterator[Observation]:
        """Yield every tenant's types, once an interval; endless."""
        failures = 0
        while True:
            try:
                for observation in await self._round():
                    yield observation
                failures, pause_s = 0, self._interval_s
            except (httpx.HTTPError, Unavailable, ValueError) as error:
                pause_s = min(min(_FIRST_BREAK_S, self._interval_s) * 2**failures, LONGEST_BREAK_S)
                failures = min(failures + 1, _MOST_DOUBLINGS)
                _log.info(
                    "The context broker's types cannot be read", extra={"reason": repr(error), "pause_s": pause_s}
                )
            await asyncio.sleep(pause_s)

    async def _round(self) -> list[Observation]:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def observe(tenant: str) -> Observation:
            async with gate:
                return Observation(tenant, tuple(await self._types(tenant)))

        return list(await asyncio.gather(*(observe(tenant) for tenant in await self._tenants())))

    async def _types(self, tenant: str) -> list[Live]:
        answer = await self._get(tenant, "/ngsi-ld/v1/types", {"details": "true"})
        if answer.status_code == httpx.codes.NOT_FOUND and "NonexistentTenant" in answer.text:
            return []  # the broker has never heard of the tenant (GS CIM 009, 6.3.14)
        answer.raise_for_status()
        described = [each for each in _listed(answer) if len(str(each.get("id", ""))) <= _LONGEST_TYPE]
        return [await self._live(tenant, each) for each in described]

    async def _live(self, tenant: str, described: dict[str, Any]) -> Live:
        entity_type = str(described["id"])
        name = str(described.get("typeName") or entity_type)
        answer = await self._get(tenant, "/ngsi-ld/v1/entities", {"type": entity_type, "limit": "0", "count": "true"})
        answer.raise_for_status()
        count = int(answer.headers.get("NGSILD-Results-Count", "0"))
        attributes = described.get("attributeNames") or []
        return Live(entity_type, name, tuple(sorted(str(attribute) for attribute in attributes)), count)

    async def _get(self, tenant: str, path: str, parameters: dict[str, str]) -> httpx.Response:
        headers = {"Accept": "application/json", **await self._credentials.headers()}
        if tenant:
            headers["NGSILD-Tenant"] = tenant
        return await self._client.get(path, params=parameters, headers=headers, timeout=_TIMEOUT_S)


def _listed(answer: httpx.Response) -> list[dict[str, Any]]:
    """Return the entity types of an answer. Raises ValueError if it has another form."""
    body = answer.json()
    if not isinstance(body, list) or not all(isinstance(each, dict) and each.get("id") for each in body):
        raise ValueError("The broker's answer is no array of entity types")
    return body
