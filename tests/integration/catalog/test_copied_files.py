"""Files that wait in the working copies of published data sets."""

import json
from typing import Any

import asyncpg
import httpx

from services.catalog.main import create_app
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.conftest import TAKAMATSU
from tests.integration.catalog.test_ckan_uploads import SITE, send
from tests.integration.catalog.test_ckan_writing import PARKS, ask
from tests.integration.catalog.test_datasets import publish
from tests.support.lifespan import calling

OLD, NEW = "名称,区\n中央,北\n".encode(), "名称,区\n中央,北\n東,南\n".encode("cp932")
WRITTEN = ("id", "access_url", "download_url", "title", "format", "media_type", "byte_size", "checksum", "modified")
DRAFT = "/datasets/parks/draft"


async def upload(client: httpx.AsyncClient, name: str, content: bytes, status: int = 202, **asked: str) -> Any:
    parameters = {"dataset": "parks", "name": name, **asked}
    answer = await client.post("/files", params=parameters, content=content, headers=TAKAMATSU)
    assert answer.status_code == status, answer.text
    return answer.json()


async def names(client: httpx.AsyncClient, **asked: str) -> list[str]:
    answer = await client.get("/files", params={"dataset": "parks", **asked})
    return [each["name"] for each in answer.json()] if answer.status_code == 200 else []


async def content(client: httpx.AsyncClient, url: str) -> bytes:
    answer = await client.get(url.removeprefix(SITE))
    assert answer.status_code == 200, answer.text
    return answer.content


