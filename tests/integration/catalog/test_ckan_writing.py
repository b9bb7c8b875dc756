"""Writing through the CKAN action API, and all that reads beside packages."""

import uuid
from typing import Any

import httpx

from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.record_observation import record_observation
from tests.integration.catalog.conftest import GAUGES, seen

PARKS: dict[str, Any] = {
    "name": "parks",
    "title": "公園一覧",
    "notes": "市内の公園",
    "owner_org": "takamatsu",
    "license_id": "CC-BY-4.0",
    "author": "公園緑地課",
    "maintainer": "情報政策課",
    "maintainer_email": "data@city.example.jp",
    "url": "https://example.jp/parks",
    "version": "2026",
    "groups": [{"name": "envi"}],
    "tags": [{"name": "公園"}],
    "extras": [
        {"key": "spatial", "value": '{"type": "Point", "coordinates": [134.0, 34.3]}'},
        {"key": "caddec_custom", "value": "kept"},
        {"key": "frequency", "value": "MONTHLY"},
    ],
    "resources": [
        {
            "id": "5d0e4c4e-1a51-4c5c-9d3c-1f1a2c3d4e5f",
            "name": "CSV",
            "url": "https://example.jp/parks.csv",
            "format": "CSV",
            "size": 120,
            "caddec_resource_type": "file/http",
        }
    ],
}


async def ask(client: httpx.AsyncClient, action: str, status: int = 200, **given: Any) -> Any:
    answer = await client.post(f"/api/3/action/{action}", json=given)
    assert answer.status_code == status, answer.text
    body = answer.json()
    return body["result"] if status == 200 else body["error"]


async def test_what_is_created_is_shown(client: httpx.AsyncClient) -> None:
    created = await ask(client, "package_create", **PARKS)
    assert await ask(client, "package_show", id="parks") == created
    same = ("name", "title", "notes", "license_id", "author", "maintainer", "maintainer_email", "url")
    assert {name: created[name] for name in same} == {name: PARKS[name] for name in same}
    assert created["owner_org"] == created["organization"]["id"] != created["organization"]["name"] == "takamatsu"
    extras = {each["key"]: each["value"] for each in created["extras"]}
    assert extras["caddec_custom"] == "kept"
    assert extras["frequency"].endswith("/frequency/MONTHLY")
    assert created["groups"][0]["name"] == "envi"
    (resource,) = created["resources"]
    assert (resource["id"], resource["size"]) == (PARKS["resources"][0]["id"], 120)
    assert resource["caddec_resource_type"] == "file/http"
    own = (await client.get("/datasets/parks")).json()
    assert (own["box"], own["version_label"], own["themes"]) == ([134.0, 34.3, 134.0, 34.3], "2026", ["ENVI"])


async def test_writing_back_what_was_shown_changes_nothing(client: httpx.AsyncClient) -> None:
    created = await ask(client, "package_create", **PARKS)
    assert await ask(client, "package_update", **created) == created
    assert await ask(client, "package_patch", id="parks") == created
    assert (await client.get("/datasets/parks")).json()["version"] == 1


async def test_what_the_catalogue_says_beyond_ckan_survives_a_round_trip(client: httpx.AsyncClient) -> None:
    await ask(client, "package_create", **PARKS)
    more = {
        "titles": {"ja": "公園", "en": "Parks"},
        "policy": {"@type": "Set", "permission": [{"action": "use"}]},
        "provenance": {"ja": "台帳", "en": "ledger"},
        "data_class": "anonymised",
        "temporal_start": "2024-04-01",
        "conforms_to": ["https://example.jp/standard"],
        "max_age_s": 86_400,
        "source_system": "台帳",
    }
    before = (await client.patch("/datasets/parks", json=more, headers={"Fiware-Service": "takamatsu"})).json()
    shown = await ask(client, "package_show", id="parks")
    await ask(client, "package_update", **shown)
    assert (await client.get("/datasets/parks")).json() == before


async def test_an_update_empties_what_it_leaves_out_and_a_patch_does_not(client: httpx.AsyncClient) -> None:
    await ask(client, "package_create", **PARKS)
    patched = await ask(client, "package_patch", id="parks", title="都市公園")
    assert (patched["title"], patched["notes"]) == ("都市公園", "市内の公園")
    bare = {"id": "parks", "name": "parks", "title": "公園", "owner_org": "takamatsu"}
    updated = await ask(client, "package_update", **bare)
    assert (updated["tags"], updated["resources"], updated["license_id"]) == ([], [], "notspecified")


