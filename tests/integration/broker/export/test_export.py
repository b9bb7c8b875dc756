"""All entities of a type as files."""

import csv
import io
import json
from typing import Any

import httpx
import pytest

from services.broker.operations import extracts
from tests.integration.broker.export.conftest import gauge, write
from tests.support.shared_broker import new_tenant

Row = dict[str, str]


async def export(broker: httpx.AsyncClient, **parameters: str) -> httpx.Response:
    answer = await broker.get("/export/entities", params={"type": "Gauge", **parameters})
    assert answer.status_code == 200, answer.text
    return answer


async def table(broker: httpx.AsyncClient, **parameters: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO((await export(broker, **parameters)).text)))


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extracts, "_PAGE", 3)


async def test_csv_has_a_column_for_each_attribute_and_two_for_a_point(broker: httpx.AsyncClient) -> None:
    name = {"type": "LanguageProperty", "languageMap": {"ja": "足羽川, 上", "en": 'the "Asuwa"\nriver'}}
    tags = {"type": "Property", "value": ["a", {"b": 1}]}
    await write(broker, gauge(1, 1.5), gauge(2, 2, name=name, tags=tags, note={"type": "Property", "value": True}))
    answer = await export(broker)
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    first, second = csv.DictReader(io.StringIO(answer.text))
    assert first == {
        "id": "urn:ngsi-ld:Gauge:1",
        "type": "Gauge",
        "level": "1.5",
        "level_observedAt": "2026-01-31T12:00:00Z",
        "location_lat": "36",
        "location_lon": "136.1",
        "name_en": "",
        "name_ja": "",
        "note": "",
        "tags": "",
    }
    assert (second["name_ja"], second["name_en"], second["note"]) == ("足羽川, 上", 'the "Asuwa"\nriver', "true")
    assert json.loads(second["tags"]) == ["a", {"b": 1}]


async def test_every_entity_comes_once_whatever_the_pages_and_other_types_between(broker: httpx.AsyncClient) -> None:
    for number in range(8):
        await write(broker, gauge(number, number), {"id": f"urn:ngsi-ld:Thing:{number}", "type": "Thing"})
    await write(broker, {**gauge(90, 1), "type": ["Thing", "Gauge"]}, {**gauge(91, 1), "type": ["Gauge", "Thing"]})
    found = [row["id"].rpartition(":")[2] for row in await table(broker)]
    assert sorted(found, key=int) == [*map(str, range(8)), "90", "91"]


async def test_other_geometries_than_points_are_geojson(broker: httpx.AsyncClient) -> None:
    line = {"type": "LineString", "coordinates": [[136, 36], [137, 37]]}
    await write(broker, gauge(1, 1), gauge(2, 2, location={"type": "GeoProperty", "value": line}))
    point, other = await table(broker)
    assert (point["location"], point["location_lat"], other["location_lat"]) == ("", "36", "")
    assert json.loads(other["location"]) == line


async def test_lines_of_json_keep_the_kinds_of_values(broker: httpx.AsyncClient) -> None:
    await write(broker, gauge(1, 1.5, note={"type": "Property", "value": "a\nb\\.\u0001"}), gauge(2, 2))
    lines = (await export(broker, format="ndjson")).text.splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "id": "urn:ngsi-ld:Gauge:1",
            "type": "Gauge",
            "level": 1.5,
            "level_observedAt": "2026-01-31T12:00:00Z",
            "location_lat": 36,
            "location_lon": 136.1,
            "note": "a\nb\\.\u0001",
        },
        {
            "id": "urn:ngsi-ld:Gauge:2",
            "type": "Gauge",
            "level": 2,
            "level_observedAt": "2026-01-31T12:00:00Z",
            "location_lat": 36,
            "location_lon": 136.2,
            "note": None,
        },
    ]


async def test_geojson_is_one_collection_of_features(broker: httpx.AsyncClient) -> None:
    await write(broker, *(gauge(number, number) for number in range(7)))
    collection = (await export(broker, format="geojson")).json()
    assert (collection["type"], collection["name"], len(collection["features"])) == ("FeatureCollection", "Gauge", 7)
    assert collection["features"][6] == {
        "type": "Feature",
        "id": "urn:ngsi-ld:Gauge:6",
        "geometry": {"type": "Point", "coordinates": [136.6, 36]},
        "properties": {"type": "Gauge", "level": 6, "level_observedAt": "2026-01-31T12:00:00Z"},
    }


async def test_whole_entities_are_told_as_each_api_shows_them(broker: httpx.AsyncClient) -> None:
    await write(broker, *(gauge(number, number) for number in range(5)))
    for form, path in (("ngsi-ld", "/ngsi-ld/v1/entities"), ("ngsi-v2", "/v2/entities")):
        told = (await export(broker, format=form)).json()
        shown = (await broker.get(path, params={"type": "Gauge"})).json()
        assert [{name: each[name] for name in each if name != "@context"} for each in told] == shown
        (first, *_) = (await export(broker, format=form, attrs="level")).json()
        assert first.keys() - {"@context"} == {"id", "type", "level"}


async def test_more_attributes_than_a_function_takes_arguments_are_told(broker: httpx.AsyncClient) -> None:
    many: dict[str, Any] = {f"a{number}": {"type": "Property", "value": number} for number in range(120)}
    await write(broker, gauge(1, 1, **many))
    line = json.loads((await export(broker, format="ndjson")).text)
    assert all(line[f"a{number}"] == number for number in range(120))


async def test_only_chosen_attributes_are_told(broker: httpx.AsyncClient) -> None:
    await write(broker, gauge(1, 1.5))
    assert list((await table(broker, attrs="level"))[0]) == ["id", "type", "level", "level_observedAt"]


@pytest.mark.parametrize(
    ("parameters", "status", "field"),
    [
        ({"type": "Nothing"}, 404, None),
        ({"type": "A,B"}, 400, "type"),
        ({}, 400, "type"),
        ({"type": "Gauge", "format": "xls"}, 400, "format"),
        ({"type": "Gauge", "attrs": "unknown"}, 400, "attrs"),
        ({"type": "Gauge", "nonsense": "1"}, 400, "nonsense"),
    ],
)
async def test_what_cannot_be_exported_is_refused(
    broker: httpx.AsyncClient, parameters: dict[str, str], status: int, field: str | None
) -> None:
    await write(broker, gauge(1, 1.5))
    answer = await broker.get("/export/entities", params=parameters)
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text


async def test_another_tenants_entities_are_not_told(broker: httpx.AsyncClient) -> None:
    await write(broker, gauge(1, 1.5))
    await write(broker, gauge(2, 9.5), tenant=new_tenant())
    assert [row["id"] for row in await table(broker)] == ["urn:ngsi-ld:Gauge:1"]
