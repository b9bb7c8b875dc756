"""Quotas on devices and data sets, as auth tells them to ingest and the catalogue."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.hub import Hub, own_hub
from tests.support.patience import until

GROUP = {"apikey": "lamps", "resource": "/iot/json", "entity_type": "Lamp", "autoprovision": True}


@pytest.fixture(scope="module")
def hub(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with own_hub(postgres_server, tmp_path_factory.mktemp("hub"), ("auth", "ingest", "catalog")) as running:
        yield running


async def _tenant(hub: Hub, name: str, **quotas: int) -> dict[str, str]:
    """Create a tenant with quotas, and return an administrator's headers in it."""
    async with hub.client("auth", await hub.headers()) as auth:
        assert (await auth.put(f"/tenants/{name}", json={"quotas": quotas})).status_code == 201
    return await hub.headers_in(name)


async def _first(client: httpx.AsyncClient, path: str, body: object) -> httpx.Response:
    """Create the first of a tenant's, as soon as the service has been told of the tenant."""
    answers: list[httpx.Response] = []

    async def is_known() -> bool:
        answers.append(await client.post(path, json=body))
        return answers[-1].status_code != 404

    await until(is_known)
    return answers[-1]


async def test_devices_and_groups_keep_to_their_quota(hub: Hub) -> None:
    headers = await _tenant(hub, "sabae", devices=3)
    async with hub.client("ingest", headers) as ingest:
        assert (await _first(ingest, "/iot/groups", {"groups": [GROUP]})).status_code == 201
        three = {"devices": [{"device_id": f"lamp{number}", "apikey": "lamps"} for number in range(3)]}
        refused = await ingest.post("/iot/devices", json=three)
        assert refused.status_code == 403
        assert "quota devices" in refused.text
        assert (await ingest.get("/iot/devices")).json()["count"] == 0
        two = {"devices": three["devices"][:2]}
        assert (await ingest.post("/iot/devices", json=two)).status_code == 201
        other = {**GROUP, "apikey": "more-lamps"}
        assert (await ingest.post("/iot/groups", json={"groups": [other]})).status_code == 403
        assert (await ingest.delete("/iot/devices/lamp1")).status_code == 204
        assert (await ingest.post("/iot/groups", json={"groups": [other]})).status_code == 201


async def test_data_sets_keep_to_their_quota(hub: Hub) -> None:
    headers = await _tenant(hub, "echizen", datasets=1)
    async with hub.client("catalog", headers) as catalog:
        first, second = ({"titles": {"ja": title}, "descriptions": {"ja": title}} for title in ("公園", "施設"))
        created = await _first(catalog, "/datasets", first)
        assert created.status_code == 201, created.text
        refused = await catalog.post("/datasets", json=second)
        assert refused.status_code == 403
        assert "quota datasets" in refused.text
        assert (await catalog.delete(f"/datasets/{created.json()['name']}")).status_code == 204
        assert (await catalog.post("/datasets", json=second)).status_code == 201
