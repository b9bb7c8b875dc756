"""The demo as `hiroba up` runs it: two cities, a flood over MQTT, alerts, dead letters, a catalogue."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.local.demo.files import FLOOD_DAY, days
from services.local.demo.gauges import THRESHOLDS, read_gauges, read_readings
from tests.support.installation import Installation, imports_s
from tests.support.patience import eventually

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hub")]


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, bool]]:
    """A hub whose demo has replayed the flood day, and whether soon after its start."""
    installation = Installation(tmp_path_factory.mktemp("demo") / "data")
    installation.up()
    started = time.monotonic()
    try:
        eventually(lambda: "notifications came" in installation.screen, 200)
        seconds = time.monotonic() - started
        yield installation, seconds < 30 or installation.processor_s() < 60 * imports_s()
    finally:
        installation.end()


@pytest.fixture(scope="module")
def hub(flooded: tuple[Installation, bool]) -> Installation:
    return flooded[0]


def entities(hub: Installation, tenant: str, **query: str | int) -> list[dict[str, Any]]:
    url = f"{hub.url('broker')}/ngsi-ld/v1/entities"
    answer = httpx.get(url, params=query, headers={"NGSILD-Tenant": tenant})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def letters(hub: Installation) -> Counter[str]:
    url = f"{hub.url('ingest')}/dead-letters"
    reasons: Counter[str] = Counter()
    while True:
        page = {"limit": 1000, "offset": reasons.total()}
        body = httpx.get(url, params=page, headers={"Fiware-Service": "fukui"}).json()
        reasons.update(letter["reason"] for letter in body["letters"])
        if reasons.total() >= body["count"] or not body["letters"]:
            return reasons


def expected_letters(*wanted: str) -> Counter[str]:
    known = {gauge.number for gauge in read_gauges()}
    reasons: Counter[str] = Counter()
    for reading in [reading for day in wanted for reading in read_readings(day)]:
        if reading.number not in known:
            reasons["unknown-device"] += 1
        elif not reading.is_number:
            reasons["not-a-number" if reading.level else "empty-value"] += 1
    return reasons


def test_the_flood_is_in_the_broker_within_half_a_minute(flooded: tuple[Installation, bool]) -> None:
    assert flooded[1]


def test_the_gauges_have_what_is_known_of_them(hub: Installation) -> None:
    found = {each["id"]: each for each in entities(hub, "fukui", type="WaterLevelObserved", limit=1000)}
    gauge = read_gauges()[1]
    entity = found[gauge.entity_id]
    assert entity["name"]["value"] == gauge.name
    assert entity["river"]["value"] == gauge.river
    assert entity["location"]["type"] == "GeoProperty"
    assert entity["waterLevel"]["unitCode"] == "MTR"
    assert {name: entity[name]["value"] for name in THRESHOLDS if name in entity} == gauge.thresholds
    assert "evacuationLevel" not in entity


def test_the_alert_level_is_the_rank_of_the_threshold_reached(hub: Installation) -> None:
    found = entities(hub, "fukui", type="WaterLevelObserved", limit=1000)
    for entity in found:
        limits = [(rank, entity[name]["value"]) for rank, name in enumerate(THRESHOLDS, 1) if name in entity]
        level = entity["waterLevel"]["value"]
        reached = max([0, *(rank for rank, limit in limits if level >= limit)])
        assert ("alertLevel" in entity) == bool(limits)
        assert entity.get("alertLevel", {"value": reached})["value"] == reached


def test_the_subscriber_is_told_of_the_flood(hub: Installation) -> None:
    url = f"http://127.0.0.1:{hub.ports['DEMO_RECEIVER']}/notifications"
    told = httpx.get(url, params={"limit": 1000}).json()
    assert len(told["changes"]) == 120
    assert max(each["alert_level"] for each in told["changes"]) == 4
    assert told["received"] > 1000


def test_what_cannot_be_a_level_is_among_the_dead_letters(hub: Installation) -> None:
    assert letters(hub) == expected_letters(FLOOD_DAY)


def test_takamatsu_has_its_open_data_as_entities(hub: Installation) -> None:
    assert entities(hub, "takamatsu", type="EvacuationSite", limit=1)[0]["name"]["type"] == "Property"
    for kind in ("AED", "OffStreetParking", "Reservoir", "Park", "TsunamiEvacuationBuilding"):
        assert len(entities(hub, "takamatsu", type=kind, limit=2)) == 2


def test_takamatsus_live_data_say_under_which_terms_they_may_be_used(hub: Installation) -> None:
    url = f"{hub.url('catalog')}/datasets"
    found = httpx.get(url, params={"tenant": "takamatsu", "kind": "live"}).json()["items"]
    assert {each["licence"] for each in found} == {"CC-BY-4.0"}


def test_the_catalogue_lists_files_and_live_types_of_both_cities(hub: Installation) -> None:
    def names() -> list[str]:
        body = httpx.get(f"{hub.url('catalog')}/api/3/action/package_list").json()
        listed: list[str] = body["result"]
        return listed

    eventually(lambda: len(names()) >= 113 + 12)


def test_the_default_tenant_stays_empty(hub: Installation) -> None:
    answer = httpx.get(f"{hub.url('broker')}/ngsi-ld/v1/types").json()
    assert answer["typeList"] == []


def test_loading_the_demo_again_changes_nothing(hub: Installation) -> None:
    before = len(entities(hub, "takamatsu", type="AED", limit=1000))
    assert "0 river gauges registered" in hub.run("demo", "load")
    assert len(entities(hub, "takamatsu", type="AED", limit=1000)) == before


def test_fifteen_thousand_readings_are_in_the_broker_within_twenty_seconds(hub: Installation) -> None:
    processor = hub.processor_s()
    started = time.monotonic()
    said = hub.run("demo", "replay", "--all", "--fast")
    wanted = expected_letters(FLOOD_DAY, *days())
    eventually(lambda: letters(hub) == wanted and is_last_day_shown(hub), 240)
    seconds = time.monotonic() - started
    assert said.count("readings published") == 6
    # A slow or busy machine takes longer: there it is held to what importing our libraries takes.
    assert seconds < 20 or hub.processor_s() - processor < 60 * imports_s()


def is_last_day_shown(hub: Installation) -> bool:
    last = {reading.number: reading.time for reading in read_readings(max(days())) if reading.is_number}
    since = "waterLevel.observedAt>=2026-08-22T14:00:00Z"
    shown = entities(hub, "fukui", type="WaterLevelObserved", limit=1000, q=since)
    known = {gauge.number for gauge in read_gauges()}
    late = [number for number, moment in last.items() if number in known and moment.hour == 23]
    return len(shown) == len(late)
