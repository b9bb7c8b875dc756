"""Fukui's gauges and readings, as the published files have them."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from services.local.demo.files import FLOOD_DAY, days
from services.local.demo.fukui import device, group
from services.local.demo.gauges import Gauge, Reading, last_levels, read_gauges, read_readings, read_time
from services.local.demo.replay import payload, topic


@pytest.fixture(scope="module")
def gauges() -> dict[str, Gauge]:
    return {gauge.number: gauge for gauge in read_gauges()}


def test_a_gauge_has_the_thresholds_that_are_published(gauges: dict[str, Gauge]) -> None:
    assert len(gauges) == 103
    assert gauges["1"].thresholds == {
        "standbyLevel": 3.5,
        "cautionLevel": 4.8,
        "evacuationLevel": 5.6,
        "dangerLevel": 6.1,
    }
    assert gauges["2"].thresholds == {"standbyLevel": 2.5, "cautionLevel": 2.7, "dangerLevel": 3.6}
    assert gauges["4"].thresholds == {}


def test_gauges_without_a_position_are_kept(gauges: dict[str, Gauge]) -> None:
    assert sum(gauge.position is None for gauge in gauges.values()) == 5
    assert gauges["1"].position == (136.21139, 36.06306)


def test_the_flood_is_the_first_day() -> None:
    assert days()[0] == FLOOD_DAY
    assert len(days()) == 6


def test_all_readings_are_read_with_their_defects() -> None:
    readings = [reading for day in days() for reading in read_readings(day)]
    levels = Counter("number" if reading.is_number else reading.level for reading in readings)
    assert levels == {"number": 14836, "*": 24, "": 248}


def test_readings_come_in_the_order_of_time() -> None:
    times = [reading.time for reading in read_readings("2024-06-23")]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2023-07-13T07:20", datetime(2023, 7, 12, 22, 20, tzinfo=UTC)),
        ("2024-06-22T24:00", datetime(2024, 6, 22, 15, 0, tzinfo=UTC)),
        ("2023-12-31T24:00", datetime(2023, 12, 31, 15, 0, tzinfo=UTC)),
    ],
)
def test_times_are_those_of_japan(text: str, instant: datetime) -> None:
    assert read_time(text) == instant


@pytest.mark.parametrize(
    ("level", "sent"),
    [
        ("2.72", b'{"waterLevel": 2.72, "TimeInstant": "2023-07-13T07:20:00+09:00"}'),
        ("-0.12", b'{"waterLevel": -0.12, "TimeInstant": "2023-07-13T07:20:00+09:00"}'),
        ("*", b'{"waterLevel": "*", "TimeInstant": "2023-07-13T07:20:00+09:00"}'),
        ("", b'{"waterLevel": "", "TimeInstant": "2023-07-13T07:20:00+09:00"}'),
    ],
)
def test_a_level_is_sent_as_it_is(level: str, sent: bytes) -> None:
    assert payload(Reading("1", read_time("2023-07-13T07:20"), level)) == sent


def test_a_gauge_publishes_under_its_group_and_number() -> None:
    assert topic(Reading("12", read_time("2023-07-13T07:20"), "1")) == "/json/fukui-rivers/fukui-12/attrs"


def test_the_last_level_that_is_a_number_counts() -> None:
    moment = read_time("2023-07-13T07:20")
    readings = [Reading("1", moment, "1.0"), Reading("1", moment, "2.0"), Reading("1", moment, "*")]
    assert last_levels(readings) == {"1": readings[1]}


def test_a_gauge_is_provisioned_with_what_it_has(gauges: dict[str, Gauge]) -> None:
    fields = device(gauges["2"])
    static = {each["name"]: each for each in fields["static_attributes"]}
    assert fields["device_id"] == "fukui-2"
    assert fields["entity_name"] == "urn:ngsi-ld:WaterLevelObserved:fukui-2"
    assert static["name"]["value"] == "河増"
    assert static["location"]["value"] == {"type": "Point", "coordinates": [136.25917, 36.05944]}
    assert static["dangerLevel"] == {"name": "dangerLevel", "type": "Number", "value": 3.6, "unitCode": "MTR"}
    assert "evacuationLevel" not in static


def test_the_alert_level_is_derived_from_the_thresholds_by_rank() -> None:
    assert group()["derivations"] == [
        {
            "name": "alertLevel",
            "kind": "rank-of-threshold",
            "of": "waterLevel",
            "thresholds": ["standbyLevel", "cautionLevel", "evacuationLevel", "dangerLevel"],
        }
    ]
    assert group()["autoprovision"] is False
