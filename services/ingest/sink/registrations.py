"""Registrations at the context broker: that updates of a device's commands are forwarded to ingest, by both APIs."""

from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

from services.ingest.sink.port import BatchRefused, SinkAway
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import Unavailable

V2, LD = "v2", "ld"
_TIMEOUT_S = 10
_PATHS = {V2: "/v2/registrations", LD: "/ngsi-ld/v1/csourceRegistrations"}


class HttpRegistrations:
    """Registers and takes back, over HTTP; `provider_url` is where the broker finds ingest."""

    def __init__(self, broker_url: str, credentials: ServiceCredentials, provider_url: str) -> None:
        self._url = broker_url.rstrip("/")
        self._credentials = credentials
        self._provider = provider_url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def register(self, api: str, place: tuple[str, str], entity: Mapping[str, str], names: Sequence[str]) -> str:
        """Register an entity's commands in a tenant and service path; return the id. Raises BatchRefused, SinkAway."""
        body = self._v2(entity, names) if api == V2 else self._ld(entity, names)
        status, location, text = await self._call("POST", _PATHS[api], place, body)
        if status != 201:
            raise BatchRefused(f"The broker answers {status} to a registration: {text}")
        return location.rpartition("/")[2]

    async def remove(self, api: str, place: tuple[str, str], registration_id: str) -> None:
        """Take a registration back; one that is gone already is fine. Raises BatchRefused, SinkAway."""
        status, _, text = await self._call("DELETE", f"{_PATHS[api]}/{registration_id}", place, None)
        if status not in (204, 404):
            raise BatchRefused(f"The broker answers {status} to the removal of a registration: {text}")

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    def _v2(self, entity: Mapping[str, str], names: Sequence[str]) -> dict[str, Any]:
        provided = {"entities": [dict(entity)], "attrs": list(names)}
        return {"dataProvided": provided, "provider": {"http": {"url": f"{self._provider}/v2"}}}

    def _ld(self, entity: Mapping[str, str], names: Sequence[str]) -> dict[str, Any]:
        return {
            "type": "ContextSourceRegistration",
            "mode": "exclusive",
            "operations": ["updateOps"],
            "information": [{"entities": [dict(entity)], "propertyNames": list(names)}],
            "endpoint": self._provider,
        }

    async def _call(self, method: str, path: str, place: tuple[str, str], body: Any) -> tuple[int, str, str]:
        tenant, service_path = place
        headers = {**({"Fiware-Service": tenant} if tenant else {}), "Fiware-ServicePath": service_path}
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S))
        try:
            headers.update(await self._credentials.headers())
            async with self._session.request(method, f"{self._url}{path}", json=body, headers=headers) as answer:
                text = (await answer.text())[:500]
                if answer.status >= 500 or answer.status in (401, 403, 408, 425, 429):
                    raise SinkAway(f"The broker answers {answer.status}: {text}")
                return answer.status, answer.headers.get("Location", ""), text
        except (TimeoutError, aiohttp.ClientError, OSError, Unavailable) as error:
            raise SinkAway(f"The broker does not answer: {error!r:.200}") from error