async def test_a_revision_changes_what_matches(client: httpx.AsyncClient) -> None:
    await ask(client, "package_create", **PARKS)
    form = PARKS["resources"][0]["id"]
    revised = await ask(
        client,
        "package_revise",
        match={"name": "parks", "title": "公園一覧"},
        filter=["-tags"],
        update={"notes": "新しい"},
        **{f"update__resources__{form[:6]}": {"name": "表"}},
    )
    package = revised["package"]
    assert (package["notes"], package["tags"], package["resources"][0]["name"]) == ("新しい", [], "表")
    error = await ask(client, "package_revise", 409, match={"name": "parks", "title": "別"}, update={"notes": "x"})
    assert error["__type"] == "Validation Error"


async def test_a_deleted_package_is_gone_until_it_is_active_again(client: httpx.AsyncClient) -> None:
    await ask(client, "package_create", **PARKS)
    assert await ask(client, "package_delete", id="parks") is None
    assert await ask(client, "package_list") == []
    assert (await ask(client, "package_show", id="parks"))["state"] == "deleted"
    assert (await ask(client, "package_patch", id="parks", state="active"))["state"] == "active"
    await ask(client, "dataset_purge", id="parks")
    await ask(client, "package_show", 404, id="parks")


async def test_drafts_and_private_packages_are_said_in_ckans_words(client: httpx.AsyncClient) -> None:
    draft = await ask(client, "package_create", **PARKS | {"state": "draft"})
    assert (draft["state"], await ask(client, "package_list")) == ("draft", [])
    await ask(client, "package_create", **PARKS | {"name": "inner", "private": True, "resources": []})
    assert (await client.get("/datasets/inner")).json()["access"] == "restricted"


async def test_resources_are_written_one_by_one(client: httpx.AsyncClient) -> None:
    await ask(client, "package_create", **PARKS | {"resources": []})
    made = await ask(
        client, "resource_create", package_id="parks", url="https://example.jp/a.csv", format="csv", name="A"
    )
    assert (made["format"], made["mimetype"]) == ("CSV", "text/csv")
    patched = await ask(client, "resource_patch", id=made["id"], description="表")
    assert (patched["name"], patched["description"]) == ("A", "表")
    moved = await ask(client, "resource_patch", id=made["id"], url="https://example.jp/b.csv")
    assert (moved["url"], moved["access_url"]) == ("https://example.jp/b.csv", "https://example.jp/b.csv")
    replaced = await ask(client, "resource_update", id=made["id"], url="https://example.jp/c.csv")
    assert (replaced["id"], replaced["description"]) == (made["id"], "")
    assert await ask(client, "resource_show", id=made["id"]) == replaced
    found = await ask(client, "resource_search", query="url:C.CSV")
    assert (found["count"], found["results"]) == (1, [replaced])
    assert (await ask(client, "resource_search", query=["url:c.csv", "name:none"]))["count"] == 0
    await ask(client, "resource_delete", id=made["id"])
    await ask(client, "resource_show", 404, id=made["id"])


async def test_resources_that_the_broker_serves_are_found_after_those_that_are_stored(
    client: httpx.AsyncClient, catalogue: Catalogue
) -> None:
    await record_observation(catalogue, seen(GAUGES))
    url = {"url": "https://example.jp/a.csv", "format": "CSV", "name": "公園の表"}
    await ask(client, "package_create", **PARKS | {"resources": [url]})
    found = await ask(client, "resource_search", query="format:csv")
    names = ["公園の表", "河川水位（CSV）"]
    assert (found["count"], [each["name"] for each in found["results"]]) == (2, names)
    for offset, name in enumerate(names):
        part = await ask(client, "resource_search", query="format:csv", limit=1, offset=offset)
        assert (part["count"], [each["name"] for each in part["results"]]) == (2, [name])
    served = found["results"][1]
    assert served["name_translated"]["en"] == "River water levels (CSV)"
    assert await ask(client, "resource_show", id=served["id"]) == served


