"""Files that come, change and go with resources of the CKAN action API."""

from typing import Any

import httpx

from services.catalog.main import create_app
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.conftest import TAKAMATSU
from tests.integration.catalog.test_ckan_writing import PARKS, ask
from tests.support.lifespan import calling

CSV = "名称,区\n中央,北\n".encode("cp932")
SITE = "https://data.example.jp"


async def send(client: httpx.AsyncClient, action: str, status: int, file: Any, **given: str) -> Any:
    answer = await client.post(f"/api/3/action/{action}", data=given, files={"upload": file})
    assert answer.status_code == status, answer.text
    body = answer.json()
    return body["result"] if status == 200 else body["error"]


async def test_a_resource_comes_changes_and_goes_with_its_file(client: httpx.AsyncClient) -> None:
    await ask(client, "package_create", **PARKS | {"resources": []})
    sent = {"package_id": "parks", "name": "公園", "description": "表", "url": "", "caddec_custom": "kept"}
    made = await send(client, "resource_create", 200, ("公園.csv", CSV, "text/csv"), **sent)
    said = ("name", "description", "format", "mimetype", "size", "url_type", "caddec_custom", "datastore_active")
    assert tuple(made[name] for name in said) == ("公園", "表", "CSV", "text/csv", len(CSV), "upload", "kept", True)
    assert "T" in made["last_modified"]
    assert made == await ask(client, "resource_show", id=made["id"])
    assert (await client.get(made["url"].removeprefix(SITE))).content == CSV
    assert (await ask(client, "datastore_search", resource_id=made["id"]))["records"][0]["名称"] == "中央"

    twin = await send(client, "resource_create", 200, ("公園.csv", b"x\n1\n"), package_id="parks", name="別")
    assert twin["id"] != made["id"], "another resource, as in CKAN, though its file is called the same"
    patched = await send(client, "resource_patch", 200, ("公園.json", b"[]", "application/json"), id=made["id"])
    kept = ("id", "name", "description", "caddec_custom", "position")
    assert {name: patched[name] for name in kept} == {name: made[name] for name in kept}
    assert (patched["format"], patched["size"], patched["datastore_active"]) == ("JSON", 2, True)
    assert (await client.get(made["url"].removeprefix(SITE))).content == b"[]"
    updated = await send(client, "resource_update", 200, ("b.csv", CSV), id=made["id"], name="B", format="TXT")
    assert (updated["id"], updated["format"], updated["description"]) == (made["id"], "TXT", "")
    package = await ask(client, "package_show", id="parks")
    assert [each["id"] for each in package["resources"]] == [made["id"], twin["id"]]
    assert await ask(client, "package_update", **package) == package, "writing back what was shown changes nothing"
    said = await ask(client, "resource_patch", id=twin["id"], size=5, name="別の表")
    assert (said["size"], said["hash"], said["name"]) == (4, twin["hash"], "別の表")

    await ask(client, "resource_delete", id=twin["id"])
    shown = await ask(client, "resource_show", id=made["id"])
    moved = await ask(client, "resource_update", **shown | {"url": "https://example.jp/b.csv"})
    assert (moved["url_type"], moved["access_url"]) == (None, "https://example.jp/b.csv")
    assert (await client.get("/files", params={"dataset": "parks"})).json() == []


async def test_a_file_takes_the_place_of_an_address_and_keeps_other_names(client: httpx.AsyncClient) -> None:
    await ask(client, "package_create", **PARKS)
    known = PARKS["resources"][0]["id"]
    patched = await send(client, "resource_patch", 200, ("a.csv", CSV), id=known)
    assert (patched["id"], patched["url_type"], patched["name"]) == (known, "upload", "CSV")
    renamed = await send(client, "resource_patch", 200, ("b.csv", CSV), id=known)
    asked = {"dataset": "parks", "name": "b.csv"}
    again = await client.post("/files", params=asked, content=CSV, headers=TAKAMATSU)
    assert again.json()["id"] == known, "by its name a file is replaced where it is now"
    assert await ask(client, "resource_show", id=known) == renamed, "and what is said of it stays"


async def test_what_is_refused_leaves_nothing_and_names_the_member(settings: CatalogSettings) -> None:
    limited = settings.model_copy(update={"catalog_file_limit_bytes": 5000, "body_limit_bytes": 2000})
    async with calling(create_app(limited)) as client:
        await ask(client, "package_create", **PARKS)
        known = PARKS["resources"][0]["id"]
        for size in (5001, 9000):
            error = await send(client, "resource_create", 409, ("a.csv", b"x" * size), package_id="parks")
            assert (error["__type"], list(error)) == ("Validation Error", ["__type", "upload"])
        assert await ask(client, "resource_create", 409, package_id="parks", upload="a.csv") == {
            "__type": "Validation Error",
            "upload": ["must be one file, in multipart/form-data"],
        }
        assert "id" in await send(client, "resource_create", 409, ("a.csv", CSV), package_id="parks", id=known)
        assert (await send(client, "resource_patch", 404, ("a.csv", CSV), id="none"))["__type"] == "Not Found Error"
        assert "url" in await send(client, "resource_create", 409, ("", b""), package_id="parks")
        elsewhere = await client.post(
            "/api/action/resource_create", data={"package_id": "parks", "url": SITE}, files={"file": ("a.csv", CSV)}
        )
        assert (elsewhere.status_code, list(elsewhere.json()["error"])) == (409, ["__type", "file"])
        large = await client.post("/api/3/action/resource_create", json={"package_id": "parks", "name": "x" * 3000})
        assert (large.status_code, large.json()["error"]["__type"]) == (413, "TooLarge")
        assert (await client.get("/files", params={"dataset": "parks"})).json() == []
        assert (await ask(client, "package_show", id="parks"))["num_resources"] == 1
        made = await send(client, "resource_create", 200, ("a.txt", b"x" * 5000), package_id="parks")
        assert made["size"] == 5000, "files may be larger than other bodies"
