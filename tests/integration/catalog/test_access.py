"""Who may read and write, with real tokens of a real auth."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.auth.main import create_app as create_auth
from services.auth.settings import AuthSettings
from services.catalog.domain.dataset import Access
from services.catalog.main import create_app
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.record_observation import record_observation
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.conftest import GAUGES, LIST, seen
from tests.integration.catalog.test_datasets import PARKS
from tests.support.auth import administrator, bearer, grant, register, until_ready
from tests.support.lifespan import calling
from tests.support.patience import until
from tests.support.serving import served

ISSUER = "https://auth.example.jp"
SECRET = "the secret of the catalogue"
LIVE = "/datasets/fukui-waterlevelobserved"


@dataclass(frozen=True)
class Guarded:
    """A catalogue that wants tokens, and where it gets them."""

    catalog: httpx.AsyncClient
    auth: httpx.AsyncClient

    async def token(self, *grants: dict[str, Any]) -> dict[str, str]:
        """Return the header of a new client with some grants."""
        return dict(await bearer(self.auth, await register(self.auth, {}, *grants)))


@pytest.fixture
async def guarded(database_url: str, settings: CatalogSettings, tmp_path: Path) -> AsyncIterator[Guarded]:
    wanting = AuthSettings(
        database_url=database_url,
        data_dir=tmp_path,
        auth="required",
        auth_issuer=ISSUER,
        auth_service_clients=f"catalog={SECRET}",
    )
    with served(create_auth(wanting)) as url:
        own = {"client_id": "service-catalog", "client_secret": SECRET, "tenant_creation": "explicit"}
        guarding = settings.model_copy(update={"auth": "required", "auth_url": url, "auth_issuer": ISSUER, **own})
        async with calling(create_app(guarding)) as catalog, httpx.AsyncClient(base_url=url) as auth:
            await until_ready(auth)
            auth.headers.update(await bearer(auth, administrator(tmp_path)))
            for tenant, code in (("takamatsu", "372013"), ("fukui", "180009")):
                (await auth.put(f"/tenants/{tenant}", json={"code": code})).raise_for_status()
            yield Guarded(catalog, auth)


async def test_public_data_sets_are_read_without_a_token(guarded: Guarded) -> None:
    publisher = {**await guarded.token(grant("takamatsu", "publish")), "Fiware-Service": "takamatsu"}
    await _until_known(guarded, "takamatsu")
    sent = await guarded.catalog.post("/datasets/import", content=LIST.read_bytes(), headers=publisher)
    assert sent.status_code == 200, sent.text
    assert (await guarded.catalog.get("/datasets")).json()["total"] == 113
    for path in ("/datasets/park", "/catalog", "/catalog.ttl?limit=1", "/dataset/park.ttl", "/licences", "/themes"):
        assert (await guarded.catalog.get(path)).status_code == 200
    listed = await guarded.catalog.get("/api/3/action/package_list")
    assert len(listed.json()["result"]) == 113


async def _until_known(guarded: Guarded, tenant: str) -> None:
    """Wait until the catalogue has heard of a tenant from auth: its name is then unknown no more."""
    headers = {**await guarded.token(grant(tenant, "publish")), "Fiware-Service": tenant}
    async with asyncio.timeout(60):
        while True:
            answer = await guarded.catalog.post("/datasets", json=PARKS, headers=headers)
            if answer.status_code != 404:
                break
            await asyncio.sleep(0.05)
    await guarded.catalog.delete("/datasets/parks", headers=headers)


async def test_the_catalogue_knows_its_publishers_from_auth(guarded: Guarded) -> None:
    await _until_known(guarded, "takamatsu")
    publisher = {**await guarded.token(grant("takamatsu", "publish")), "Fiware-Service": "takamatsu"}
    created = (await guarded.catalog.post("/datasets", json=PARKS, headers=publisher)).json()
    assert created["publisher"] == {"tenant": "takamatsu", "title": "高松市", "title_en": None, "code": "372013"}
    assert created["spatial"] == "372013"
    named = {"names": {"ja": "高松市役所"}}
    assert (await guarded.catalog.put("/appearance", json=named, headers=publisher)).status_code == 403
    chief = {**await guarded.token(grant("takamatsu", "admin")), "Fiware-Service": "takamatsu"}
    assert (await guarded.catalog.put("/appearance", json=named, headers=chief)).json()["names"] == named["names"]
    assert (await guarded.catalog.get("/datasets/parks")).json()["publisher"]["title"] == "高松市役所"


async def test_writing_wants_a_token_with_a_grant_to_publish_in_the_tenant(guarded: Guarded) -> None:
    tenant = {"Fiware-Service": "takamatsu"}
    tokens: list[tuple[dict[str, str], int]] = [
        ({}, 401),
        ({"Authorization": "Bearer nonsense"}, 401),
        (await guarded.token(grant("takamatsu", "read", "write")), 403),
        (await guarded.token(grant("fukui", "publish")), 403),
    ]
    for token, status in tokens:
        headers = {**tenant, **token}
        answers = [
            await guarded.catalog.post("/datasets", json=PARKS, headers=headers),
            await guarded.catalog.post("/datasets/import", content=LIST.read_bytes(), headers=headers),
            await guarded.catalog.patch("/datasets/x", json={}, headers=headers),
            await guarded.catalog.delete("/datasets/x", headers=headers),
        ]
        assert [answer.status_code for answer in answers] == [status] * 4
        assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}


async def test_a_restricted_data_set_is_there_only_for_who_may_read_its_tenant(
    guarded: Guarded, catalogue: Catalogue
) -> None:
    restricted = dataclasses.replace(catalogue, live_access=Access.RESTRICTED)
    await record_observation(restricted, seen(GAUGES))
    reader = await guarded.token(grant("fukui", "read"))
    stranger = await guarded.token(grant("takamatsu", "*"))
    for headers in ({}, stranger):
        assert await _seen_everywhere(guarded.catalog, headers) == [404, 404, 404, 0, 0, 0, []]
    assert await _seen_everywhere(guarded.catalog, reader) == [200, 200, 200, 1, 1, 1, ["fukui"]]


async def test_names_of_hidden_data_sets_are_told_only_to_who_sees_them(guarded: Guarded) -> None:
    publisher = {**await guarded.token(grant("takamatsu", "publish", "read")), "Fiware-Service": "takamatsu"}
    await _until_known(guarded, "takamatsu")
    form = {"licence": "CC0-1.0", "landing_page": None, "distributions": []}
    written = [
        {"name": "hidden-series", "kind": "series", "state": "draft"},
        {"name": "hidden-parks", "access": "restricted", "series": "hidden-series"},
        {"name": "open-parks", "series": "hidden-series"},
        {"name": "api", "kind": "service", "endpoint_url": "https://api.jp", "serves": ["open-parks", "hidden-parks"]},
    ]
    for each in written:
        answer = await guarded.catalog.post("/datasets", json={**PARKS, **form, **each}, headers=publisher)
        assert answer.status_code == 201, answer.text
    reader = await guarded.token(grant("takamatsu", "read"))
    actions = ("package_show?id=api", "package_search?rows=9", "recently_changed_packages_activity_list?include_data=1")
    paths = (
        *(f"/api/3/action/{action}" for action in actions),
        *("/datasets/api", "/datasets/open-parks", "/datasets?limit=9", "/datasets/api/versions/1"),
        *("/datasets/api/versions/1/changes", "/catalog.ttl", "/dataset/api.ttl", "/dataset/api.jsonld", "/data.json"),
        *("/catalog/dump.nt", "/dataset/api", "/dataset/open-parks", "/ogc/collections/datasets/items"),
    )
    for headers, told in ((publisher, {True}), (reader, {True}), ({}, {False})):
        accepting = {"Accept": "text/html", **headers}
        pages = {path: await guarded.catalog.get(path, headers=accepting) for path in paths}
        assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
        assert {"hidden-parks" in pages[path].text for path in paths[:2]} == told
        assert {"hidden-parks" in pages[path].text for path in ("/datasets/api/versions/1", "/catalog.ttl")} == told
        assert headers is publisher or not any("hidden-series" in page.text for page in pages.values())
        assert headers or not any("hidden-parks" in page.text for page in pages.values())
    assert (await guarded.catalog.get("/datasets/api", headers=reader)).json()["serves"] == written[3]["serves"]
    assert (await guarded.catalog.get("/datasets/api")).json()["serves"] == ["open-parks"]
    whole = (await guarded.catalog.get("/datasets?limit=9", headers=publisher)).json()["items"]
    assert {each["series"] for each in whole if "parks" in each["name"]} == {"hidden-series"}


async def _seen_everywhere(client: httpx.AsyncClient, headers: dict[str, str]) -> list[Any]:
    """Ask for the live data set on every way there is."""
    action = "/api/3/action"
    shown = await client.get(f"{action}/package_show?id=fukui-waterlevelobserved", headers=headers)
    rdf = await client.get("/dataset/fukui-waterlevelobserved.ttl", headers=headers)
    catalogue = await client.get("/catalog.ttl", headers=headers)
    search = await client.get(f'{action}/package_search?facet.field=["tags"]', headers=headers)
    organizations = await client.get(f"{action}/organization_list", headers=headers)
    tags = search.json()["result"]["facets"]["tags"]
    return [
        (await client.get(LIVE, headers=headers)).status_code,
        shown.status_code,
        rdf.status_code,
        (await client.get("/datasets?q=waterlevelobserved", headers=headers)).json()["total"],
        catalogue.text.count("a dcat:Dataset"),
        len(tags) and search.json()["result"]["count"],
        organizations.json()["result"],
    ]


async def test_a_publisher_opens_a_live_data_set(guarded: Guarded, catalogue: Catalogue) -> None:
    await record_observation(catalogue, seen(GAUGES))
    publisher = {**await guarded.token(grant("fukui", "publish")), "Fiware-Service": "fukui"}
    for access, status in (("restricted", 404), ("public", 200)):
        changed = await guarded.catalog.patch(LIVE, json={"access": access}, headers=publisher)
        assert changed.status_code == 200
        assert (await guarded.catalog.get(LIVE)).status_code == status


async def test_withdrawn_data_sets_are_listed_for_who_may_read_the_tenant(guarded: Guarded) -> None:
    publisher = {**await guarded.token(grant("takamatsu", "publish")), "Fiware-Service": "takamatsu"}
    await _until_known(guarded, "takamatsu")
    await guarded.catalog.post("/datasets", json=PARKS, headers=publisher)
    await guarded.catalog.patch("/datasets/parks", json={"state": "withdrawn"}, headers=publisher)
    reader, stranger = await guarded.token(grant("takamatsu", "read")), await guarded.token(grant("fukui", "read"))
    for headers, total in ((reader, 1), (stranger, 0), ({}, 0)):
        answer = await guarded.catalog.get("/datasets", params={"state": "withdrawn"}, headers=headers)
        assert answer.json()["total"] == total


async def test_ckans_clients_may_send_the_token_bare(guarded: Guarded, catalogue: Catalogue) -> None:
    await record_observation(catalogue, seen(GAUGES))
    publisher = {**await guarded.token(grant("fukui", "publish")), "Fiware-Service": "fukui"}
    await guarded.catalog.patch(LIVE, json={"access": "restricted"}, headers=publisher)
    token = (await guarded.token(grant("fukui", "read")))["Authorization"].removeprefix("Bearer ")
    url = "/api/3/action/package_show?id=fukui-waterlevelobserved"
    for headers in ({"Authorization": token}, {"X-CKAN-API-Key": token}):
        assert (await guarded.catalog.get(url, headers=headers)).status_code == 200
    refused = await guarded.catalog.get(url, headers={"Authorization": "nonsense"})
    assert (refused.status_code, refused.json()["error"]["__type"]) == (403, "Authorization Error")


async def test_a_suspended_tenants_data_sets_are_hidden(guarded: Guarded, catalogue: Catalogue) -> None:
    await _until_known(guarded, "fukui")
    await record_observation(catalogue, seen(GAUGES))
    assert (await guarded.catalog.get(LIVE)).status_code == 200
    (await guarded.auth.patch("/tenants/fukui", json={"status": "suspended"})).raise_for_status()

    async def is_hidden() -> bool:
        return (await guarded.catalog.get(LIVE)).status_code == 404

    await until(is_hidden)


async def test_a_department_publishes_for_its_own_service_path_alone(guarded: Guarded) -> None:
    await _until_known(guarded, "takamatsu")
    department = {**await guarded.token(grant("takamatsu", "publish", path="/parks/#")), "Fiware-Service": "takamatsu"}
    city = {**await guarded.token(grant("takamatsu", "publish")), "Fiware-Service": "takamatsu"}
    catalog = guarded.catalog
    assert (await catalog.post("/datasets", json=PARKS, headers=department)).status_code == 403
    own = PARKS | {"name": "own", "unit": "/parks/trees", "state": "draft"}
    assert (await catalog.post("/datasets", json=own, headers=department)).status_code == 201
    other = PARKS | {"name": "other", "unit": "/roads"}
    assert (await catalog.post("/datasets", json=other, headers=department)).status_code == 403
    for name, state in (("other", "published"), ("hidden", "draft")):
        document = other | {"name": name, "state": state}
        assert (await catalog.post("/datasets", json=document, headers=city)).status_code == 201
    told = [(await catalog.get("/datasets/other/versions", headers=each)).json()[0] for each in (city, department, {})]
    assert [each["published_by"] is not None for each in told] == [True, False, False]
    change = {"licence": "CC0-1.0"}
    statuses = {
        name: (await catalog.patch(f"/datasets/{name}", json=change, headers=department)).status_code
        for name in ("own", "other", "hidden")
    }
    assert statuses == {"own": 200, "other": 403, "hidden": 404}
    drafts = (await catalog.get("/datasets?state=draft", headers=department)).json()["items"]
    assert [each["name"] for each in drafts] == ["own"]
    assert (await catalog.get("/datasets/own")).status_code == 404
    moved = await catalog.patch("/datasets/own", json={"unit": "/roads"}, headers=department)
    assert moved.status_code == 403
    assert (await catalog.put("/units/parks", json={"titles": {"ja": "公園"}}, headers=department)).status_code == 200
    assert (await catalog.put("/units/roads", json={"titles": {"ja": "道路"}}, headers=department)).status_code == 403
    await _publishes_through_ckan(catalog, {"Authorization": department["Authorization"].removeprefix("Bearer ")})


async def _publishes_through_ckan(catalog: httpx.AsyncClient, bare: dict[str, str]) -> None:
    """The same through CKAN's actions, with the token as CKAN's clients send it."""
    package = {"name": "via-ckan", "title": "樹木", "owner_org": "takamatsu"}
    statuses = []
    for unit, headers in (("/parks/trees", bare), ("/roads", bare), ("/parks/trees", {})):
        document = package | {"extras": [{"key": "unit", "value": unit}]}
        answer = await catalog.post("/api/3/action/package_create", json=document, headers=headers)
        statuses.append(answer.status_code)
        package["name"] += "-2"
    assert statuses == [200, 403, 403]
    for name, headers in (("via-ckan", bare), ("other", bare), ("via-ckan", {})):
        files = {"upload": ("a.csv", b"x\n1\n")}
        action, form = "/api/3/action/resource_create", {"package_id": name}
        answer = await catalog.post(action, data=form, files=files, headers=headers)
        statuses.append(answer.status_code)
    assert statuses[3:] == [200, 403, 403], "files as well"


async def test_who_may_only_write_changes_a_published_data_set_in_a_working_copy(guarded: Guarded) -> None:
    await _until_known(guarded, "takamatsu")
    tenant = {"Fiware-Service": "takamatsu"}
    publisher = {**await guarded.token(grant("takamatsu", "publish")), **tenant}
    writer, stranger = [
        {**await guarded.token(grant("takamatsu", "write", path=path)), **tenant} for path in ("/parks/#", "/schools/#")
    ]
    catalog = guarded.catalog
    await catalog.post("/datasets", json={**PARKS, "unit": "/parks"}, headers=publisher)

    async def shown() -> tuple[str, list[str]]:
        found = (await catalog.get("/datasets/parks")).json()
        return found["licence"], found["keywords"]

    proposed = await catalog.patch("/datasets/parks", json={"licence": "CC0-1.0", "note": "freer"}, headers=writer)
    assert (proposed.status_code, proposed.json()["copy_state"]) == (202, "draft"), proposed.text
    assert (await shown())[0] == "CC-BY-4.0", "readers see what is published"
    draft = "/datasets/parks/draft"
    assert proposed.json()["changes"] == [{"member": "licence", "before": "CC-BY-4.0", "after": "CC0-1.0"}]
    seen = [(await catalog.get(draft, headers=each)).status_code for each in (writer, publisher, stranger, {})]
    assert seen == [200, 200, 403, 401]
    for refused in ({"state": "withdrawn"}, {"access": "restricted"}, {"unit": "/"}):
        answer = await catalog.patch("/datasets/parks", json=refused, headers=writer)
        assert answer.status_code in (400, 403), answer.text
    assert (await catalog.patch(draft, json={"state": "published"}, headers=writer)).status_code == 403
    patch = {"id": "parks", "tags": [{"name": "みどり"}]}
    package = (await catalog.post("/api/3/action/package_patch", json=patch, headers=writer)).json()["result"]
    assert (package["state"], [each["name"] for each in package["tags"]]) == ("draft", ["みどり"])
    files = "/files?dataset=parks&name=a.csv"
    sent = [await catalog.post(files, content=b"a\n1\n", headers=each) for each in (stranger, writer)]
    assert [each.status_code for each in sent] == [403, 202], "a file of who may only write waits as well"
    file = sent[1].json()["url"].removeprefix("https://data.example.jp")
    seen = [(await catalog.get(file, headers=each)).status_code for each in (writer, publisher, stranger, {})]
    assert seen == [200, 200, 404, 404]
    review = (await catalog.patch(draft, json={"state": "review"}, headers=writer)).json()
    assert (review["copy_state"], review["note"], review["collisions"]) == ("review", "freer", [])
    await catalog.patch("/datasets/parks", json={"licence": "PDL-1.0"}, headers=publisher)
    collides = await catalog.patch(draft, json={"state": "published"}, headers=publisher)
    assert (collides.status_code, "licence" in collides.json()["detail"]) == (409, True)
    assert (await catalog.patch(draft, json={"licence": "CC0-1.0"}, headers=writer)).json()["copy_state"] == "draft"
    published = await catalog.patch(draft, json={"state": "published"}, headers=publisher)
    assert (published.status_code, published.json()["version"]) == (200, 3)
    assert await shown() == ("CC0-1.0", ["みどり"])
    assert (await catalog.get(file.partition("?")[0])).content == b"a\n1\n"
    assert (await catalog.get(draft, headers=publisher)).status_code == 404
    await catalog.patch("/datasets/parks", json={"keywords": ["木"]}, headers=publisher)
    assert await shown() == ("CC0-1.0", ["木"]), "who may publish changes it at once"
