"""Messages of GTFS Realtime that lack what others have, and that come again."""

import pytest
from google.transit import gtfs_realtime_pb2 as realtime

from services.ingest.feeds.feed import Document
from services.ingest.feeds.gtfs_realtime.feed import GtfsRealtimeFeed
from services.kernel.errors import InvalidRequest
from tests.unit.ingest.feeds.documents import DESTINATION, RECEIVED, entities, gtfs_rt, read

FEED = GtfsRealtimeFeed()


def _keys(message: realtime.FeedMessage) -> dict[str, str]:
    records = FEED.read(Document(message.SerializeToString(), RECEIVED), DESTINATION)
    return {each.entity["id"]: each.key for each in records if each.entity}


def test_what_was_told_before_keeps_its_key_though_the_message_is_new() -> None:
    first, later = gtfs_rt(), gtfs_rt()
    later.header.timestamp += 15
    later.entity[0].vehicle.timestamp += 15
    former, found = _keys(first), _keys(later)
    changed = {name for name in former if found[name] != former[name]}
    own = "urn:ngsi-ld:Vehicle:takamatsu-203"
    assert own in changed
    assert {name.split(":")[2] for name in changed} == {"Vehicle", "GtfsTrip"}
    assert len(changed) == 2


def test_vehicles_without_an_id_are_named_by_what_they_have() -> None:
    message = gtfs_rt()
    message.entity[0].vehicle.vehicle.ClearField("id")
    message.entity[1].vehicle.position.latitude = 34.0
    message.entity[1].vehicle.ClearField("vehicle")
    found = [name for name in entities(FEED, message.SerializeToString()) if ":Vehicle:" in name]
    assert found == [
        "urn:ngsi-ld:Vehicle:takamatsu-%E6%A0%97%E6%9E%97203",
        "urn:ngsi-ld:Vehicle:takamatsu-vehicle-204",
    ]


def test_a_message_without_a_time_has_that_of_its_arrival() -> None:
    message = gtfs_rt()
    message.header.ClearField("timestamp")
    trip = next(each for each in read(FEED, message.SerializeToString()) if each["number"] == 4)
    assert trip["entity"]["scheduleRelationship"]["observedAt"] == "2026-08-20T01:00:00Z"


def test_other_vehicles_than_buses_can_be_told() -> None:
    found = entities(FEED, gtfs_rt().SerializeToString(), vehicleType="tram")
    assert found["urn:ngsi-ld:Vehicle:takamatsu-203"]["vehicleType"]["value"] == "tram"


def test_places_and_times_that_are_none_refuse_what_has_them_and_nothing_else() -> None:
    message = gtfs_rt()
    message.entity[0].vehicle.position.latitude = float("nan")
    message.entity[2].trip_update.stop_time_update[0].arrival.time = 2**62
    records = read(FEED, message.SerializeToString())
    assert [each["number"] for each in records if "refusal" in each] == [1, 2, 3]
    assert [each["number"] for each in records if "entity" in each] == [4, 5]


@pytest.mark.parametrize("content", [b"", b"\x0a\x02\x0a", b"<html>", b"\x12\x00"])
def test_what_is_no_message_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read(FEED, content)
