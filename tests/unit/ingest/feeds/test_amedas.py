"""Weather stations: maps, hours of one, the table of stations."""

import json

import pytest

from services.ingest.feeds.amedas.feed import AmedasFeed
from services.ingest.feeds.amedas.latest import map_address
from services.ingest.feeds.feed import Document
from services.kernel.errors import InvalidRequest
from tests.unit.ingest.feeds.documents import DESTINATION, RECEIVED, entities

FEED = AmedasFeed()
NUMBER = "urn:ngsi-ld:WeatherObserved:takamatsu-amedas-72086"


def times(content: bytes, name: str = "", **options: str) -> set[str]:
    records = FEED.read(Document(content, RECEIVED, name, options=options), DESTINATION)
    return {each.entity["dateObserved"]["value"]["@value"] for each in records if each.entity}


def test_a_map_has_the_time_of_its_name_or_the_one_told_or_the_last_ten_minutes() -> None:
    content = b'{"72086": {"temp": [28.4, 0]}}'
    assert times(content, "20260820103000.json") == {"2026-08-20T01:30:00Z"}
    assert times(content, time="2026-08-20T10:20:00") == {"2026-08-20T01:20:00Z"}
    assert times(content) == {"2026-08-20T01:00:00Z"}
    with pytest.raises(InvalidRequest, match="not ISO 8601"):
        times(content, time="noon")


def test_one_stations_hours_need_its_number() -> None:
    content = b'{"20260820090000": {"temp": [27.9, 0]}, "20260820091000": {"temp": [28.0, 0]}}'
    assert FEED.recognises(Document(content, RECEIVED))
    assert times(content, station="72086") == {"2026-08-20T00:00:00Z", "2026-08-20T00:10:00Z"}
    with pytest.raises(InvalidRequest, match="need the option station"):
        times(content)


def test_the_table_of_stations_places_them() -> None:
    table = {
        "72086": {"type": "A", "lat": [34, 19.1], "lon": [134, 3.2], "alt": 9, "kjName": "高松", "enName": "Takamatsu"}
    }
    found = entities(FEED, json.dumps(table).encode())[NUMBER]
    assert found["location"]["value"]["coordinates"] == [134.053333, 34.318333]
    assert (found["name"]["value"], "dateObserved" in found) == ("高松", False)


def test_an_element_that_a_station_does_not_observe_is_left_out_though_it_is_0() -> None:
    found = entities(FEED, b'{"72086": {"temp": [28.4, 0], "snow1h": [0, null], "snow": [null, 5]}}')[NUMBER]
    assert "temperature" in found
    assert not {"snowfall1h", "snowHeight"} & set(found)


@pytest.mark.parametrize("content", [b'{"72086": 1}', b'{"72086": {"temp": "x"}}', b'{"72086": {"kjName": "A"}}'])
def test_what_cannot_be_read_is_no_entity(content: bytes) -> None:
    assert entities(FEED, content) == {}


def test_the_newest_map_is_where_its_time_says() -> None:
    url = "https://www.jma.go.jp/bosai/amedas/data/latest_time.txt"
    newest = "https://www.jma.go.jp/bosai/amedas/data/map/20260820103000.json"
    assert map_address(url, b"2026-08-20T10:30:00+09:00\n") == newest
    assert map_address(url, b"gone") == map_address("https://a.example/x.txt", b"2026-08-20T10:30:00+09:00") == ""