async def change(client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    return await client.patch(DRAFT, json=changes, headers=TAKAMATSU)


async def test_a_file_of_a_working_copy_takes_the_place_of_the_published_one_when_it_is_published(
    client: httpx.AsyncClient, settings: CatalogSettings
) -> None:
    await publish(client, distributions=[])
    old = await upload(client, "公園.csv", OLD, 201)
    new = await upload(client, "公園.csv", NEW, draft="true")
    assert (new["id"], new["is_draft"], new["url"]) == (old["id"], True, f"{old['url']}?draft=true")
    assert [await content(client, each["url"]) for each in (old, new)] == [OLD, NEW]
    rows = f"/files/{old['id']}/rows"
    totals = [(await client.get(rows, params=asked)).json()["total"] for asked in ({}, {"draft": "true"})]
    assert totals == [1, 2]
    found = await ask(client, "datastore_search", resource_id=old["id"])
    assert found["total"] == 1, "what programs ask is the published table"
    schema = {"fields": [{"name": "名称"}, {"name": "区"}]}
    validated = await client.put(f"/files/{old['id']}/schema?draft=true", json=schema, headers=TAKAMATSU)
    assert validated.json()["rows"] == 2
    refused = await client.post(f"/files/{old['id']}/entities?draft=true", headers=TAKAMATSU)
    assert (refused.status_code, refused.json()["field"]) == (409, "draft")
    held = (await client.get(DRAFT, headers=TAKAMATSU)).json()
    assert held["dataset"]["distributions"][0]["download_url"] == new["url"]
    await upload(client, "別.csv", OLD, draft="true")
    assert (await names(client), await names(client, draft="true")) == (["公園.csv"], ["公園.csv", "別.csv"])

    published = (await change(client, state="published")).json()
    assert [each["download_url"].count("draft") for each in published["distributions"]] == [0, 0]
    assert (await content(client, old["url"]), published["version"]) == (NEW, 3)
    shown = (await client.get(f"/files/{old['id']}")).json()
    assert (shown["is_draft"], shown["table_rows"], shown["validation"]["rows"]) == (False, 2, 2)
    assert (await ask(client, "datastore_search", resource_id=old["id"]))["total"] == 2
    assert await names(client) == ["公園.csv", "別.csv"]
    assert (await client.get("/files", params={"dataset": "parks", "draft": "true"})).status_code == 404

    gone = await client.delete(f"/files/{old['id']}?draft=true", headers=TAKAMATSU)
    assert (gone.status_code, await names(client, draft="true")) == (202, ["別.csv"])
    assert await content(client, old["url"]) == NEW, "readers have it until the working copy is published"
    await upload(client, "第三.txt", b"x", draft="true")
    await client.delete(DRAFT, headers=TAKAMATSU)
    assert (await names(client), await _kept(settings)) == (["公園.csv", "別.csv"], 2)
    await client.delete(f"/files/{old['id']}?draft=true", headers=TAKAMATSU)
    assert (await change(client, state="published")).status_code == 200
    assert (await names(client), await _kept(settings)) == (["別.csv"], 1)


async def forms(client: httpx.AsyncClient, *, of_draft: bool = False) -> list[dict[str, Any]]:
    """Return the distributions of the data set, or of its working copy, as they are written."""
    answer = await client.get(DRAFT if of_draft else "/datasets/parks", headers=TAKAMATSU)
    shown = answer.json()["dataset"] if of_draft else answer.json()
    return [{name: each[name] for name in WRITTEN} for each in shown["distributions"]]


async def test_what_was_published_meanwhile_is_told_and_both_files_stay(
    client: httpx.AsyncClient, settings: CatalogSettings
) -> None:
    await publish(client, distributions=[])
    await upload(client, "a.csv", OLD, draft="true")
    other = await upload(client, "b.csv", OLD, 201)
    again = await upload(client, "a.csv", NEW, draft="true")
    assert (await client.get(DRAFT, headers=TAKAMATSU)).json()["collisions"] == ["distributions"]
    refused = await change(client, state="published")
    assert (refused.status_code, await names(client), await _kept(settings)) == (409, ["b.csv"], 2)
    both = [*await forms(client), *await forms(client, of_draft=True)]
    answer = await change(client, distributions=both, state="published")
    assert answer.status_code == 200, answer.text
    assert [await content(client, each["url"].partition("?")[0]) for each in (other, again)] == [OLD, NEW]

    await upload(client, "c.csv", OLD, draft="true")
    kept = [each for each in await forms(client, of_draft=True) if each["title"] != "c.csv"]
    assert (await change(client, distributions=kept)).status_code == 200
    assert (await client.get(DRAFT, headers=TAKAMATSU)).status_code == 404, "a copy that changes nothing more is gone"
    assert await _kept(settings) == 2


async def test_with_four_eyes_resources_of_ckan_wait_with_their_files(settings: CatalogSettings) -> None:
    async with calling(create_app(settings)) as client:
        await ask(client, "package_create", **PARKS)
        old = await send(client, "resource_create", 200, ("a.csv", OLD), package_id="parks")
    async with calling(create_app(settings.model_copy(update={"catalog_four_eyes": True}))) as client:
        before = await ask(client, "package_show", id="parks")
        new = await send(client, "resource_patch", 200, ("b.csv", NEW), id=old["id"])
        assert (new["id"], new["size"], new["url_type"]) == (old["id"], len(NEW), "upload")
        made = await send(client, "resource_create", 200, ("c.csv", OLD), package_id="parks")
        renamed = await ask(client, "resource_patch", id=made["id"], name="別の表")
        assert (renamed["name"], renamed["hash"], renamed["url"]) == ("別の表", made["hash"], made["url"])
        linked = await ask(client, "resource_create", package_id="parks", url="https://example.jp/d.csv", format="CSV")
        assert [await content(client, each["url"]) for each in (old, new, made)] == [OLD, NEW, OLD]
        assert await ask(client, "package_show", id="parks") == before
        draft = (await client.get(DRAFT, headers=TAKAMATSU)).json()["dataset"]["distributions"]
        assert [each["id"] for each in draft[1:]] == [old["id"], made["id"], linked["id"]]
        for each in (made, linked, old):
            assert await ask(client, "resource_delete", id=each["id"]) is None
        assert "__type" in await ask(client, "resource_delete", 404, id=made["id"])
        assert (await names(client), await names(client, draft="true")) == (["a.csv"], [])
        assert await _kept(settings) == 1
        upright = await client.post(
            "/files", params={"dataset": "parks", "name": "e.csv"}, content=NEW, headers=TAKAMATSU
        )
        assert (upright.status_code, upright.json()["is_draft"]) == (202, True), "the API's uploads wait as well"


async def _kept(settings: CatalogSettings) -> int:
    """Return how many files lie in the database, each with its bytes."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        found = await connection.fetchrow(
            "select count(*), json_agg(distinct p.file_id) from catalog.stored_file f"
            " full join catalog.file_portion p using (file_id)"
        )
        assert found[0] == len(json.loads(found[1]))
        return int(found[0])
    finally:
        await connection.close()
