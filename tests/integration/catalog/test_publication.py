"""Drafts, review, publication, versions, units and lateness over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import httpx

from services.catalog.main import create_app
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.conftest import TAKAMATSU
from tests.integration.catalog.test_datasets import PARKS, publish
from tests.support.lifespan import calling

FULL: dict[str, Any] = {
    "box": [133.9, 34.2, 134.1, 34.4],
    "temporal_start": "2024-04-01",
    "temporal_end": "2025-03-31",
    "data_class": "anonymised",
    "policy": {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set", "permission": [{"action": "use"}]},
    "provenance": {"ja": "公園台帳から作成"},
    "creator": {"name": "公園緑地課", "email": None, "url": "https://example.jp/park"},
    "version_label": "2024年度版",
    "conforms_to": ["https://example.jp/standard"],
    "documentation": ["https://example.jp/manual.pdf"],
    "sources": ["https://example.jp/ledger"],
    "source_system": "公園台帳システム",
}


async def change(client: httpx.AsyncClient, name: str = "parks", **changes: Any) -> httpx.Response:
    return await client.patch(f"/datasets/{name}", json=changes, headers=TAKAMATSU)


async def test_everything_that_is_said_reads_back(client: httpx.AsyncClient) -> None:
    created = await publish(client, **FULL)
    assert {name: created[name] for name in FULL} == FULL
    emptied = dict.fromkeys(FULL)
    changed = (await change(client, **emptied)).json()
    assert {changed[name] for name in ("box", "policy", "creator", "version_label")} == {None}
    assert (changed["data_class"], changed["conforms_to"], changed["provenance"]) == ("none", [], {})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"box": [134, 34, 133, 35]}, "box"),
    ({"box": [1, 2, 3]}, "box"),
    ({"data_class": "secret"}, "data_class"),
    ({"policy": {"@type": "Set"}}, "policy"),
    ({"policy": {"permission": [{}]}}, "policy"),
    ({"temporal_start": "2024"}, "temporal_start"),
    ({"unit": "/a b"}, "unit"),
    ({"state": "withdrawn"}, "state"),
    ({"kind": "live"}, "kind"),
    ({"kind": "service"}, "endpoint_url"),
    ({"series": "nothing-there"}, "series"),
    ({"serves": ["nothing-there"]}, "serves"),
    ({"max_age_s": 1}, "max_age_s"),
]


async def test_what_is_wrong_is_refused_by_name(client: httpx.AsyncClient) -> None:
    for wrong, field in WRONG:
        answer = await client.post("/datasets", json=PARKS | wrong, headers=TAKAMATSU)
        assert (answer.status_code, answer.json()["field"]) == (400, field), wrong


async def test_a_draft_is_shown_to_its_editors_alone_until_it_is_published(client: httpx.AsyncClient) -> None:
    draft = await publish(client, state="draft")
    assert (draft["state"], draft["version"], draft["published_at"]) == ("draft", 0, None)
    assert (await client.get("/datasets")).json()["total"] == 0
    assert (await client.get("/dataset/parks.ttl")).status_code == 404
    assert (await client.get("/datasets?state=draft")).json()["total"] == 1
    assert (await client.get("/datasets/parks")).json()["state"] == "draft"
    assert (await change(client, state="review")).json()["state"] == "review"
    shown = (await change(client, state="published")).json()
    assert (shown["state"], shown["version"]) == ("published", 1)
    assert (await client.get("/dataset/parks.ttl")).status_code == 200


async def test_a_private_data_set_is_no_part_of_the_catalogue(client: httpx.AsyncClient) -> None:
    await publish(client)
    await change(client, state="private")
    assert (await client.get("/datasets")).json()["total"] == 0
    assert (await client.get("/api/3/action/package_list")).json()["result"] == []
    assert (await client.get("/datasets?state=private")).json()["total"] == 1


async def test_each_publication_keeps_a_version(client: httpx.AsyncClient) -> None:
    await publish(client, note="first")
    await change(client, licence="CC0-1.0", keywords=["公園"], note="freer")
    await change(client, licence="CC0-1.0")
    versions = (await client.get("/datasets/parks/versions")).json()
    assert [(each["number"], each["note"], each["published_by"]) for each in versions] == [
        (2, "freer", "anonymous"),
        (1, "first", "anonymous"),
    ]
    first = (await client.get("/datasets/parks/versions/1")).json()["content"]
    assert (first["licence"], first["titles"]) == ("CC-BY-4.0", PARKS["titles"])
    assert (await client.get("/datasets/parks/versions/2/changes")).json() == [
        {"member": "keywords", "before": ["公園", "緑"], "after": ["公園"]},
        {"member": "licence", "before": "CC-BY-4.0", "after": "CC0-1.0"},
    ]
    backwards = (await client.get("/datasets/parks/versions/1/changes?since=2")).json()
    assert backwards[1] == {"member": "licence", "before": "CC0-1.0", "after": "CC-BY-4.0"}
    assert {each["member"] for each in (await client.get("/datasets/parks/versions/1/changes")).json()} >= {"titles"}
    assert (await client.get("/datasets/parks/versions/3")).status_code == 404


async def test_a_changed_distribution_is_told_by_its_identifier(client: httpx.AsyncClient) -> None:
    created = await publish(client)
    form = created["distributions"][0]["id"]
    await change(client, distributions=[{"id": form, "access_url": "https://example.jp/new", "format": "CSV"}])
    (told,) = (await client.get("/datasets/parks/versions/2/changes")).json()
    assert told["member"] == f"distributions.{form}"
    assert told["after"]["access_url"] == "https://example.jp/new"


async def test_drafts_keep_no_versions(client: httpx.AsyncClient) -> None:
    await publish(client, state="draft")
    await change(client, licence="CC0-1.0")
    assert (await client.get("/datasets/parks/versions")).json() == []


async def test_data_about_persons_are_never_public(client: httpx.AsyncClient) -> None:
    refused = await client.post("/datasets", json=PARKS | {"data_class": "personal"}, headers=TAKAMATSU)
    assert (refused.status_code, refused.json()["field"]) == (409, "access")
    await publish(client, data_class="personal", access="restricted")
    assert (await change(client, access="public")).status_code == 409
    assert (await change(client, state="draft", access="public")).status_code == 200
    assert (await change(client, state="published")).status_code == 409


async def test_with_four_eyes_somebody_else_publishes(settings: CatalogSettings) -> None:
    async with calling(create_app(settings.model_copy(update={"catalog_four_eyes": True}))) as client:
        assert (await client.post("/datasets", json=PARKS, headers=TAKAMATSU)).status_code == 409
        await publish(client, state="draft")
        assert (await change(client, state="published")).status_code == 409
        await change(client, state="review")
        own = await change(client, state="published")
        assert (own.status_code, own.json()["field"]) == (409, "state")


async def test_with_four_eyes_a_published_data_set_is_changed_by_a_working_copy(settings: CatalogSettings) -> None:
    draft = "/datasets/parks/draft"
    async with calling(create_app(settings)) as client:
        created = await publish(client, **FULL)
    async with calling(create_app(settings.model_copy(update={"catalog_four_eyes": True}))) as client:
        form = created["distributions"][0]["id"]
        forms = [{"id": form, "access_url": "https://example.jp/new", "format": "CSV"}]
        assert (await change(client, distributions=forms, policy=None)).status_code == 202
        held = (await client.get(draft, headers=TAKAMATSU)).json()
        assert [each["member"] for each in held["changes"]] == [f"distributions.{form}", "policy"]
        assert (held["collisions"], held["dataset"]["policy"]) == ([], None)
        alone = await client.patch(draft, json={"state": "published"}, headers=TAKAMATSU)
        assert (alone.status_code, alone.json()["field"]) == (409, "state")
        await client.patch(draft, json={"state": "review"}, headers=TAKAMATSU)
        assert (await client.patch(draft, json={"state": "published"}, headers=TAKAMATSU)).status_code == 409
        assert (await client.get("/datasets/parks")).json()["version"] == 1
        assert (await client.delete(draft, headers=TAKAMATSU)).status_code == 204
        assert (await client.delete(draft, headers=TAKAMATSU)).status_code == 404
        nothing = await client.patch(draft, json={"licence": created["licence"]}, headers=TAKAMATSU)
        assert nothing.status_code == 409, "a copy that changes nothing is none"
    async with calling(create_app(settings)) as client:
        await change(client, state="draft")
        assert (await client.patch(draft, json={"keywords": []}, headers=TAKAMATSU)).status_code == 409


async def test_a_series_holds_its_members_and_a_service_names_what_it_serves(client: httpx.AsyncClient) -> None:
    await publish(client, name="parks-by-year", kind="series", landing_page=None, distributions=[])
    await publish(client, name="parks-2024", series="parks-by-year")
    await publish(client, name="parks-api", kind="service", endpoint_url="https://api.jp/", serves=["parks-2024"])
    asked = "/api/3/action/package_search?fq=series:parks-by-year"
    members = (await client.get(asked)).json()["result"]["results"]
    assert [each["name"] for each in members] == ["parks-2024"]
    assert (await client.get("/datasets/parks-api")).json()["serves"] == ["parks-2024"]
    await client.delete("/datasets/parks-by-year", headers=TAKAMATSU)
    assert (await client.get("/datasets/parks-2024")).json()["series"] is None


async def test_units_have_names(client: httpx.AsyncClient) -> None:
    named = {"titles": {"ja": "公園緑地課"}, "email": "park@city.example.jp"}
    assert (await client.put("/units/parks/trees", json=named, headers=TAKAMATSU)).status_code == 200
    assert (await client.get("/units", headers=TAKAMATSU)).json() == [{"path": "/parks/trees", **named}]
    assert (await client.get("/units", headers={"Fiware-Service": "fukui"})).json() == []
    assert (await client.delete("/units/parks/trees", headers=TAKAMATSU)).status_code == 204
    assert (await client.delete("/units/parks/trees", headers=TAKAMATSU)).status_code == 404
    assert (await client.put("/units/a%20b", json=named, headers=TAKAMATSU)).status_code == 400


async def test_late_data_sets_are_a_feed(client: httpx.AsyncClient) -> None:
    now = datetime.now(UTC)
    long_ago = (now - timedelta(days=50)).date().isoformat()
    await publish(client, name="late-one", modified=long_ago, frequency="MONTHLY", unit="/parks")
    await publish(client, name="on-time", modified=now.date().isoformat(), frequency="MONTHLY")
    await publish(client, name="patient", modified=long_ago, frequency="MONTHLY", max_age_s=90 * 86_400)
    await publish(client, name="never-late", modified=long_ago, frequency="IRREG")
    assert [each["name"] for each in (await client.get("/datasets?late=true")).json()["items"]] == ["late-one"]
    answer = await client.get("/late.atom?tenant=takamatsu&unit=/parks")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    (entry,) = ET.fromstring(answer.content).iter("{http://www.w3.org/2005/Atom}entry")
    due = (await client.get("/datasets/late-one")).json()["due_at"]
    identifier = entry.findtext("{http://www.w3.org/2005/Atom}id") or ""
    assert identifier.endswith(f"#late-{datetime.fromisoformat(due).isoformat(timespec='milliseconds')[:-6]}Z")
    assert not list(ET.fromstring((await client.get("/late.atom?unit=/x")).content).iter("{*}entry"))
