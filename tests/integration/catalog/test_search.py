"""Search: what is found, in which order, with which counts; the same over the API and CKAN's dialect."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from services.catalog.api.cards import Cards
from services.catalog.api.search_views import SearchPage
from services.catalog.domain.audience import PUBLIC
from services.catalog.domain.query import AllOf, Field, Slice, Words
from services.catalog.main import create_app
from services.catalog.operations import tallies
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.reanalyse import reanalyse
from services.catalog.operations.search import look_up, search
from services.catalog.settings import CatalogSettings
from services.catalog.store.hits import Asked
from services.catalog.store.revision import revision
from services.catalog.store.searches import Searches
from services.catalog.store.tables import dataset
from services.kernel.errors import Unavailable
from services.kernel.postgres import session
from tests.support.lifespan import calling

FUKUI = {"Fiware-Service": "fukui"}


def entry(title: str, **more: Any) -> dict[str, Any]:
    return {"titles": {"ja": title}, "descriptions": {"ja": "市の台帳"}, **more}


ENTRIES = [
    entry("指定避難所一覧", name="shelters", themes=["JUST"], modified="2026-04-01"),
    entry("公園一覧", name="parks", keywords=["避難所"], themes=["ENVI"], modified="2026-04-01"),
    entry("学校一覧", name="schools", descriptions={"ja": "避難所になる学校もある"}, modified="2026-04-01"),
    entry("避難所", name="shelter-old", modified="2019-04-01"),
    entry("ﾄｲﾚの位置", name="toilets", keywords=["Restroom"]),
]


@pytest.fixture
async def city(client: httpx.AsyncClient) -> httpx.AsyncClient:
    for each in ENTRIES:
        answer = await client.post("/datasets", json=each, headers=FUKUI)
        assert answer.status_code == 201, answer.text
    for name in ("shelters", "parks", "schools", "shelter-old", "toilets"):
        await client.patch(f"/datasets/{name}", json={"state": "published"}, headers=FUKUI)
    return client


async def found(client: httpx.AsyncClient, **asked: Any) -> list[str]:
    answer = await client.get("/datasets", params=asked)
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["items"]]


async def test_titles_come_before_keywords_and_those_before_descriptions(city: httpx.AsyncClient) -> None:
    assert await found(city, q="避難所") == ["shelter-old", "shelters", "parks", "schools"]


async def test_fresh_data_come_first_where_words_decide_nothing(city: httpx.AsyncClient) -> None:
    await city.patch("/datasets/shelter-old", json={"titles": {"ja": "避難所の台帳"}}, headers=FUKUI)
    assert (await found(city, q="避難所"))[:2] == ["shelters", "shelter-old"]


@pytest.mark.parametrize("asked", ["トイレ", "といれ", "ﾄｲﾚ", "restroom", "お手洗い", "RESTROOMS"])
async def test_width_kana_case_language_and_other_words_make_no_difference(city: httpx.AsyncClient, asked: str) -> None:
    assert await found(city, q=asked) == ["toilets"]


async def test_common_words_are_found_by_their_readings(city: httpx.AsyncClient) -> None:
    assert {"shelter-old", "shelters"} <= set(await found(city, q="ひなんじょ"))
    assert await found(city, q="こうえん") == ["parks"]


async def test_words_of_one_character_are_found(city: httpx.AsyncClient) -> None:
    assert await found(city, q="園") == ["parks"]


async def test_all_words_must_occur_and_one_may_be_left_out(city: httpx.AsyncClient) -> None:
    assert await found(city, q="避難所 公園") == ["parks"]
    assert "parks" not in await found(city, q="避難所 -公園")
    assert await found(city, q='"所になる"') == ["schools"]


async def test_the_publishers_name_is_found_with_the_thing(city: httpx.AsyncClient) -> None:
    assert await found(city, q="fukui 公園") == ["parks"]


async def test_results_are_counted_by_field(city: httpx.AsyncClient) -> None:
    answer = await city.get("/datasets", params={"q": "避難所", "facet": ["theme", "publisher"], "limit": 1})
    assert answer.json()["total"] == 4
    assert answer.json()["facets"] == {"publisher": {"fukui": 4}, "theme": {"ENVI": 1, "JUST": 1}}


async def test_several_values_of_a_field_are_a_choice(city: httpx.AsyncClient) -> None:
    assert set(await found(city, theme=["ENVI", "JUST"])) == {"parks", "shelters"}


async def test_a_sentence_is_read_without_its_particles(city: httpx.AsyncClient) -> None:
    answer = (await city.get("/datasets", params={"q": "避難所になる公園を"})).json()
    assert [each["name"] for each in answer["items"]] == ["parks"]
    assert answer["relaxed"] is True
    answer = (await city.get("/datasets", params={"q": "公園の位置情報"})).json()
    assert ([each["name"] for each in answer["items"]][:1], answer["relaxed"]) == (["parks"], True)


async def test_a_mistyped_word_is_put_right(city: httpx.AsyncClient) -> None:
    assert (await city.get("/datasets", params={"q": "evacuaton"})).json()["did_you_mean"] == ["evacuation"]
    assert (await city.get("/datasets", params={"q": "避何所"})).json()["did_you_mean"] == ["避難所"]


async def test_what_is_typed_is_completed_from_what_the_caller_sees(city: httpx.AsyncClient) -> None:
    await city.post("/datasets", json=entry("避難所の鍵番号", access="restricted"), headers=FUKUI)
    offered = (await city.get("/suggestions", params={"q": "ヒナン"})).json()["suggestions"]
    assert offered == ["避難所"], "by its reading"
    offered = (await city.get("/suggestions", params={"q": "避難"})).json()["suggestions"]
    assert offered[0] == "避難所"
    assert "指定避難所一覧" in offered


async def test_ckan_ranks_and_counts_the_same(city: httpx.AsyncClient) -> None:
    asked = {"q": "避難所", "facet.field": '["theme"]'}
    result = (await city.get("/api/3/action/package_search", params=asked)).json()["result"]
    assert [each["name"] for each in result["results"]] == await found(city, q="避難所")
    assert result["facets"]["theme"] == {"ENVI": 1, "JUST": 1}


@pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "0,10,1,9", "0,0,nan,1", "-181,0,1,1"])
async def test_an_area_that_is_none_is_refused(client: httpx.AsyncClient, bbox: str) -> None:
    answer = await client.get("/datasets", params={"bbox": bbox})
    assert answer.status_code == 400
    assert answer.json()["field"] == "bbox"


async def test_data_are_found_by_area_and_time(city: httpx.AsyncClient) -> None:
    cover = {"box": [136.0, 36.0, 136.3, 36.2], "temporal_start": "2024-04-01", "temporal_end": "2025-03-31"}
    changed = await city.patch("/datasets/parks", json=cover, headers=FUKUI)
    assert changed.status_code == 200, changed.text
    assert await found(city, bbox="136.2,36.1,137,37") == ["parks"]
    assert await found(city, bbox="130,30,131,31") == []
    assert await found(city, start="2025-03-31") == ["parks"]
    assert await found(city, start="2025-04-01") == []


async def test_many_results_are_ranked_counted_and_paged_as_few_are(
    city: httpx.AsyncClient, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for phrase, fields in (("避難所", (Field.THEME,)), ("一覧", ()), ("", (Field.THEME, Field.ORGANIZATION))):
        asked = Asked(PUBLIC, Words(phrase) if phrase else AllOf(), fields)
        few = [await search(catalogue, asked, Slice(2, offset)) for offset in (0, 2, 4)]
        monkeypatch.setattr(tallies, "MOST_COUNTED", 1)
        many = [await search(catalogue, asked, Slice(2, offset)) for offset in (0, 2, 4)]
        monkeypatch.undo()
        assert [each.total for each in many] == [each.total for each in few]
        assert [each.facets for each in many] == [each.facets for each in few]
        pages = [{each.name for part in found for each in part.datasets} for found in (few, many)]
        assert pages[0] == pages[1]
    titled = await search(catalogue, Asked(PUBLIC, Words("避難所")), Slice(2))
    assert {each.name for each in titled.datasets} == {"shelters", "shelter-old"}


async def test_what_older_rules_wrote_is_made_findable_anew(city: httpx.AsyncClient, catalogue: Catalogue) -> None:
    async with catalogue.engine.begin() as connection:
        await connection.execute(
            dataset.update().values(analysed_as="", terms=[], document="", heading="", title_end=0)
        )
    assert await found(city, q="避難所") == []
    assert await reanalyse(catalogue) == 5
    assert await found(city, q="避難所") == ["shelter-old", "shelters", "parks", "schools"]
    assert await reanalyse(catalogue) == 0


async def test_a_publishers_new_name_is_found(city: httpx.AsyncClient, catalogue: Catalogue) -> None:
    assert await found(city, q="越前県") == []
    async with catalogue.engine.begin() as connection:
        await connection.execute(text('update tenant set details = details || \'{"title": "越前県"}\''))
    await reanalyse(catalogue)
    assert len(await found(city, q="越前県")) == 5


async def test_counts_of_broad_searches_are_shared_and_renewed(settings: CatalogSettings, catalogue: Catalogue) -> None:
    async with calling(create_app(settings)) as client:
        await client.post("/datasets", json=entry("公園", state="published"), headers=FUKUI)
        asked = Asked(PUBLIC, AllOf())
        first, second = await catalogue.tallies.counts.get(asked), await catalogue.tallies.counts.get(asked)
        assert first is second
        assert first.total == 1
    async with session(catalogue.searches.pool) as connection:
        before = await revision(connection)
        await connection.execute("update dataset set licence = licence")
        await connection.execute("select pg_stat_force_next_flush()")
        assert await revision(connection) > before


async def test_what_is_written_is_found_as_it_is_at_once(city: httpx.AsyncClient) -> None:
    first = (await city.get("/datasets", params={"q": "公園", "facet": "theme"})).json()
    assert SearchPage.model_validate(first).total == 1
    assert first["items"] == [(await city.get("/datasets/parks")).json()]
    await city.patch("/datasets/parks", json={"themes": ["TRAN"]}, headers=FUKUI)
    second = (await city.get("/datasets", params={"q": "公園", "facet": "theme"})).json()
    assert second["items"] == [(await city.get("/datasets/parks")).json()]
    assert (second["items"][0]["themes"], second["facets"]["theme"]) == (["TRAN"], {"TRAN": 1})
    await city.delete("/datasets/parks", headers=FUKUI)
    assert await found(city, q="公園") == []


async def test_what_is_withdrawn_leaves_the_pages_of_broad_searches_at_once(
    city: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "MOST_COUNTED", 1)
    assert "parks" in await found(city)
    await city.patch("/datasets/parks", json={"state": "withdrawn"}, headers=FUKUI)
    assert "parks" not in await found(city)


async def test_only_as_many_data_sets_are_kept_written_as_are_allowed(
    city: httpx.AsyncClient, catalogue: Catalogue
) -> None:
    cards = Cards(catalogue.addresses)
    found = await look_up(catalogue, [Asked(PUBLIC, AllOf())], Slice(10), cards.of)
    hits, written = found.hits.page, found.page
    assert [orjson.loads(card)["id"] for card in written] == [str(hit.dataset_id) for hit in hits]
    cards = Cards(catalogue.addresses, most_bytes=len(written[0]) + len(written[1]))
    async with session(catalogue.searches.pool) as connection:
        for _ in range(2):
            assert await cards.of(connection, PUBLIC, hits) == written


@pytest.mark.parametrize(
    ("asked", "field"), [("limit=0", "limit"), ("late=perhaps", "late"), ("theme=A&kind=no", "kind"), ("q=%00", None)]
)
async def test_a_search_that_is_not_asked_well_is_refused(client: httpx.AsyncClient, asked: str, field: str) -> None:
    answer = await client.get(f"/datasets?{asked}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert field is None or answer.json()["field"].startswith(field)


async def test_a_search_gets_no_connection_that_was_closed_while_it_waited(catalogue: Catalogue) -> None:
    pool = catalogue.searches.pool
    searches = Searches(pool, at_once=1)
    assert pool.get_max_size() > 1  # so that connections are handed on

    async def ask() -> int:
        async with searches.turn() as turn:
            return int(await turn.connection.fetchval("select 1"))

    async with searches.turn() as turn:
        waiting = [asyncio.create_task(ask()) for _ in range(2)]
        await asyncio.sleep(0)
        await turn.connection.close()
    assert await asyncio.gather(*waiting) == [1, 1]


async def test_searches_take_turns_in_the_order_in_which_they_come(catalogue: Catalogue) -> None:
    searches = Searches(catalogue.searches.pool, at_once=1)
    done: list[str] = []
    counted = asyncio.Event()

    async def take(name: str) -> None:
        async with searches.turn() as turn:
            if name == "broad":
                async with turn.left():
                    await counted.wait()
            await turn.connection.fetchval("select 1")
            done.append(name)

    async with searches.turn():
        waiting = [asyncio.create_task(take(name)) for name in ("broad", "first", "second")]
        await asyncio.sleep(0)
        assert not done
    await asyncio.wait(waiting[1:])
    assert done == ["first", "second"]
    counted.set()
    await asyncio.wait(waiting)
    assert done == ["first", "second", "broad"]


async def test_a_turn_ends_with_a_search_that_fails(catalogue: Catalogue) -> None:
    searches = Searches(catalogue.searches.pool, at_once=1)
    for _ in range(2):
        with pytest.raises(Unavailable):
            async with searches.turn() as turn, turn.left():
                raise Unavailable
    async with searches.turn() as turn:
        assert await turn.connection.fetchval("select 1") == 1
