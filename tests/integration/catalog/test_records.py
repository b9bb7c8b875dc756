"""OGC API - Records: the landing page, the collection, records by place, time, words and type."""

from typing import Any

import httpx
import pytest

from tests.integration.catalog.test_datasets import publish

ITEMS = "/ogc/collections/datasets/items"


@pytest.fixture
async def some(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Parks in Takamatsu in 2024, roads in Fukui since 2025, and a series without place or time."""
    parks = {"temporal_start": "2024-01-01", "temporal_end": "2024-12-31", "box": [133.9, 34.2, 134.1, 34.4]}
    await publish(client, name="parks-a", **parks)
    roads = {"titles": {"ja": "道路"}, "keywords": ["道"], "descriptions": {"ja": "県道"}}
    await publish(client, name="roads", box=[136.0, 36.0, 136.3, 36.2], temporal_start="2025-01-01", **roads)
    await publish(
        client,
        name="years",
        kind="series",
        titles={"ja": "年"},
        descriptions={"ja": "-"},
        keywords=[],
        distributions=[],
    )
    return client


async def titles(client: httpx.AsyncClient, query: str) -> list[str]:
    answer = await client.get(f"{ITEMS}?{query}")
    assert answer.status_code == 200, answer.text
    return sorted(each["properties"]["title"] for each in answer.json()["features"])


async def test_the_landing_page_leads_to_the_records(some: httpx.AsyncClient) -> None:
    landing = (await some.get("/ogc")).json()
    links = {each["rel"]: each["href"].removeprefix("https://data.example.jp") for each in landing["links"]}
    assert len((await some.get(links["conformance"])).json()["conformsTo"]) > 5
    (collection,) = (await some.get(links["data"])).json()["collections"]
    items = next(each["href"] for each in collection["links"] if each["rel"] == "items")
    found = (await some.get(items.removeprefix("https://data.example.jp"))).json()
    assert (found["type"], found["numberMatched"], found["numberReturned"]) == ("FeatureCollection", 3, 3)
    assert (await some.get("/ogc/collections/nothing")).status_code == 404
    asked = [await some.get(links[each], params={"f": "json"}) for each in ("self", "conformance", "data")]
    assert [each.status_code for each in asked] == [200, 200, 200], "for clients that put it everywhere"


FOUND = {
    "bbox=133,34,134,35": ["公園一覧"],
    "bbox=130,30,140,40": ["公園一覧", "道路"],
    "bbox=170,30,-170,40": [],
    "bbox=133,34,0,134,35,100": ["公園一覧"],
    "datetime=2024-06-01": ["公園一覧"],
    "datetime=2024-06-01T00:00:00Z/..": ["公園一覧", "道路"],
    "datetime=../2023-12-31": [],
    "q=県道": ["道路"],
    "q=縣道": ["道路"],
    "q=県道,公園": ["公園一覧", "道路"],
    "bbox=140,30,135,40": ["公園一覧"],
    "themes=ENVI&type=dataset": ["公園一覧", "道路"],
    "themes=TRAN": [],
    "keywords=道": ["道路"],
    "keywords=道&formats=XLSX": [],
    "externalIds=https://data.example.jp/dataset/x,urn:x": [],
    "type=series": ["年"],
    "type=dataset,series&q=年": ["年"],
    "type=nothing": [],
}
WRONG = {
    "bbox=1,2,3": "bbox",
    "bbox=a,b,c,d": "bbox",
    "datetime=soon": "datetime",
    "limit=0": "limit",
    "colour=red": "colour",
    "f=html": "f",
    "sortby=size": "sortby",
}


async def test_records_are_found_by_place_time_words_and_type(some: httpx.AsyncClient) -> None:
    assert {query: await titles(some, query) for query in FOUND} == FOUND


async def test_what_is_wrong_is_refused_by_name(some: httpx.AsyncClient) -> None:
    for query, field in WRONG.items():
        answer = await some.get(f"{ITEMS}?{query}")
        assert (answer.status_code, answer.json()["field"]) == (400, field), query


async def test_pages_lead_on(some: httpx.AsyncClient) -> None:
    path: str | None = f"{ITEMS}?limit=2&f=json"
    seen: list[str] = []
    while path:
        page = (await some.get(path)).json()
        seen += [each["id"] for each in page["features"]]
        following = [each["href"] for each in page["links"] if each["rel"] == "next"]
        path = following[0].removeprefix("https://data.example.jp") if following else None
    assert len(seen) == len(set(seen)) == 3


async def test_records_are_ordered_and_found_by_their_addresses(some: httpx.AsyncClient) -> None:
    async def asked(query: str) -> list[dict[str, Any]]:
        return list((await some.get(f"{ITEMS}?{query}")).json()["features"])

    named = [each["properties"]["title"] for each in await asked("sortby=%2Btitle")]
    assert named == list(reversed([each["properties"]["title"] for each in await asked("sortby=-title,created")]))
    changed = [each["properties"]["updated"] for each in await asked("")]
    assert changed == sorted(changed, reverse=True)
    first, *_ = await asked("limit=1")
    own = first["properties"]["externalIds"][0]["value"]
    assert [each["id"] for each in await asked(f"externalIds={own},urn:x")] == [first["id"]]
    assert [each["id"] for each in await asked(f"id={first['id']}")] == [first["id"]]
    assert await asked("q=一覧%20公園") == []
    collection = (await some.get("/ogc/collections/datasets")).json()
    leads = {each["rel"].rpartition("/")[2]: each["href"] for each in collection["links"]}
    for name, known in (("queryables", "keywords"), ("sortables", "updated")):
        answer = await some.get(leads[name].removeprefix("https://data.example.jp"))
        assert answer.headers["content-type"] == "application/schema+json"
        assert (answer.json()["$id"], answer.json()["properties"][known]["type"]) == (leads[name], "string")
    assert (await some.get("/ogc/conformance?limit=1")).status_code == 400
    kinds = {each["rel"]: each.get("type") for each in first["links"] if each["rel"] in ("collection", "alternate")}
    assert set(kinds) == {"collection", "alternate"}


async def test_a_record_says_what_a_data_set_is(some: httpx.AsyncClient) -> None:
    own = (await some.get("/datasets/parks-a")).json()
    answer = await some.get(f"{ITEMS}/{own['id']}")
    found = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert (found["id"], found["properties"]["title"]) == (own["id"], "公園一覧")
    assert found["time"] == {"interval": ["2024-01-01", "2024-12-31"]}
    assert found["geometry"]["coordinates"][0][0] == [133.9, 34.2]
    assert found["properties"]["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert "https://example.jp/park.csv" in [each["href"] for each in found["links"]]
    assert (await some.get(f"{ITEMS}/{'0' * 8}-0000-0000-0000-{'0' * 12}")).status_code == 404
