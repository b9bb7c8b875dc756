"""Tenants over HTTP."""

import asyncio

import httpx

from tests.integration.auth.conftest import Guarded
from tests.support.auth import grant


async def test_a_tenant_is_created_with_what_its_code_tells(hub: httpx.AsyncClient) -> None:
    await hub.post("/tenants", json={"name": "kagawa", "code": "370002"})
    answer = await hub.post("/tenants", json={"name": "Takamatsu", "code": "372013", "parent": "KAGAWA"})
    assert (answer.status_code, answer.headers["location"]) == (201, "/tenants/takamatsu")
    body = answer.json()
    assert (body["name"], body["title"], body["kind"], body["parent"]) == (
        "takamatsu",
        "高松市",
        "municipality",
        "kagawa",
    )
    assert (body["status"], body["default_context"], body["population"]) == ("active", None, None)
    assert body["local_government"]["kana"] == "たかまつし"
    assert body["local_government"]["prefecture"] == "香川県"
    assert (await hub.get("/tenants/TAKAMATSU")).json() == body


async def test_creating_a_tenant_twice_is_refused(hub: httpx.AsyncClient) -> None:
    assert (await hub.post("/tenants", json={"name": "a"})).status_code == 201
    again = await hub.post("/tenants", json={"name": "A", "title": "other"})
    assert (again.status_code, again.json()["field"]) == (409, "name")
    assert (await hub.get("/tenants/a")).json()["title"] is None


async def test_putting_a_tenant_twice_changes_nothing(hub: httpx.AsyncClient) -> None:
    given = {"code": "372013", "population": 417496}
    first = await hub.put("/tenants/takamatsu", json=given)
    again = await hub.put("/tenants/takamatsu", json=given)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert (await hub.get("/feed/tenants")).json()["position"] == 1


async def test_putting_an_empty_object_keeps_what_is_there(hub: httpx.AsyncClient) -> None:
    first = await hub.put(
        "/tenants/takamatsu", json={"code": "372013", "default_context": "https://example.jp/c.jsonld"}
    )
    assert (await hub.put("/tenants/takamatsu", json={})).json() == first.json()


async def test_a_change_gives_fields_and_null_takes_them_away(hub: httpx.AsyncClient) -> None:
    created = (await hub.put("/tenants/takamatsu", json={"code": "372013", "population": 1})).json()
    answer = await hub.patch("/tenants/takamatsu", json={"population": None, "title_en": "Takamatsu"})
    body = answer.json()
    assert (answer.status_code, body["population"], body["title_en"], body["title"]) == (
        200,
        None,
        "Takamatsu",
        "高松市",
    )
    assert body["created_at"] == created["created_at"]
    assert body["modified_at"] > created["modified_at"]


async def test_a_tenant_can_be_suspended_and_taken_up_again(hub: httpx.AsyncClient) -> None:
    await hub.put("/tenants/a", json={})
    for status in ("suspended", "active"):
        assert (await hub.patch("/tenants/a", json={"status": status})).json()["status"] == status


BAD_VALUES = [
    ({"code": "372014"}, "code"),
    ({"code": 372013}, "code"),
    ({"kind": "town"}, "kind"),
    ({"status": "deleted"}, "status"),
    ({"parent": "nobody"}, "parent"),
    ({"parent": "b"}, "parent"),
    ({"parent": "b-c"}, "parent"),
    ({"population": -1}, "population"),
    ({"population": 1.5}, "population"),
    ({"population": "1"}, "population"),
    ({"population": 10**12}, "population"),
    ({"title": ""}, "title"),
    ({"title": "\x00"}, "title"),
    ({"default_context": "file:///etc/passwd"}, "default_context"),
    ({"position": 99}, "position"),
    ({"created_at": "2020-01-01T00:00:00Z"}, "created_at"),
    ({"name": "c"}, "name"),
]


async def test_a_bad_value_is_refused_by_its_field_and_nothing_is_written(hub: httpx.AsyncClient) -> None:
    before = (await hub.put("/tenants/b", json={})).json()
    for given, field in BAD_VALUES:
        answer = await hub.patch("/tenants/b", json={"title_en": "changed", **given})
        assert (answer.status_code, answer.json()["field"]) == (400, field), given
        assert answer.headers["content-type"] == "application/problem+json"
        assert (await hub.get("/tenants/b")).json() == before


