"""Publishing, changing and finding data sets over HTTP."""

import uuid
from typing import Any

import httpx
import pytest

from tests.integration.catalog.conftest import TAKAMATSU

PARKS: dict[str, Any] = {
    "titles": {"ja": "公園一覧", "en": "Parks"},
    "descriptions": {"ja": "市内の公園"},
    "licence": "CC-BY-4.0",
    "themes": ["ENVI"],
    "keywords": ["公園", "緑", "公園"],
    "frequency": "MONTHLY",
    "issued": "2024-04-01",
    "modified": "2026-04-01T09:00:00+09:00",
    "contact": {"name": "公園緑地課", "email": "park@city.example.jp"},
    "landing_page": "https://example.jp/parks",
    "extras": {"雨天": "可"},
    "distributions": [
        {"access_url": "https://example.jp/parks", "download_url": "https://example.jp/park.csv", "format": "csv"}
    ],
}


async def publish(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/datasets", json=PARKS | changes, headers=TAKAMATSU)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/datasets/{created['id']}"
    return created


async def test_a_published_data_set_reads_back_by_identifier_and_name(client: httpx.AsyncClient) -> None:
    created = await publish(client)
    assert (created["name"], created["kind"], created["state"]) == ("parks", "file", "published")
    assert created["keywords"] == ["公園", "緑"]
    assert created["distributions"][0]["media_type"] == "text/csv"
    for reference in (created["id"], "parks"):
        assert (await client.get(f"/datasets/{reference}")).json() == created


async def test_a_given_name_that_is_taken_is_refused(client: httpx.AsyncClient) -> None:
    await publish(client, name="city-parks")
    again = await client.post("/datasets", json=PARKS | {"name": "city-parks"}, headers=TAKAMATSU)
    assert (again.status_code, again.json()["field"]) == (409, "name")


async def test_the_same_page_twice_gets_two_names(client: httpx.AsyncClient) -> None:
    first, second = await publish(client), await publish(client)
    assert first["name"] == "parks"
    assert second["name"].startswith("parks-takamatsu-")


async def test_without_a_page_the_name_is_the_tenants_with_a_hash(client: httpx.AsyncClient) -> None:
    assert (await publish(client, landing_page=None))["name"].startswith("takamatsu-")


async def test_a_patch_changes_what_it_names_and_null_empties(client: httpx.AsyncClient) -> None:
    created = await publish(client)
    answer = await client.patch(
        "/datasets/parks",
        json={"titles": {"ja": "都市公園"}, "contact": None, "keywords": None},
        headers={**TAKAMATSU, "Content-Type": "application/merge-patch+json"},
    )
    changed = answer.json()
    assert answer.status_code == 200
    assert (changed["titles"], changed["contact"], changed["keywords"]) == ({"ja": "都市公園"}, None, [])
    untouched = {"titles", "contact", "keywords", "edited", "updated_at", "version", "published_at"}
    assert {k: v for k, v in changed.items() if k not in untouched} == {
        k: v for k, v in created.items() if k not in untouched
    }


async def test_a_patch_that_changes_nothing_leaves_the_time(client: httpx.AsyncClient) -> None:
    created = await publish(client)
    same = await client.patch("/datasets/parks", json={"licence": "CC-BY-4.0"}, headers=TAKAMATSU)
    assert same.json() == created


async def test_a_withdrawn_data_set_is_hidden_until_it_is_published_again(client: httpx.AsyncClient) -> None:
    await publish(client)
    withdrawn = await client.patch("/datasets/parks", json={"state": "withdrawn"}, headers=TAKAMATSU)
    assert withdrawn.json()["withdrawn_because"] == "publisher"
    assert (await client.get("/datasets/parks")).json()["state"] == "withdrawn"  # to those who may publish it
    assert (await client.get("/datasets")).json()["total"] == 0
    assert (await client.get("/datasets", params={"state": "withdrawn"})).json()["total"] == 1
    assert (await client.get("/dataset/parks.ttl")).status_code == 404
    await client.patch("/datasets/parks", json={"state": "published"}, headers=TAKAMATSU)
    assert (await client.get("/datasets/parks")).status_code == 200


async def test_a_deleted_data_set_is_gone(client: httpx.AsyncClient) -> None:
    await publish(client)
    assert (await client.delete("/datasets/parks", headers=TAKAMATSU)).status_code == 204
    assert (await client.get("/datasets/parks")).status_code == 404
    assert (await client.delete("/datasets/parks", headers=TAKAMATSU)).status_code == 404


async def test_another_tenant_can_neither_change_nor_delete(client: httpx.AsyncClient) -> None:
    created = await publish(client)
    for reference in ("parks", created["id"]):
        changed = await client.patch(
            f"/datasets/{reference}", json={"licence": "CC0-1.0"}, headers={"Fiware-Service": "b"}
        )
        deleted = await client.delete(f"/datasets/{reference}", headers={"Fiware-Service": "b"})
        assert (changed.status_code, deleted.status_code) == (404, 404)
    assert (await client.get("/datasets/parks")).json() == created


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"titles": {}}, "titles"),
        ({"titles": {"ja": " "}}, "titles.ja"),
        ({"titles": {"ja": "a\u0000b"}}, "titles.ja"),
        ({"titles": {"Japanese!": "a"}}, "titles.Japanese!.[key]"),
        ({"descriptions": None}, "descriptions"),
        ({"licence": "CC-BY-5.0"}, "licence"),
        ({"themes": ["PARK"]}, "themes.0"),
        ({"spatial": "372014"}, "spatial"),
        ({"frequency": "often"}, "frequency"),
        ({"issued": "2024-02-30"}, "issued"),
        ({"issued": "yesterday"}, "issued"),
        ({"landing_page": "javascript:alert(1)"}, "landing_page"),
        ({"contact": {"name": "a", "email": "no"}}, "contact.email"),
        ({"distributions": [{"format": "CSV"}]}, "distributions.0.access_url"),
        ({"distributions": [{"access_url": "https://e.jp/a b"}]}, "distributions.0.access_url"),
        ({"name": "Ö"}, "name"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_a_wrong_member_is_refused_by_name(client: httpx.AsyncClient, change: dict[str, Any], field: str) -> None:
    answer = await client.post("/datasets", json=PARKS | change, headers=TAKAMATSU)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert (await client.get("/datasets")).json()["total"] == 0


async def test_null_for_what_is_needed_is_refused(client: httpx.AsyncClient) -> None:
    await publish(client)
    for name in ("titles", "descriptions", "state", "access"):
        answer = await client.patch("/datasets/parks", json={name: None}, headers=TAKAMATSU)
        assert (answer.status_code, answer.json()["field"]) == (400, name)


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"{", {"Content-Type": "application/json"}),
        (b'"\\ud800"', {"Content-Type": "application/json"}),
        (b'{"titles": {"ja": "\\ud800"}, "descriptions": {"ja": "a"}}', {"Content-Type": "application/json"}),
        (b"titles=a", {"Content-Type": "application/x-www-form-urlencoded"}),
        (b"\xff", {"Content-Type": "application/json"}),
    ],
)
async def test_a_body_that_is_no_json_is_refused(
    client: httpx.AsyncClient, content: bytes, headers: dict[str, str]
) -> None:
    answer = await client.post("/datasets", content=content, headers={**TAKAMATSU, **headers})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/datasets?limit=0", "limit"),
        ("/datasets?limit=1001", "limit"),
        ("/datasets?offset=-1", "offset"),
        ("/datasets?offset=99999999999999999999", "offset"),
        ("/datasets?kind=paper", "kind.0"),
        ("/datasets?tenant=Ö", "tenant"),
        ("/catalog.ttl?page=0", "page"),
        ("/catalog.pdf", "suffix"),
    ],
)
async def test_a_wrong_parameter_is_refused_by_name(client: httpx.AsyncClient, path: str, field: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_headers_and_parameter_must_name_the_same_tenant(client: httpx.AsyncClient) -> None:
    answer = await client.get("/datasets", params={"tenant": "fukui"}, headers=TAKAMATSU)
    assert (answer.status_code, answer.json()["field"]) == (400, "tenant")


async def test_pages_cover_everything_once(takamatsu: httpx.AsyncClient) -> None:
    seen = []
    for offset in range(0, 120, 50):
        page = (await takamatsu.get("/datasets", params={"limit": 50, "offset": offset})).json()
        assert page["total"] == 113
        seen += [each["id"] for each in page["items"]]
    assert len(seen) == len(set(seen)) == 113


async def test_filters_narrow(takamatsu: httpx.AsyncClient) -> None:
    await publish(takamatsu)

    async def total(**parameters: str) -> int:
        return int((await takamatsu.get("/datasets", params=parameters)).json()["total"])

    assert await total(tenant="takamatsu") == 114
    assert await total(tenant="fukui") == 0
    assert await total(tenant="") == 0
    assert await total(theme="ENVI") == 1
    assert await total(theme="HEAL") == 17
    assert await total(licence="CC-unspecified") == 113
    assert await total(kind="live") == 0
    assert await total(q="公園") == 17  # 緑地 is another word for it
    assert await total(q="公園", theme="ENVI") == 1
    assert (await takamatsu.get("/datasets", headers=TAKAMATSU)).json()["total"] == 114


async def test_words_are_found_in_any_width_and_the_title_ranks_first(takamatsu: httpx.AsyncClient) -> None:
    for query in ("AED", "aed", "ＡＥＤ"):
        page = (await takamatsu.get("/datasets", params={"q": query})).json()
        assert [each["name"] for each in page["items"]] == ["aed_location"]
    items = (await takamatsu.get("/datasets", params={"q": "公園", "limit": 100})).json()["items"]
    in_title = ["公園" in each["titles"]["ja"] for each in items]
    assert 0 < sum(in_title) < len(in_title)
    assert in_title == sorted(in_title, reverse=True)


async def test_an_unknown_data_set_is_a_problem(client: httpx.AsyncClient) -> None:
    for reference in ("nothing", str(uuid.uuid4()), "x" * 200):
        answer = await client.get(f"/datasets/{reference}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_vocabularies_are_listed(client: httpx.AsyncClient) -> None:
    licences = (await client.get("/licences")).json()
    assert {"CC-BY-4.0", "CC-unspecified", "PDL-1.0", "CC0-1.0"} <= {each["id"] for each in licences}
    assert len((await client.get("/themes")).json()) == 13
