"""Clients over HTTP: registered, changed, deleted, and who may do that."""

import httpx
import pytest

from tests.integration.auth.conftest import Guarded
from tests.support.auth import GRANT_ALL, Login, ask_token, grant


async def test_a_clients_secret_is_shown_once_and_only_its_hash_is_kept(guarded: Guarded) -> None:
    client = guarded.client
    created = await client.post("/clients", json={"client_id": "river-watch", "title": "河川監視", "grants": []})
    body = created.json()
    assert (created.status_code, created.headers["cache-control"]) == (201, "no-store")
    assert created.headers["location"] == "/clients/river-watch"
    assert (body["title"], body["status"], body["grant_types"]) == ("河川監視", "active", ["client_credentials"])
    shown = (await client.get("/clients/river-watch")).json()
    assert shown == {name: value for name, value in body.items() if name != "client_secret"}
    assert body["client_secret"] not in (await client.get("/clients")).text
    assert "argon2" not in (await client.get("/clients")).text


async def test_an_identifier_is_made_up_unless_given(hub: httpx.AsyncClient) -> None:
    made = [(await hub.post("/clients", json={"grants": []})).json() for _ in range(2)]
    assert len({each["client_id"] for each in made}) == 2
    assert len({each["client_secret"] for each in made}) == 2


async def test_an_identifier_that_is_taken_is_refused(hub: httpx.AsyncClient) -> None:
    await hub.post("/clients", json={"client_id": "taken", "grants": []})
    again = await hub.post("/clients", json={"client_id": "taken", "grants": [GRANT_ALL]})
    assert (again.status_code, again.json()["field"]) == (409, "client_id")
    assert (await hub.get("/clients/taken")).json()["grants"] == []


BAD_CLIENTS = [
    ({}, "grants"),
    ({"grants": [grant("nobody", "read")]}, "grants.0.tenant"),
    ({"grants": [grant("a", "read"), grant("a-b", "read")]}, "grants.1.tenant"),
    ({"grants": [grant("a", "fly")]}, "grants.0.actions"),
    ({"grants": [grant("a")]}, "grants.0.actions"),
    ({"grants": [grant("a", "read", path="/a,/b")]}, "grants.0.path"),
    ({"grants": [grant("a", "read", types=[])]}, "grants.0.types"),
    ({"grants": [{"tenant": "a"}]}, "grants.0.actions"),
    ({"grants": [{**grant("a", "read"), "role": "x"}]}, "grants.0.role"),
    ({"grants": [grant("a", "read")] * 101}, "grants"),
    ({"grants": [], "client_id": "A"}, "client_id"),
    ({"grants": [], "title": "a\nb"}, "title"),
    ({"grants": [], "title": "\x00"}, "title"),
    ({"grants": [], "secret_hash": "x"}, "secret_hash"),
    ({"grants": [], "client_secret": "x"}, "client_secret"),
    ({"grants": [], "grant_types": ["password"]}, "grant_types"),
]


async def test_a_bad_client_is_refused_by_its_field(hub: httpx.AsyncClient) -> None:
    await hub.put("/tenants/a", json={})
    before = (await hub.get("/clients")).json()["total"]
    for given, field in BAD_CLIENTS:
        answer = await hub.post("/clients", json=given)
        assert (answer.status_code, answer.json()["field"]) == (400, field), given
        assert (await hub.get("/clients")).json()["total"] == before


async def test_a_clients_title_status_and_grants_can_be_changed(guarded: Guarded) -> None:
    client = guarded.client
    await client.put("/tenants/a", json={})
    login = await guarded.registered(grant("a", "read"))
    path = f"/clients/{login.client_id}"
    changed = await client.patch(path, json={"title": "名", "grants": [grant("A", "write")]})
    assert (changed.json()["title"], changed.json()["grants"]) == (
        "名",
        [{**grant("a", "write"), "attributes": ["*"]}],
    )
    assert (await ask_token(client, login)).json()["scope"] == "write"
    assert (await client.patch(path, json={"status": "suspended"})).json()["grants"] == [
        {**grant("a", "write"), "attributes": ["*"]}
    ]
    assert (await ask_token(client, login)).status_code == 401
    await client.patch(path, json={"status": "active", "title": None})
    assert (await ask_token(client, login)).status_code == 200
    assert (await client.get(path)).json()["title"] is None


BAD_CHANGES = [
    ({"status": "gone"}, "status"),
    ({"status": None}, "status"),
    ({"grants": None}, "grants"),
    ({"grants": [grant("nobody", "read")]}, "grants.0.tenant"),
    ({"client_id": "other"}, "client_id"),
    ({"title": ""}, "title"),
]


async def test_a_bad_change_is_refused_by_its_field(hub: httpx.AsyncClient) -> None:
    created = (await hub.post("/clients", json={"client_id": "one", "grants": []})).json()
    for given, field in BAD_CHANGES:
        answer = await hub.patch("/clients/one", json=given)
        assert (answer.status_code, answer.json()["field"]) == (400, field), given
        assert (await hub.get("/clients/one")).json()["modified_at"] == created["modified_at"]


async def test_a_renewed_secret_ends_the_old_one(guarded: Guarded) -> None:
    login = await guarded.registered(grant("", "read"))
    assert (await ask_token(guarded.client, login)).status_code == 200
    renewed = await guarded.client.post(f"/clients/{login.client_id}/secret")
    assert renewed.headers["cache-control"] == "no-store"
    assert (await ask_token(guarded.client, login)).status_code == 401
    new = Login(login.client_id, renewed.json()["client_secret"])
    assert (await ask_token(guarded.client, new)).status_code == 200


