"""Device keys at the measures' port, made and exchanged by a running auth: what they are granted, and how they end."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.auth import grant
from tests.support.databases import clone, drop
from tests.support.hub import Hub, running_hub
from tests.support.ingest import GROUP, IngestBench, entity_id, running_ingest
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until

PLACE = {"fiware-service": "fukui", "fiware-servicepath": "/rivers"}
WIND = {"object_id": "wind", "name": "windSpeed", "type": "Number", "entity_name": "wind-1", "entity_type": "Weather"}
STACK = {"end_device_ids": {"device_id": "gauge-1", "application_ids": {"application_id": "rivers"}}}
WRONG = "Bearer hbk_aaaaaaaaaaaa_" + "A" * 43
GAUGES = ("WaterLevelObserved",)


@pytest.fixture(scope="module")
def hub(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    database_url = asyncio.run(clone(postgres_server))
    with running_hub(database_url, tmp_path_factory.mktemp("hub"), ("auth",)) as running:
        yield running
    asyncio.run(drop(postgres_server, database_url))


@dataclass
class Rivers:
    """An ingest that wants tokens, with a group of gauges below a service path, and the operator at auth."""

    bench: IngestBench
    operator: httpx.AsyncClient

    async def key(self, *grants: dict[str, Any], tenant: str = "fukui", **more: Any) -> dict[str, Any]:
        answer = await self.operator.post("/device-keys", json={"tenant": tenant, "grants": list(grants), **more})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def send(self, authorization: str | None, body: Any, device: str = "gauge-1") -> tuple[int, str]:
        headers = {} if authorization is None else {"Authorization": authorization}
        names = {"k": "rivers", "i": device}
        answer = await self.bench.devices.post("/iot/json", params=names, json=body, headers=headers)
        return answer.status_code, answer.json().get("message", "")

    async def devices(self) -> int:
        count: int = (await self.bench.client.get("/iot/devices", headers=PLACE)).json()["count"]
        return count


@pytest.fixture
async def rivers(hub: Hub, database_url: str, peer: NgsildPeer) -> AsyncIterator[Rivers]:
    login = {"client_id": "service-ingest", "client_secret": "the-secret-of-the-ingest"}
    settings: dict[str, Any] = {"auth": "required", "auth_url": hub.urls["auth"], "broker_url": peer.url, **login}
    administrator = await hub.headers()
    async with hub.client("auth", administrator) as operator, running_ingest(database_url, **settings) as bench:
        for tenant in ("fukui", "takamatsu"):
            assert (await operator.put(f"/tenants/{tenant}", json={})).is_success
        bench.client.headers.update(administrator)
        group = {**GROUP, "autoprovision": True, "attributes": [*GROUP["attributes"], WIND]}
        answer = await bench.client.post("/iot/groups", json={"groups": [group]}, headers=PLACE)
        assert answer.status_code == 201, answer.text
        yield Rivers(bench, operator)


async def test_a_device_key_must_be_granted_what_the_api_key_names(rivers: Rivers, peer: NgsildPeer) -> None:
    refused = [
        (grant("takamatsu", "write"), "takamatsu"),
        (grant("fukui", "write", path="/parks/#"), "fukui"),
        (grant("fukui", "write", types=("Park",)), "fukui"),
        (grant("fukui", "read"), "fukui"),
    ]
    for each, tenant in refused:
        key = (await rivers.key(each, tenant=tenant))["key"]
        status, words = await rivers.send(f"Bearer {key}", {"level": 1})
        assert (status, words.startswith("k: "), "tenant fukui, service path /rivers" in words) == (403, True, True)
    status, words = await rivers.send(WRONG, {"level": 1})
    assert (status, words) == (401, "Authorization: The key is not valid")
    assert (await rivers.devices(), peer.entities, await rivers.bench.letters()) == (0, {}, [])
    made = await rivers.key(grant("fukui", "write", path="/rivers/#", types=GAUGES))
    assert await rivers.send(f"Bearer {made['key']}", {"level": 2}) == (200, "")
    assert peer.values("fukui", entity_id(1), "waterLevel") == [2]
    listed = (await rivers.operator.get("/device-keys", params={"limit": 1000})).json()["keys"]
    [kept] = [each for each in listed if each["key_id"] == made["key_id"]]
    assert kept["last_used_at"] is not None


async def test_an_api_key_alone_is_enough_and_other_schemes_are_not_looked_at(rivers: Rivers) -> None:
    for authorization in (None, "Basic ZGV2aWNlOnNlY3JldA=="):
        assert await rivers.send(authorization, {"level": 1}) == (200, "")


async def test_a_tenant_can_oblige_its_devices_to_show_a_key(rivers: Rivers, peer: NgsildPeer) -> None:
    made = await rivers.key(grant("fukui", "write"))
    assert (await rivers.operator.patch("/tenants/fukui", json={"device_keys": "required"})).is_success

    async def is_obliged() -> bool:
        return "fukui" in await rivers.bench.parts.obligation.names()

    await until(is_obliged)
    status, words = await rivers.send("Basic ZGV2aWNlOnNlY3JldA==", {"level": 1})
    assert (status, words) == (401, "Devices of this tenant must show a device key: Authorization: Bearer hbk_…")
    for path in ("/iot/json?getCmd=1&", "/iot/d?d=level|1&"):
        assert (await rivers.bench.devices.get(f"{path}k=rivers&i=gauge-1")).status_code == 401
    assert (await rivers.bench.send("gauge-1", {"level": 1}, "nobody")).status_code == 404
    assert (await rivers.devices(), peer.entities) == (0, {})
    assert await rivers.send(f"Bearer {made['key']}", {"level": 1}) == (200, "")
    assert (await rivers.operator.patch("/tenants/fukui", json={"device_keys": None})).is_success

    async def is_free() -> bool:
        return (await rivers.send(None, {"level": 2}))[0] == 200

    await until(is_free)


async def test_a_measure_with_an_entity_of_a_type_not_granted_is_refused_whole(
    rivers: Rivers, peer: NgsildPeer
) -> None:
    narrow = (await rivers.key(grant("fukui", "write", types=GAUGES)))["key"]
    status, words = await rivers.send(f"Bearer {narrow}", {"level": 1, "wind": 3})
    assert (status, words.startswith("type: "), "type Weather" in words) == (403, True, True)
    assert peer.entities == {}
    assert [each["reason"] for each in await rivers.bench.letters()] == ["not-granted"]
    wide = (await rivers.key(grant("fukui", "write", types=(*GAUGES, "Weather"))))["key"]
    assert await rivers.send(f"Bearer {wide}", {"level": 1, "wind": 3}) == (200, "")
    assert {entity["type"] for entity in peer.entities.values()} == {"WaterLevelObserved", "Weather"}


async def test_revoked_and_expired_keys_are_refused(rivers: Rivers) -> None:
    revoked = await rivers.key(grant("fukui", "write"))
    soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    expiring = await rivers.key(grant("fukui", "write"), expires_at=soon)
    assert (await rivers.send(f"Bearer {revoked['key']}", {"level": 1}))[0] == 200
    assert (await rivers.operator.delete(f"/device-keys/{revoked['key_id']}")).status_code == 204
    for made in (revoked, expiring):

        async def is_refused(key: str = made["key"]) -> bool:
            return (await rivers.send(f"Bearer {key}", {"level": 1}))[0] == 401

        await until(is_refused)


async def test_every_protocol_and_the_fetching_of_commands_look_at_the_key(rivers: Rivers) -> None:
    devices, headers = rivers.bench.devices, {"Authorization": WRONG}
    names = {"k": "rivers", "i": "gauge-1"}
    text = {**headers, "content-type": "text/plain"}
    uplink = {**STACK, "uplink_message": {"f_port": 1, "frm_payload": "AWcBEA=="}}
    answers = [
        await devices.post("/iot/d", params=names, content="level|1", headers=text),
        await devices.get("/iot/d", params={**names, "d": "level|1"}, headers=headers),
        await devices.get("/iot/json", params={**names, "getCmd": "1"}, headers=headers),
        await devices.post("/iot/json/commands", params=names, json={"ping": "ok"}, headers=headers),
        await devices.post("/iot/things-stack", json=uplink, headers=headers),
    ]
    assert [(answer.status_code, answer.json()["name"]) for answer in answers] == [(401, "AUTHENTICATION_ERROR")] * 5