async def test_what_the_broker_serves_is_shown_but_not_changed(client: httpx.AsyncClient, catalogue: Catalogue) -> None:
    await record_observation(catalogue, seen(GAUGES))
    package = await ask(client, "package_show", id="fukui-waterlevelobserved")
    served = package["resources"][0]
    assert await ask(client, "resource_show", id=served["id"]) == served
    assert (await ask(client, "resource_patch", 409, id=served["id"], name="x"))["id"]
    patched = await ask(client, "package_patch", id=package["id"], notes="河川の水位")
    assert [each["id"] for each in patched["resources"]] == [each["id"] for each in package["resources"]]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"owner_org": ""}, "owner_org"),
    ({"name": "Not A Name"}, "name"),
    ({"name": "x", "title": ""}, "name"),
    ({"state": "gone"}, "state"),
    ({"extras": [{"key": "data_class", "value": "personal"}]}, "private"),
    ({"extras": [{"key": "unit", "value": "/a b"}]}, "unit"),
]


async def test_a_wrong_package_is_refused_by_member(client: httpx.AsyncClient) -> None:
    for change, member in WRONG:
        error = await ask(client, "package_create", 409, **PARKS | change)
        assert (error["__type"], member in error) == ("Validation Error", True), change


async def test_a_name_that_is_taken_is_refused(client: httpx.AsyncClient) -> None:
    await ask(client, "package_create", **PARKS)
    assert "name" in await ask(client, "package_create", 409, **PARKS | {"resources": []})


async def test_writing_by_get_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/3/action/package_delete?id=parks")
    assert (answer.status_code, "POST" in answer.text) == (400, True)


async def test_groups_are_the_themes(client: httpx.AsyncClient) -> None:
    await ask(client, "package_create", **PARKS)
    assert "envi" in await ask(client, "group_list")
    (shown,) = await ask(client, "group_list", all_fields=True, groups=["envi"])
    assert shown["package_count"] == 1
    assert (await ask(client, "group_show", id="envi"))["title"] == "環境"
    assert [each["name"] for each in await ask(client, "group_package_show", id="envi")] == ["parks"]
    (within,) = (await ask(client, "group_show", id="envi", include_datasets=True))["packages"]
    assert within["name"] == "parks"
    assert await ask(client, "format_autocomplete", q="C") == ["csv"]
    assert [each["name"] for each in await ask(client, "group_autocomplete", q="環境")] == ["envi"]
    assert (await ask(client, "package_search", fq="groups:envi"))["count"] == 1
    await ask(client, "group_show", 404, id="nothing")


async def test_the_lists_beside_packages(client: httpx.AsyncClient) -> None:
    await ask(client, "package_create", **PARKS)
    assert [each["name"] for each in await ask(client, "current_package_list_with_resources")] == ["parks"]
    assert [each["name"] for each in await ask(client, "package_autocomplete", q="par")] == ["parks"]
    assert [each["name"] for each in await ask(client, "organization_autocomplete", q="taka")] == ["takamatsu"]
    assert "takamatsu" in [each["name"] for each in await ask(client, "organization_list_for_user")]
    tag = await ask(client, "tag_show", id="公園")
    assert await ask(client, "tag_show", id=tag["id"]) == tag
    (organization,) = await ask(client, "organization_list", all_fields=True)
    shown = await ask(client, "organization_show", id=organization["id"])
    assert (shown["name"], uuid.UUID(shown["id"]).version) == ("takamatsu", 5)
    assert (await ask(client, "package_search", fq=f"-owner_org:{shown['id']}"))["count"] == 0
    assert (await ask(client, "package_search", fq=f"owner_org:{shown['id']} OR owner_org:nobody"))["count"] == 1
    group = await ask(client, "group_show", id="envi")
    assert await ask(client, "group_show", id=group["id"]) == group
    second = await ask(client, "package_create", name="by-id", title="木", owner_org=shown["id"])
    assert second["organization"]["name"] == "takamatsu"
    assert await ask(client, "tag_autocomplete", q="公") == ["公園"]
    assert (await ask(client, "tag_search", query="公"))["count"] == 1
    assert await ask(client, "package_relationships_list", id="parks") == []
    assert await ask(client, "resource_view_list", id=PARKS["resources"][0]["id"]) == []


async def test_what_has_no_counterpart_is_refused_with_its_reason(client: httpx.AsyncClient) -> None:
    for action in ("organization_create", "group_create", "user_create", "datastore_search_sql"):
        error = await ask(client, action, 403, name="x")
        assert (error["__type"], error["message"].count(":") > 0) == ("Authorization Error", True), action