async def test_a_deleted_client_is_gone(guarded: Guarded) -> None:
    login = await guarded.registered(grant("", "read"))
    path = f"/clients/{login.client_id}"
    assert (await guarded.client.delete(path)).status_code == 204
    assert (await guarded.client.get(path)).status_code == 404
    assert (await guarded.client.delete(path)).status_code == 404
    assert (await guarded.client.get("/clients/a%00b")).status_code == 404
    assert (await ask_token(guarded.client, login)).status_code == 401


async def test_the_last_administrator_stays(guarded: Guarded) -> None:
    client, path = guarded.client, f"/clients/{guarded.admin.client_id}"
    for answer in (
        await client.delete(path),
        await client.patch(path, json={"status": "suspended"}),
        await client.patch(path, json={"grants": []}),
    ):
        assert (answer.status_code, "last administrator" in answer.json()["detail"]) == (409, True)
    assert (await client.patch(path, json={"title": "長"})).status_code == 200
    await guarded.registered(GRANT_ALL)
    assert (await client.delete(path)).status_code == 204


async def test_clients_are_listed_in_pages(guarded: Guarded) -> None:
    for number in range(3):
        await guarded.client.post("/clients", json={"client_id": f"one-{number}", "grants": []})
    body = (await guarded.client.get("/clients?limit=2&offset=1")).json()
    assert body["total"] == 7  # with the administrator and the three services
    assert [each["client_id"] for each in body["clients"]] == ["one-0", "one-1"]


async def test_clients_want_an_administrators_token(guarded: Guarded) -> None:
    reader = await guarded.headers_for(grant("", "read", "write", "provision"))
    paths = (("GET", "/clients"), ("POST", "/clients"), ("GET", "/clients/administrator"))
    more = (("PATCH", "/clients/administrator"), ("DELETE", "/clients/administrator"))
    for method, path in (*paths, *more, ("POST", "/clients/administrator/secret")):
        nobody = await guarded.client.request(method, path, json={"grants": []}, headers={"Authorization": "Bearer x"})
        refused = await guarded.client.request(method, path, json={"grants": []}, headers=reader)
        assert (nobody.status_code, refused.status_code) == (401, 403), (method, path)


@pytest.fixture
async def own(guarded: Guarded) -> dict[str, str]:
    """The header of an administrator of the tenant `a`; `b` is another."""
    for name in ("a", "b"):
        await guarded.client.put(f"/tenants/{name}", json={})
    return await guarded.headers_for(grant("a", "admin"))


async def test_a_tenants_administrator_registers_clients_of_the_tenant(guarded: Guarded, own: dict[str, str]) -> None:
    created = await guarded.client.post("/clients", json={"grants": [grant("a", "read", "admin")]}, headers=own)
    assert created.status_code == 201
    path = f"/clients/{created.json()['client_id']}"
    assert (await guarded.client.patch(path, json={"title": "t"}, headers=own)).status_code == 200
    assert (await guarded.client.post(f"{path}/secret", headers=own)).status_code == 200
    assert (await guarded.client.delete(path, headers=own)).status_code == 204


BEYOND = [
    [grant("b", "read")],
    [grant("a", "read"), grant("b", "read")],
    [grant("*", "read")],
    [grant("", "read")],
    [],
]


async def test_a_tenants_administrator_grants_nothing_beyond_it(guarded: Guarded, own: dict[str, str]) -> None:
    for grants in BEYOND:
        answer = await guarded.client.post("/clients", json={"grants": grants}, headers=own)
        assert (answer.status_code, answer.json()["field"]) == (403, "grants")
        mine = (await guarded.client.post("/clients", json={"grants": [grant("a", "read")]}, headers=own)).json()
        path = f"/clients/{mine['client_id']}"
        assert (await guarded.client.patch(path, json={"grants": grants}, headers=own)).status_code == 403
        assert (await guarded.client.get(path)).json()["grants"] == [{**grant("a", "read"), "attributes": ["*"]}]


async def test_a_tenants_administrator_does_not_see_other_clients(guarded: Guarded, own: dict[str, str]) -> None:
    client = guarded.client
    for grants in ([grant("b", "read")], [grant("a", "read"), grant("b", "read")], [grant("*", "read")], []):
        other = (await client.post("/clients", json={"grants": grants})).json()["client_id"]
        answers = [
            await client.get(f"/clients/{other}", headers=own),
            await client.patch(f"/clients/{other}", json={"grants": [grant("a", "read")]}, headers=own),
            await client.delete(f"/clients/{other}", headers=own),
            await client.post(f"/clients/{other}/secret", headers=own),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4
        unknown = await client.get("/clients/c-unknown", headers=own)
        assert answers[0].json()["detail"] == unknown.json()["detail"].replace("c-unknown", other)
    listed = (await client.get("/clients", headers=own)).json()
    assert (listed["total"], len(listed["clients"])) == (1, 1)


RESERVED = ["administrator", "service-broker", "service-new"]


async def test_the_hubs_own_identifiers_are_not_for_everybody(guarded: Guarded, own: dict[str, str]) -> None:
    for client_id in RESERVED:
        given = {"client_id": client_id, "grants": [grant("a", "read")]}
        answer = await guarded.client.post("/clients", json=given, headers=own)
        assert (answer.status_code, answer.json()["field"]) == (403, "client_id")