async def test_a_lone_surrogate_in_a_title_is_refused(hub: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await hub.put("/tenants/a", content=b'{"title": "\\ud800"}', headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (400, "title")


BAD_NAMES = ["-ab", "高松", "a" * 51, "a" * 200, "%20", "a%00b"]


async def test_a_bad_name_is_refused(hub: httpx.AsyncClient) -> None:
    for name in BAD_NAMES:
        answer = await hub.put(f"/tenants/{name}", json={})
        assert (answer.status_code, answer.json()["field"]) == (400, "name")
        assert (await hub.get("/tenants")).json()["total"] == 0


async def test_an_unknown_tenant_is_not_found(hub: httpx.AsyncClient) -> None:
    for answer in (await hub.get("/tenants/nobody"), await hub.patch("/tenants/nobody", json={})):
        assert (answer.status_code, answer.json()["detail"]) == (404, "Tenant nobody does not exist")


async def test_a_code_belongs_to_one_tenant(hub: httpx.AsyncClient) -> None:
    await hub.put("/tenants/takamatsu", json={"code": "372013"})
    answer = await hub.put("/tenants/other", json={"code": "372013"})
    assert (answer.status_code, answer.json()["field"]) == (409, "code")
    assert "takamatsu" in answer.json()["detail"]
    await hub.patch("/tenants/takamatsu", json={"code": None})
    assert (await hub.put("/tenants/other", json={"code": "372013"})).status_code == 201


async def test_a_tree_has_no_cycles(hub: httpx.AsyncClient) -> None:
    for name, parent in (("a", None), ("b", "a"), ("c", "b")):
        await hub.put(f"/tenants/{name}", json={"parent": parent})
    for name, parent in (("a", "a"), ("a", "b"), ("a", "c"), ("b", "c")):
        answer = await hub.patch(f"/tenants/{name}", json={"parent": parent})
        assert (answer.status_code, answer.json()["field"]) == (400, "parent")
    assert (await hub.patch("/tenants/c", json={"parent": "a"})).status_code == 200


async def test_two_moves_at_once_make_no_cycle(hub: httpx.AsyncClient) -> None:
    names = [f"t{number}" for number in range(8)]
    for name in names:
        await hub.put(f"/tenants/{name}", json={})
    ring = zip(names, [*names[1:], names[0]], strict=True)
    answers = await asyncio.gather(*(hub.patch(f"/tenants/{a}", json={"parent": b}) for a, b in ring))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [400]


async def test_creations_of_one_name_at_once_create_it_once(hub: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(hub.put("/tenants/a", json={}) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert (await hub.get("/feed/tenants")).json()["position"] == 1


async def test_tenants_are_listed_by_name_in_pages_and_filtered(hub: httpx.AsyncClient) -> None:
    await hub.put("/tenants/kagawa", json={"code": "370002"})
    await hub.put("/tenants/takamatsu", json={"code": "372013", "parent": "kagawa"})
    await hub.put("/tenants/marugame", json={"code": "372021", "parent": "kagawa"})
    await hub.put("/tenants/alone", json={})

    async def names(query: str) -> list[str]:
        answer = await hub.get(f"/tenants?{query}")
        return [tenant["name"] for tenant in answer.json()["tenants"]]

    assert await names("") == ["alone", "kagawa", "marugame", "takamatsu"]
    assert await names("limit=2&offset=1") == ["kagawa", "marugame"]
    assert await names("parent=Kagawa") == ["marugame", "takamatsu"]
    assert await names("kind=prefecture") == ["kagawa"]
    assert await names("code=372013") == ["takamatsu"]
    assert await names("code=372013&kind=other") == []
    assert (await hub.get("/tenants?limit=1")).json()["total"] == 4


BAD_QUERIES = ["limit=0", "limit=1001", "limit=x", "offset=-1", "kind=town", "parent=-ab", "code=%00"]


async def test_a_bad_query_is_refused_by_its_parameter(hub: httpx.AsyncClient) -> None:
    for query in BAD_QUERIES:
        answer = await hub.get(f"/tenants?{query}")
        assert (answer.status_code, answer.json()["field"]) == (400, query.partition("=")[0])


async def test_municipalities_are_looked_up_without_a_token(guarded: Guarded) -> None:
    answer = await guarded.client.get("/municipalities", params={"q": "たかまつし"}, headers={"Authorization": ""})
    assert answer.status_code == 200
    found = {each["code"]: each for each in answer.json()["municipalities"]}
    assert found["372013"]["title"] == "高松市"
    page = (await guarded.client.get("/municipalities?code=37&limit=5&offset=5")).json()
    assert (page["total"], len(page["municipalities"])) == (18, 5)
    assert (await guarded.client.get("/municipalities?code=37x")).json()["field"] == "code"


async def test_tenants_want_a_token(guarded: Guarded) -> None:
    for method, path in (("GET", "/tenants"), ("PUT", "/tenants/a"), ("GET", "/feed/tenants"), ("GET", "/tenants/a")):
        answer = await guarded.client.request(method, path, headers={"Authorization": "Bearer x"}, json={})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="hiroba"')


async def test_any_client_reads_tenants_and_only_administrators_write_them(guarded: Guarded) -> None:
    await guarded.client.put("/tenants/takamatsu", json={"code": "372013"})
    reader = await guarded.headers_for(grant("takamatsu", "read", "write"))
    client = guarded.client
    assert (await client.get("/tenants", headers=reader)).json()["total"] == 1
    assert (await client.get("/tenants/takamatsu", headers=reader)).status_code == 200
    assert (await client.get("/feed/tenants", headers=reader)).json()["position"] == 1
    refused = [
        await client.post("/tenants", json={"name": "b"}, headers=reader),
        await client.put("/tenants/b", json={}, headers=reader),
        await client.put("/tenants/takamatsu", json={}, headers=reader),
        await client.patch("/tenants/takamatsu", json={"title": "b"}, headers=reader),
        await client.patch("/tenants/nobody", json={"title": "b"}, headers=reader),
    ]
    assert [answer.status_code for answer in refused] == [403] * 5


async def test_a_tenants_own_administrator_changes_its_titles_and_no_more(guarded: Guarded) -> None:
    client = guarded.client
    for name in ("takamatsu", "fukui"):
        await client.put(f"/tenants/{name}", json={})
    own = await guarded.headers_for(grant("takamatsu", "admin"))
    changed = await client.patch("/tenants/takamatsu", json={"title": "高松", "title_en": "T"}, headers=own)
    assert changed.json()["title"] == "高松"
    for field, value in (
        ("status", "suspended"),
        ("parent", "fukui"),
        ("population", 1),
        ("code", "372013"),
        ("kind", "association"),
        ("kind", None),
    ):
        answer = await client.patch("/tenants/takamatsu", json={field: value}, headers=own)
        assert (answer.status_code, answer.json()["field"]) == (403, field)
    assert (await client.patch("/tenants/fukui", json={"title": "x"}, headers=own)).status_code == 403
    assert (await client.put("/tenants/third", json={}, headers=own)).status_code == 403


async def test_a_suspended_tenants_administrator_cannot_take_it_up_again(guarded: Guarded) -> None:
    await guarded.client.put("/tenants/a", json={"status": "suspended"})
    own = await guarded.headers_for(grant("a", "admin"))
    assert (await guarded.client.patch("/tenants/a", json={"status": "active"}, headers=own)).status_code == 403
    assert (await guarded.client.put("/tenants/a", json={"status": "active"}, headers=own)).status_code == 403


async def test_an_administrator_of_a_part_of_a_tenant_does_not_administer_it(guarded: Guarded) -> None:
    await guarded.client.put("/tenants/a", json={})
    for part in (grant("a", "admin", path="/x/#"), grant("a", "admin", types=["River"])):
        headers = await guarded.headers_for(part)
        assert (await guarded.client.patch("/tenants/a", json={"title": "b"}, headers=headers)).status_code == 403


async def test_a_narrowed_token_does_not_administer(guarded: Guarded) -> None:
    headers = await guarded.headers(guarded.admin, scope="read write")
    assert (await guarded.client.put("/tenants/a", json={}, headers=headers)).status_code == 403
