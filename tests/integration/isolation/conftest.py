"""All services, with a tenant that has something of everything and another whose administrator is a stranger to it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.auth import GRANT_ALL, Login, grant, register
from tests.support.hub import Hub, own_hub
from tests.support.patience import until

SECRET = "himitsu-7341"
VICTIM, STRANGER = "higaisha", "yosomono"


@dataclass(frozen=True)
class Scene:
    """A running hub, the victim's identifiers by the names that paths give them, and the stranger's login."""

    hub: Hub
    ids: dict[str, str]
    stranger: Login

    async def exported(self, service: str) -> set[str]:
        """Return all that a service keeps of the victim, as its administrator sees it."""
        async with self.hub.client(service, await self.hub.headers()) as client:
            answer = await client.get(f"/tenants/{VICTIM}/export")
            assert answer.status_code == 200, answer.text
            return {line for line in answer.text.splitlines() if '"table":"usage' not in line}


async def _made(client: httpx.AsyncClient, path: str, body: Any, **headers: str) -> httpx.Response:
    answer = await client.post(path, json=body, headers=headers)
    assert answer.is_success, (path, answer.status_code, answer.text)
    return answer


async def _fill_auth(hub: Hub) -> tuple[dict[str, str], Login]:
    async with hub.client("auth", await hub.headers()) as auth:
        for name, title in ((VICTIM, SECRET), (STRANGER, "よその町")):
            assert (await auth.put(f"/tenants/{name}", json={"title": title})).is_success
        user = (await _made(auth, "/users", {"login": f"{SECRET}@x.jp", "tenant": VICTIM})).json()["user_id"]
        body = {"tenant": VICTIM, "title": SECRET}
        organisation = (await _made(auth, "/organisations", body)).json()["organisation_id"]
        role = {"role": "viewer", "tenant": VICTIM, "user_id": user}
        binding = (await _made(auth, "/roles", role)).json()["binding_id"]
        key = {"tenant": VICTIM, "title": SECRET, "grants": [grant(VICTIM, "read")]}
        key_id = (await _made(auth, "/device-keys", key)).json()["key_id"]
        service = {"service_id": SECRET, "tenant": VICTIM, "provider": organisation, "title": SECRET}
        await _made(auth, "/services", {**service, "area": "/hidden", "storage": "internal"})
        client = {"client_id": SECRET, "title": SECRET, "grants": [grant(VICTIM, "*")]}
        await _made(auth, "/clients", client)
        stranger = await register(auth, {}, {**GRANT_ALL, "tenant": STRANGER})
    ids = {"user_id": user, "organisation_id": organisation, "binding_id": binding, "key_id": key_id}
    return {**ids, "service_id": SECRET, "client_id": SECRET, "subject": SECRET, "name": VICTIM}, stranger


async def _fill_broker(hub: Hub) -> dict[str, str]:
    named = {"Fiware-Service": VICTIM}
    async with hub.client("broker", {**await hub.headers(), **named}) as broker:
        uri = f"urn:ngsi-ld:Secret:{SECRET}"

        async def is_known() -> bool:
            return (await broker.get("/v2/entities")).status_code == 200

        await until(is_known)
        entity = {"id": uri, "type": "Secret", "name": {"type": "Text", "value": SECRET}}
        await _made(broker, "/v2/entities", entity, **{"Fiware-ServicePath": "/hidden"})
        subscription = {
            "subject": {"entities": [{"idPattern": ".*"}]},
            "notification": {"http": {"url": "http://127.0.0.1:9"}},
            "description": SECRET,
        }
        made = await _made(broker, "/v2/subscriptions", subscription)
        ld = {
            "type": "Subscription",
            "entities": [{"type": "Secret"}],
            "notification": {"endpoint": {"uri": "http://127.0.0.1:9"}},
            "description": SECRET,
        }
        made_ld = await _made(broker, "/ngsi-ld/v1/subscriptions", ld)
    v2, other = made.headers["Location"].rpartition("/")[2], made_ld.headers["Location"].rpartition("/")[2]
    return {"entityId": uri, "entity_id": uri, "subscriptionId": other, "subscription_id": v2, "attrId": "name"}


async def _fill_others(hub: Hub) -> dict[str, str]:
    named = {**await hub.headers(), "Fiware-Service": VICTIM, "Fiware-ServicePath": "/hidden"}
    async with hub.client("ingest", named) as ingest:
        group = {"apikey": SECRET, "resource": "/iot/json", "entity_type": "Secret"}
        await _made(ingest, "/iot/groups", {"groups": [group]})
        device = {"device_id": SECRET, "apikey": SECRET, "entity_name": SECRET, "entity_type": "Secret"}
        await _made(ingest, "/iot/devices", {"devices": [device]})
    async with hub.client("catalog", {**await hub.headers(), "Fiware-Service": VICTIM}) as catalog:
        body = {"titles": {"ja": SECRET}, "descriptions": {"ja": SECRET}, "name": SECRET, "access": "restricted"}
        made = await _made(catalog, "/datasets", body)
    return {"device_id": SECRET, "reference": str(made.json().get("id", SECRET))}


async def _fill(hub: Hub) -> Scene:
    ids, stranger = await _fill_auth(hub)
    ids |= await _fill_broker(hub)
    ids |= await _fill_others(hub)
    return Scene(hub, ids, stranger)


@pytest.fixture(scope="module")
def scene(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with own_hub(postgres_server, tmp_path_factory.mktemp("hub")) as hub:
        yield asyncio.run(_fill(hub))
