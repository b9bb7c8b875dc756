"""Grants over a subtree, and what tenants ask beyond grants, in ingest and in the catalogue."""

import httpx

from tests.integration.isolation.conftest import Scene
from tests.support.auth import Login, register
from tests.support.patience import until


async def _status(client: httpx.AsyncClient, path: str, tenant: str) -> int:
    headers = {"Fiware-Service": tenant, "Fiware-ServicePath": "/"}
    return (await client.get(path, headers=headers)).status_code


async def _prefecture(scene: Scene) -> Login:
    async with scene.hub.client("auth", await scene.hub.headers()) as auth:
        assert (await auth.put("/tenants/ken", json={})).is_success
        assert (await auth.put("/tenants/lets", json={"parent": "ken", "inherits": ["provision", "read"]})).is_success
        assert (await auth.put("/tenants/keeps", json={"parent": "ken"})).is_success
        return await register(auth, {}, {"tenant": "ken/#", "actions": ["provision", "read", "publish"]})


async def test_a_subtree_grant_reaches_ingest_where_the_tenant_lets_it(scene: Scene) -> None:
    login = await _prefecture(scene)
    async with scene.hub.client("ingest", await scene.hub.headers(login)) as ingest:

        async def is_let_in() -> bool:
            return await _status(ingest, "/iot/devices", "lets") == 200

        await until(is_let_in)
        assert await _status(ingest, "/iot/devices", "keeps") == 403
        async with scene.hub.client("auth", await scene.hub.headers()) as auth:
            forbid = 'forbid (principal, action == Hiroba::Action::"provision", resource);'
            assert (await auth.put("/tenants/lets/policies", json={"text": forbid})).is_success

        async def is_forbidden() -> bool:
            return await _status(ingest, "/iot/devices", "lets") == 403

        await until(is_forbidden)


async def test_a_subtree_grant_reads_restricted_data_sets_where_the_tenant_lets_it(scene: Scene) -> None:
    login = await _prefecture(scene)
    async with scene.hub.client("catalog", await scene.hub.headers()) as catalog:
        for name in ("lets", "keeps"):

            async def is_written(name: str = name) -> bool:
                words = {"ja": f"台帳 {name}"}
                body = {"titles": words, "descriptions": words, "name": f"ledger-{name}", "access": "restricted"}
                answer = await catalog.post("/datasets", json=body, headers={"Fiware-Service": name})
                return answer.status_code in (201, 409)

            await until(is_written)
    async with scene.hub.client("catalog", await scene.hub.headers(login)) as catalog:
        found = (await catalog.get("/datasets", params={"limit": 100})).text
        assert "台帳 lets" in found
        assert "台帳 keeps" not in found
