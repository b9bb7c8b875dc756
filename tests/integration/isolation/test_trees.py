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


async def _tree(scene: Scene) -> tuple[Login, Login]:
    """Make a prefecture with two members, of which one lets it publish, and a neighbour; return two editors.

    One has a grant over the prefecture's subtree, the other over the member's.
    """
    async with scene.hub.client("auth", await scene.hub.headers()) as auth:
        for name, fields in {
            "oya": {},
            "ko": {"parent": "oya", "inherits": ["publish"]},
            "ketsu": {"parent": "oya"},
            "tonari": {"inherits": ["publish"]},
        }.items():
            assert (await auth.put(f"/tenants/{name}", json=fields)).is_success
        above = await register(auth, {}, {"tenant": "oya/#", "actions": ["publish"]})
        return above, await register(auth, {}, {"tenant": "ko/#", "actions": ["publish"]})


async def _draft(scene: Scene, tenant: str) -> None:
    """Write a draft as the administrator, once the catalogue knows the tenant."""
    words = {"ja": f"下書き {tenant}"}
    body = {"titles": words, "descriptions": words, "name": f"draft-{tenant}", "state": "draft"}
    async with scene.hub.client("catalog", await scene.hub.headers_in(tenant)) as catalog:

        async def is_written() -> bool:
            return (await catalog.post("/datasets", json=body)).status_code in (201, 409)

        await until(is_written)


async def _edited(client: httpx.AsyncClient, tenant: str, place: str) -> list[int]:
    """Create and change a data set of a tenant through each face: the JSON API, CKAN's actions, the portal's forms."""
    named, words = {"Fiware-Service": tenant}, {"ja": place}
    created = {"titles": words, "descriptions": words, "name": f"{place}-{tenant}-json"}
    package = {"name": f"{place}-{tenant}-ckan", "title": place, "owner_org": tenant, "private": True}
    page = {"tenant": tenant}
    answers = [
        await client.post("/datasets", json=created, headers=named),
        await client.patch(f"/datasets/draft-{tenant}", json={"version_label": place}, headers=named),
        await client.post("/api/3/action/package_create", json=package),
        await client.post("/api/3/action/package_patch", json={"id": f"draft-{tenant}", "notes": place}),
        await client.post("/editor/upload", data=page, files={"file": (f"{place}.csv", b"a,b\n1,2\n")}),
        await client.get(f"/editor/draft-{tenant}/describe"),
    ]
    return [each.status_code for each in answers]


async def test_a_prefectures_editor_edits_its_members_data_sets_and_no_others_through_every_face(scene: Scene) -> None:
    above, below = await _tree(scene)
    for tenant in ("oya", "ko", "ketsu", "tonari"):
        await _draft(scene, tenant)
    async with (
        scene.hub.client("catalog", await scene.hub.headers(above)) as prefecture,
        scene.hub.client("catalog", await scene.hub.headers(below)) as member,
    ):
        for tenant in ("oya", "ko"):
            assert await _edited(prefecture, tenant, "ue") == [201, 200, 200, 200, 303, 200]
        assert await _edited(member, "ko", "shita") == [201, 200, 200, 200, 303, 200]
        refused = [403, 404, 403, 404, 403, 404]
        for tenant in ("ketsu", "tonari"):
            assert await _edited(prefecture, tenant, "ue") == refused, tenant
        for tenant in ("oya", "ketsu", "tonari"):
            assert await _edited(member, tenant, "shita") == refused, tenant
        own = (await prefecture.get("/api/3/action/organization_list_for_user")).json()["result"]
        assert [each["name"] for each in own] == ["ko", "oya"]
        start = (await prefecture.get("/editor")).text
        offered = {name for name in ("oya", "ko", "ketsu", "tonari") if f'<option value="{name}">' in start}
        assert (offered, "draft-ketsu" in start) == ({"oya", "ko"}, False)
        async with scene.hub.client("auth", await scene.hub.headers()) as auth:
            forbid = 'forbid (principal, action == Hiroba::Action::"publish", resource);'
            assert (await auth.put("/tenants/ko/policies", json={"text": forbid})).is_success

        async def is_forbidden() -> bool:
            return set(await _edited(prefecture, "ko", "ato")) <= {403}

        await until(is_forbidden)
