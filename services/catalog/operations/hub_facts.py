"""Asking the hub's services, in the catalogue's own name, for what a data map is drawn from."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from services.catalog.datamap.facts import AgreementFact, Facts, ServiceFact, SourceFact, SubscriptionFact
from services.catalog.datamap.sources import ON_REQUEST, source_of
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import Unavailable

_TIMEOUT_S: Final = 30
_MOST: Final = 1000
_CHANNELS: Final = ("http", "httpCustom", "mqtt", "mqttCustom", "kafka", "kafkaCustom")


@dataclass(frozen=True, slots=True)
class HubClients:
    """Clients of the hub's other services, and the catalogue's own credentials there."""

    auth: httpx.AsyncClient
    broker: httpx.AsyncClient
    ingest: httpx.AsyncClient
    credentials: ServiceCredentials


class Asking:
    """Asks about one tenant; what cannot be asked becomes a gap."""

    def __init__(self, clients: HubClients, tenant: str) -> None:
        self._clients = clients
        self._headers = {"Fiware-Service": tenant} if tenant else {}
        self.gaps: list[str] = []

    async def get(self, service: str, path: str, **more: str) -> Any:
        """Return what a service answers to a request with these headers, None where it cannot."""
        client: httpx.AsyncClient = getattr(self._clients, service)
        headers = {**self._headers, **{name.replace("_", "-"): value for name, value in more.items()}}
        try:
            headers |= await self._clients.credentials.headers()
            answer = await client.get(path, headers=headers, timeout=_TIMEOUT_S)
        except (httpx.TransportError, Unavailable):
            self._miss(f"{service} {path.partition('?')[0]}: away")
            return None
        if answer.status_code != httpx.codes.OK:
            self._miss(f"{service} {path.partition('?')[0]}: {answer.status_code}")
            return None
        return answer.json()

    def _miss(self, gap: str) -> None:
        if gap not in self.gaps:
            self.gaps.append(gap)


async def gather_facts(clients: HubClients, tenant: str) -> Facts:
    """Ask auth, the context broker and ingest, and return what they tell of a tenant."""
    asking = Asking(clients, tenant)
    (services, agreements), subscriptions, sources = await asyncio.gather(
        _services(asking, tenant), _subscriptions(asking), _sources(asking)
    )
    return Facts(services, agreements, subscriptions, sources, sorted(asking.gaps))


async def _services(asking: Asking, tenant: str) -> tuple[list[ServiceFact], list[AgreementFact]]:
    listed = await asking.get("auth", f"/services?limit={_MOST}") or {"services": []}
    own = [each for each in listed["services"] if each["tenant"] == tenant and each["status"] != "ended"]
    services, agreements, holders = [], [], {}
    for each in own:
        identifier = each["service_id"]
        for client in await asking.get("auth", f"/services/{identifier}/clients") or ():
            holders[client] = identifier
        types = await asking.get("broker", f"/v2/types?limit={_MOST}&options=values", Fiware_ServicePath=_below(each))
        services.append(
            ServiceFact(
                identifier, each["title"], each["provider"], each["area"], each["status"], tuple(sorted(types or ()))
            )
        )
        for agreed in await asking.get("auth", f"/services/{identifier}/agreements") or ():
            user = agreed["user_service"] or agreed["user_client"]
            agreements.append(AgreementFact(identifier, user, tuple(agreed["types"]), tuple(agreed["actions"])))
    return services, [_by_service(each, holders) for each in agreements]


def _below(service: Mapping[str, Any]) -> str:
    return f"{service['area']}/#"


def _by_service(agreement: AgreementFact, holders: Mapping[str, str]) -> AgreementFact:
    """Name the service that a client is of, where it is of one."""
    user = holders.get(agreement.user, agreement.user)
    return AgreementFact(agreement.service_id, user, agreement.types, agreement.actions)


async def _subscriptions(asking: Asking) -> list[SubscriptionFact]:
    ld = await asking.get("broker", f"/ngsi-ld/v1/subscriptions?limit={_MOST}") or ()
    v2 = await asking.get("broker", f"/v2/subscriptions?limit={_MOST}") or ()
    return [*map(_ld_subscription, ld), *map(_v2_subscription, v2)]


def _ld_subscription(told: Mapping[str, Any]) -> SubscriptionFact:
    endpoint = told["notification"]["endpoint"]["uri"]
    name = str(told.get("subscriptionName") or told.get("description") or "")
    return SubscriptionFact(
        _types(told.get("entities", ())), name or _host(endpoint), _method("NGSI-LD", endpoint), _throttling(told)
    )


def _v2_subscription(told: Mapping[str, Any]) -> SubscriptionFact:
    notification = told["notification"]
    channel: Mapping[str, Any] = next((notification[name] for name in notification if name in _CHANNELS), {})
    endpoint = str(channel.get("url", ""))
    name = str(told.get("description") or "") or _host(endpoint)
    types = _types(told["subject"].get("entities", ()))
    return SubscriptionFact(types, name, _method("NGSIv2", endpoint), _throttling(told))


def _types(entities: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(str(each["type"]) for each in entities if each.get("type"))


def _throttling(told: Mapping[str, Any]) -> float:
    return float(told.get("throttling") or 0)


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _method(face: str, url: str) -> str:
    scheme = urlsplit(url).scheme.upper()
    return f"{face} 通知 ({scheme})" if scheme else f"{face} 通知"


async def _sources(asking: Asking) -> list[SourceFact]:
    ld = await asking.get("broker", f"/ngsi-ld/v1/csourceRegistrations?limit={_MOST}&idPattern=.*") or ()
    v2 = await asking.get("broker", f"/v2/registrations?limit={_MOST}") or ()
    told = await asking.get("ingest", "/sources") or ()
    sources = [_forwarded(_registered(each.get("information", ())), each["endpoint"], "NGSI-LD") for each in ld]
    for each in v2:
        provider = str(each.get("provider", {}).get("http", {}).get("url", ""))
        sources.append(_forwarded(_types(each.get("dataProvided", {}).get("entities", ())), provider, "NGSIv2"))
    return [*sources, *map(source_of, told)]


def _forwarded(types: tuple[str, ...], url: str, face: str) -> SourceFact:
    return SourceFact(types, _host(url), frequency=ON_REQUEST, method=f"{face} 転送")


def _registered(information: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(name for each in information for name in _types(each.get("entities", ())))
