"""Registrations at the context broker, by both APIs: commands and lazy attributes are forwarded to ingest."""

from typing import Any

import aiohttp

from services.ingest.domain.offer import Offer
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

    async def register(self, api: str, offer: Offer) -> str:
        """Register what is offered of an entity; return the registration's id. Raises BatchRefused, SinkAway."""
        body = self._v2(offer) if api == V2 else self._ld(offer)
        status, location, text = await self._call("POST", _PATHS[api], (offer.tenant, offer.path), body)
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

    def _v2(self, offer: Offer) -> dict[str, Any]:
        provided = {"entities": [offer.entity], "attrs": list(offer.registered)}
        mode = "all" if offer.is_updated and offer.lazy else "update" if offer.is_updated else "query"
        provider = {"http": {"url": f"{self._provider}/v2"}, "supportedForwardingMode": mode}
        return {"dataProvided": provided, "provider": provider}

    def _ld(self, offer: Offer) -> dict[str, Any]:
        operations = [*(["retrieveOps"] if offer.lazy else []), *(["updateOps"] if offer.is_updated else [])]
        return {
            "type": "ContextSourceRegistration",
            "mode": "exclusive",
            "operations": operations,
            "information": [{"entities": [offer.entity], "propertyNames": list(offer.registered)}],
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
