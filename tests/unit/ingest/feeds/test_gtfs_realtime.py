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


def test_texts_that_are_shift_jis_are_read_as_such_and_said_to_be() -> None:
    message = gtfs_rt()
    label, plate = "今池ポニー".encode("cp932"), "香川200か203".encode("cp932")
    message.entity[0].vehicle.vehicle.label = "L" * len(label)
    message.entity[0].vehicle.vehicle.license_plate = "P" * len(plate)
    content = message.SerializeToString().replace(b"L" * len(label), label).replace(b"P" * len(plate), plate)
    vehicle, *others = read(FEED, content)
    assert vehicle["repairs"] == ["not-utf-8"]
    assert vehicle["entity"]["name"]["value"] == "今池ポニー"
    assert vehicle["entity"]["vehiclePlateIdentifier"]["value"] == "香川200か203"
    assert all("not-utf-8" not in each.get("repairs", ()) for each in others)


def test_vehicles_that_share_a_label_are_told_apart_by_their_trips() -> None:
    message = gtfs_rt()
    first, other = message.entity[0].vehicle, message.entity[1].vehicle
    first.vehicle.ClearField("id")
    other.CopyFrom(first)
    other.trip.trip_id = "17"
    found = [name for name in entities(FEED, message.SerializeToString()) if ":Vehicle:" in name]
    assert len(found) == 2
    assert found[1] == "urn:ngsi-ld:Vehicle:takamatsu-%E6%A0%97%E6%9E%97203-17"


def test_runs_of_a_trip_in_one_message_have_arrivals_of_their_own() -> None:
    message = gtfs_rt()
    tomorrow = message.entity[3].trip_update
    tomorrow.CopyFrom(message.entity[2].trip_update)
    tomorrow.trip.start_date = "20260821"
    found = [name for name in entities(FEED, message.SerializeToString()) if ":ArrivalEstimation:" in name]
    assert [name[-10:] for name in found] == ["20260820-2", "20260820-3", "20260821-2", "20260821-3"]


def test_a_stop_that_a_trip_comes_to_twice_has_two_arrivals() -> None:
    message = gtfs_rt()
    for stop in message.entity[2].trip_update.stop_time_update:
        stop.ClearField("stop_sequence")
        stop.stop_id = "200_1"
    found = [name for name in entities(FEED, message.SerializeToString()) if ":ArrivalEstimation:" in name]
    assert [name.removeprefix(found[0]) for name in found] == ["", "-2"]


def test_times_in_milliseconds_are_read_as_such_and_said_to_be() -> None:
    message = gtfs_rt()
    usual = {each["part"]: each for each in read(FEED, message.SerializeToString()) if each["number"] in (1, 4)}
    message.header.timestamp *= 1000
    message.entity[0].vehicle.timestamp *= 1000
    for record in read(FEED, message.SerializeToString()):
        if record["number"] in (1, 4):
            assert record["entity"] == usual[record["part"]]["entity"]
            assert record["repairs"] == [*usual[record["part"]].get("repairs", ()), "milliseconds"]


def test_an_alert_names_each_stop_and_line_once() -> None:
    message = gtfs_rt()
    named = message.entity[4].alert.informed_entity
    named.add(stop_id="300_1", route_id="R1")
    named.add(stop_id="300_1", route_id="R2")
    alert = entities(FEED, message.SerializeToString(), dataset="d")["urn:ngsi-ld:Alert:takamatsu-d-gtfs-rt-alert-7"]
    assert alert["hasStop"]["object"] == "urn:ngsi-ld:GtfsStop:takamatsu-d-300_1"
    assert [each[-2:] for each in alert["hasRoute"]["object"]] == ["R1", "R2"]


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


def test_a_message_whose_own_time_is_none_is_refused_as_a_whole() -> None:
    message = gtfs_rt()
    message.header.timestamp = 2**62
    with pytest.raises(InvalidRequest, match=r"header\.timestamp"):
        read(FEED, message.SerializeToString())


@pytest.mark.parametrize(
    ("version", "is_known"), [("1.0", True), ("2", True), ("2.0.1", True), ("", False), ("3.0", False)]
)
def test_messages_of_versions_1_and_2_are_known_however_these_are_written(version: str, is_known: bool) -> None:
    message = gtfs_rt()
    message.header.gtfs_realtime_version = version
    assert FEED.recognises(Document(message.SerializeToString(), RECEIVED)) is is_known


@pytest.mark.parametrize("content", [b"", b"\x0a\x02\x0a", b"<html>", b"\x12\x00"])
def test_what_is_no_message_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read(FEED, content)
