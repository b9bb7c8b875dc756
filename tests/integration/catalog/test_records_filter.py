"""OGC API - Records with CQL2: which records a filter selects, and what is refused."""

import json
import random
from typing import Any

import httpx
import pytest
import shapely
from sqlalchemy import text

from services.catalog.cql2.axes import Axes
from services.catalog.cql2.literals import written_shape
from services.catalog.domain.audience import Audience
from services.catalog.domain.comparison import Meets
from services.catalog.domain.query import Slice
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.find import find
from services.catalog.store.session import reading, reading_within
from services.kernel.errors import TooComplex
from tests.integration.catalog.test_datasets import publish
from tests.integration.catalog.test_records import ITEMS, titles

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
CRS = "http://www.opengis.net/def/crs"


@pytest.fixture
async def some(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Parks in Takamatsu in 2024, a street of Fukui since 2025, and a series without place, time or description."""
    parks = {"temporal_start": "2024-01-01", "temporal_end": "2024-12-31", "box": [133.9, 34.2, 134.1, 34.4]}
    await publish(client, name="parks-a", **parks)
    street = {"titles": {"en": "Straße ＡB 100%"}, "keywords": ["道", "Οδος"], "descriptions": {"ja": "県道"}}
    await publish(
        client, name="street", box=[136.0, 36.0, 136.3, 36.2], temporal_start="2025-01-01", themes=["TRAN"], **street
    )
    bare = {"titles": {"ja": "年"}, "descriptions": {"ja": "-"}, "keywords": [], "themes": [], "distributions": []}
    await publish(client, name="years", kind="series", licence="notspecified", **bare)
    return client


PARKS, STREET, YEARS = "公園一覧", "Straße ＡB 100%", "年"
ALL = sorted([PARKS, STREET, YEARS])
FOUND = {
    "title = '公園一覧'": [PARKS],
    "title <> '公園一覧'": [STREET, YEARS],
    "title = '公園'": [],
    "title > 'T' AND title < '年a'": [PARKS, YEARS],
    "title LIKE '%一覧'": [PARKS],
    "title LIKE '_' OR title LIKE '%100\\%'": [STREET, YEARS],
    "title NOT LIKE '%a%'": [PARKS, YEARS],
    "CASEI(title) = CASEI('STRASSE ａb 100%')": [STREET],
    "title = CASEI('STRASSE ａb 100%') OR CASEI(title) LIKE 'Str%'": [],
    "CASEI(keywords) = CASEI('ΟΔΟΣ')": [STREET],
    "keywords = 'ΟΔΟΣ'": [],
    "keywords LIKE '道%'": [STREET],
    "keywords IS NULL": [YEARS],
    "NOT keywords = '道'": [PARKS],
    "NOT (keywords = '道' OR title = '年')": [PARKS],
    "NOT (keywords = '道' AND title = '年')": [PARKS, STREET],
    "type IN ('series', 'service')": [YEARS],
    "type NOT IN ('series')": [PARKS, STREET],
    "themes = 'TRAN'": [STREET],
    "formats = 'csv' AND formats IS NOT NULL": [PARKS, STREET],
    f"license = '{LICENCE}'": [PARKS, STREET],
    "license LIKE 'https://creativecommons.org/%' AND description = '県道'": [STREET],
    "license = 'other'": [YEARS],
    "updated >= DATE('2020-01-01')": ALL,
    "updated < TIMESTAMP('2020-01-01T00:00:00Z') OR TIMESTAMP('2020-01-01T00:00:00Z') > created": [],
    "created BETWEEN DATE('2020-01-01') AND DATE('2999-01-01') AND updated > '2020-01-01'": ALL,
    "T_AFTER(updated, created) OR created <= updated": ALL,
    "time IS NULL": [YEARS],
    "T_INTERSECTS(time, DATE('2024-06-01'))": [PARKS],
    "T_INTERSECTS(INTERVAL('2024-12-31', '..'), time)": [PARKS, STREET],
    "NOT T_INTERSECTS(time, DATE('2024-06-01'))": [STREET],
    "T_DISJOINT(time, TIMESTAMP('2024-12-31T23:59:59Z'))": [STREET],
    "T_BEFORE(time, DATE('2025-01-01'))": [PARKS],
    "T_EQUALS(time, INTERVAL('2024-01-01', '2024-12-31'))": [PARKS],
    "T_EQUALS(time, INTERVAL('2025-01-01', '..'))": [STREET],
    "T_DURING(time, INTERVAL('2023-12-31', '2025-01-01'))": [PARKS],
    "T_DURING(time, INTERVAL('2024-01-01', '2025-01-01'))": [],
    "T_CONTAINS(time, INTERVAL('2024-02-01', '2024-03-01'))": [PARKS],
    "T_STARTS(time, INTERVAL('2024-01-01', '2025-01-01'))": [PARKS],
    "T_STARTEDBY(time, INTERVAL('2024-01-01', '2024-06-01'))": [PARKS],
    "T_FINISHES(time, INTERVAL('2023-01-01', '2024-12-31'))": [PARKS],
    "T_FINISHEDBY(time, INTERVAL('2026-01-01', '..'))": [STREET],
    "T_MEETS(time, INTERVAL('2024-12-31', '2025-12-31'))": [PARKS],
    "T_METBY(time, INTERVAL('2024-12-31', '2025-01-01'))": [STREET],
    "T_OVERLAPS(time, INTERVAL('2024-06-01', '2025-06-01'))": [PARKS],
    "T_OVERLAPPEDBY(time, INTERVAL('2024-06-01', '2025-06-01'))": [STREET],
    "S_INTERSECTS(geometry, BBOX(133, 34, 134, 35))": [PARKS],
    "S_INTERSECTS(geometry, POINT(136.1 36.1))": [STREET],
    "NOT S_INTERSECTS(geometry, POINT(136.1 36.1))": [PARKS],
    "S_INTERSECTS(LINESTRING(134 34.3, 136.1 36.1), geometry)": [PARKS, STREET],
    "geometry IS NULL": [YEARS],
    "TRUE": ALL,
    "NOT TRUE OR FALSE": [],
}
WRONG = {
    "colour = 'red'": "there is no property colour, at character 1",
    "title = 5": "a text is missing, at character 9",
    "title": "this is neither true nor false, at character 1",
    "5 = 5": "a property is compared with a value, at character 1",
    "updated LIKE '2026%'": "updated cannot be compared with like, at character 1",
    "updated > 'soon'": "soon is no date as 2026-11-21, at character 11",
    "updated = time": "an instant is missing, at character 11",
    "time = DATE('2026-01-01')": "time cannot be compared with =, at character 1",
    "T_DURING(updated, INTERVAL('..', '2026-01-01'))": "t_during compares intervals, at character 10",
    "T_AFTER(title, DATE('2026-01-01'))": "title is no instant, at character 9",
    "S_INTERSECTS(title, POINT(1 1))": "a property that is a geometry is missing, at character 14",
    "S_WITHIN(geometry, POINT(1 1))": "there is no s_within with 2 operands, at character 1",
    "ACCENTI(title) = 'a'": "there is no function accenti, at character 1",
    "title IN ()": "there is no in with 1 operands, at character 7",
}


async def test_filters_select_records(some: httpx.AsyncClient) -> None:
    async def found(filter_text: str) -> list[str]:
        return await titles(some, str(httpx.QueryParams({"filter": filter_text})))

    assert {each: await found(each) for each in FOUND} == {each: sorted(wanted) for each, wanted in FOUND.items()}


async def test_filters_join_what_else_is_asked_and_stay_on_every_page(some: httpx.AsyncClient) -> None:
    filter_json = {"op": "in", "args": [{"property": "title"}, [PARKS, STREET]]}
    asked = {"filter": json.dumps(filter_json), "filter-lang": "cql2-json", "limit": "1", "title": STREET}
    page = (await some.get(ITEMS, params=asked)).json()
    assert [each["properties"]["title"] for each in page["features"]] == [STREET]
    del asked["title"]
    page = (await some.get(ITEMS, params=asked)).json()
    assert (page["numberMatched"], page["numberReturned"]) == (2, 1)
    (following,) = (each["href"] for each in page["links"] if each["rel"] == "next")
    other = (await some.get(following.removeprefix("https://data.example.jp"))).json()
    assert {each["properties"]["title"] for each in (*page["features"], *other["features"])} == {PARKS, STREET}
    record = page["features"][0]["properties"]
    for name in ("title", "description", "created", "updated", "license"):
        assert record["title"] in await titles(some, str(httpx.QueryParams({name: record[name]}))), name
    written = {"filter": "S_INTERSECTS(geometry, POINT(36.1 136.1))", "filter-crs": f"{CRS}/EPSG/0/4326"}
    assert await titles(some, str(httpx.QueryParams(written))) == [STREET]


async def test_wrong_filters_are_refused_with_their_place(some: httpx.AsyncClient) -> None:
    for filter_text, reason in WRONG.items():
        answer = await some.get(ITEMS, params={"filter": filter_text})
        told: dict[str, Any] = answer.json()
        assert (answer.status_code, told["field"], told["detail"]) == (400, "filter", f"filter: {reason}"), filter_text
    open_ended = {"filter": '{"op": "like", "args": [{"property": "title"}, "a\\\\"]}', "filter-lang": "cql2-json"}
    answer = await some.get(ITEMS, params=open_ended)
    assert answer.json()["detail"].endswith("before nothing, at $.args[1]")
    others = {"filter-lang": "sql", "filter-crs": f"{CRS}/EPSG/0/3857", "created": "soon", "updated": "2026-13-01"}
    for name, value in others.items():
        answer = await some.get(ITEMS, params={name: value})
        assert (answer.status_code, answer.json()["field"]) == (400, name)


async def test_every_queryable_can_be_filtered_by_and_asked_for(some: httpx.AsyncClient) -> None:
    schema = (await some.get("/ogc/collections/datasets/queryables")).json()["properties"]
    for name, about in schema.items():
        assert (await some.get(ITEMS, params={"filter": f'"{name}" IS NOT NULL'})).json()["numberMatched"] >= 1
        if about.get("type") == "string":
            asked = await some.get(ITEMS, params={name: "2001-01-01" if "format" in about else "x"})
            assert (asked.status_code, asked.json()["features"]) == (200, []), name


async def test_what_takes_too_long_is_stopped_and_the_next_reading_is_not(catalogue: Catalogue) -> None:
    with pytest.raises(TooComplex):
        async with reading_within(catalogue.engine, 0.05) as connection:
            await connection.execute(text("select pg_sleep(60)"))
    async with reading(catalogue.engine) as connection:
        assert (await connection.execute(text("show statement_timeout"))).scalar_one() == "0"


async def test_areas_meet_geometries_as_simple_features_say(some: httpx.AsyncClient, catalogue: Catalogue) -> None:
    boxes = {PARKS: shapely.box(133.9, 34.2, 134.1, 34.4), STREET: shapely.box(136.0, 36.0, 136.3, 36.2)}
    chance = random.Random(5)

    def near() -> tuple[float, float]:
        west, south, east, north = chance.choice(list(boxes.values())).bounds
        return round(chance.uniform(west - 0.2, east + 0.2), 4), round(chance.uniform(south - 0.2, north + 0.2), 4)

    shapes = [shapely.MultiPoint([near(), near()]) for _ in range(20)]
    shapes += [shapely.LineString([near() for _ in range(3)]) for _ in range(20)]
    shapes += [shapely.convex_hull(shapely.MultiPoint([near() for _ in range(4)])) for _ in range(20)]
    for box in boxes.values():
        around = box.buffer(0.5)
        shapes += [around, around - box.buffer(0.1), around - box.buffer(-0.05), box.buffer(-0.05), box.exterior]
    shapes.append(shapely.union_all([box.buffer(0.3) for box in boxes.values()]))
    async with catalogue.engine.connect() as connection:
        for shape in shapes:
            condition = Meets(written_shape(shape.wkt, Axes.CRS84, "").shape)
            found = await find(connection, Audience(everything=True), condition, Slice(10))
            expected = {title for title, box in boxes.items() if box.intersects(shape)}
            assert {each.title for each in found.datasets} == expected, shape.wkt
