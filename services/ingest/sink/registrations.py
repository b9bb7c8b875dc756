"""Registrations and subscriptions at the context broker: commands and lazy attributes reach ingest."""

from typing import Any
from urllib.parse import quote

import aiohttp

from services.ingest.domain.offer import TOLD, Offer
from services.ingest.sink.port import BatchRefused, SinkAway
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import Unavailable
from services.kernel.seal import Seal

V2, LD, SUBSCRIPTION = "v2", "ld", "subscription"
SEAL_HEADER = "X-Hiroba-Seal"
"""With which the broker shows whose commands it was asked to notify."""
NOTIFIED = "/notify"
"""Where ingest takes notifications; those of configuration below it."""
_TIMEOUT_S = 10
_PATHS = {V2: "/v2/registrations", LD: "/ngsi-ld/v1/csourceRegistrations", SUBSCRIPTION: "/v2/subscriptions"}


class HttpRegistrations:
    """Registers, subscribes and takes back, over HTTP; `provider_url` is where the broker finds ingest."""

    def __init__(self, broker_url: str, credentials: ServiceCredentials, provider_url: str, seal: Seal) -> None:
        self._url = broker_url.rstrip("/")
        self._credentials = credentials
        self._provider = provider_url.rstrip("/")
        self._seal = seal
        self._session: aiohttp.ClientSession | None = None

    async def register(self, api: str, offer: Offer) -> str:
        """Register what is offered of an entity, or subscribe to it; return the broker's id of that.

        Before a subscription the entity is made, with commands that are null: nothing is commanded yet (IoT agent API,
        Entity creation when cmdMode is notification). Raises BatchRefused, SinkAway.
        """
        place = offer.tenant, offer.path
        if api == SUBSCRIPTION:
            await self._call("POST", "/v2/entities?options=upsert", place, _initial_entity(offer))
        status, location, text = await self._call("POST", _path(api), place, self._body(api, offer))
        if status != 201:
            raise BatchRefused(f"The broker answers {status} to a registration: {text}")
        return location.rpartition("/")[2]

    async def clear(self, offer: Offer) -> None:
        """Remove the attributes of commands from their entity; one that is gone already is fine. Raises SinkAway."""
        for name in offer.commands:
            path = f"/v2/entities/{quote(offer.entity_id, safe=':')}/attrs/{quote(name, safe='')}"
            await self._call("DELETE", f"{path}?type={quote(offer.entity_type)}", (offer.tenant, offer.path), None)

    async def remove(self, api: str, place: tuple[str, str], registration_id: str) -> None:
        """Take a registration back; one that is gone already is fine. Raises BatchRefused, SinkAway."""
        status, _, text = await self._call("DELETE", f"{_path(api)}/{registration_id}", place, None)
        if status not in (204, 404):
            raise BatchRefused(f"The broker answers {status} to the removal of a registration: {text}")

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    def _body(self, api: str, offer: Offer) -> dict[str, Any]:
        if api.startswith(TOLD):
            return self._told(offer, int(api.removeprefix(TOLD)))
        bodies = {V2: self._v2, LD: self._ld, SUBSCRIPTION: self._commands}
        return bodies[api](offer)

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

    def _commands(self, offer: Offer) -> dict[str, Any]:
        names = sorted(offer.commands)
        body = self._subscription(offer, names, NOTIFIED, f"{offer.tenant}\n{offer.entity_id}")
        body["description"] = f"Commands of {offer.entity_id:.500}, kept by ingest"
        body["subject"]["condition"]["alterationTypes"] = ["entityUpdate"]
        body["notification"]["onlyChangedAttrs"] = True
        return body

    def _told(self, offer: Offer, number: int) -> dict[str, Any]:
        body = self._subscription(
            offer, list(offer.told[number]), f"{NOTIFIED}/configuration", f"{offer.tenant}\n{number}"
        )
        body["description"] = f"Configuration of {offer.entity_id:.500}, kept by ingest"
        return body

    def _subscription(self, offer: Offer, names: list[str], path: str, known_by: str) -> dict[str, Any]:
        """Return a subscription to attributes of the entity; `known_by` is sealed into its notifications."""
        headers = {SEAL_HEADER: self._seal.close(known_by)}
        return {
            "subject": {"entities": [offer.entity], "condition": {"attrs": names}},
            "notification": {
                "httpCustom": {"url": f"{self._provider}{path}", "headers": headers},
                "attrs": names,
                "attrsFormat": "normalized",
            },
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


def _path(api: str) -> str:
    return _PATHS[SUBSCRIPTION if api.startswith(TOLD) else api]


def _initial_entity(offer: Offer) -> dict[str, Any]:
    return offer.entity | {name: {"type": kind, "value": None} for name, kind in offer.commands.items()}
