"""Timetables with defects, and those of older editions."""

import io
import zipfile

import pytest

from services.ingest.feeds.feed import Document
from services.ingest.feeds.gtfs.feed import GtfsFeed
from services.kernel.errors import InvalidRequest
from tests.unit.ingest.feeds.documents import DESTINATION, RECEIVED, entities, gtfs_zip, read

FEED = GtfsFeed()
STOP = "urn:ngsi-ld:GtfsStop:takamatsu-100_1"


def _refusals(content: bytes) -> list[tuple[str, str, str]]:
    found = [each for each in read(FEED, content) if "refusal" in each]
    return [(each["part"], each["refusal"]["reason"], each["refusal"]["field"]) for each in found]


def test_arrivals_are_read_only_where_they_are_asked_for() -> None:
    assert not [each for each in entities(FEED, gtfs_zip()) if ":GtfsStopTime:" in each]
    found = entities(FEED, gtfs_zip(), stopTimes="true")
    times = [each["arrivalTime"]["value"] for each in found.values() if each["type"] == "GtfsStopTime"]
    assert times == ["07:00:00", "25:05:00"]


def test_tables_in_a_folder_of_the_zip_are_found() -> None:
    assert entities(FEED, gtfs_zip("GTFS-JP/")) == entities(FEED, gtfs_zip())


def test_translations_of_the_first_editions_are_read() -> None:
    rows = ("ja,栗林公園前", "ja-HrKt,りつりんこうえんまえ", "en,Ritsurin")
    old = "\n".join(["trans_id,lang,translation", *(f"栗林公園前,{row}" for row in rows)])
    stop = entities(FEED, gtfs_zip(translations=old))[STOP]
    found = {"ja": "栗林公園前", "ja-Hrkt": "りつりんこうえんまえ", "en": "Ritsurin"}
    assert stop["translatedName"] == {"type": "LanguageProperty", "languageMap": found}


def test_a_row_without_what_every_row_needs_is_refused_by_field() -> None:
    trips = "route_id,service_id,trip_id\nR1,,T1\nR1,平日,\nR1,平日,T3\n"
    assert _refusals(gtfs_zip(trips=trips, routes_jp=None))[2:4] == [
        ("trips.txt", "missing-value", "service_id"),
        ("trips.txt", "missing-value", "trip_id"),
    ]


def test_a_cell_that_cannot_be_read_is_left_out_and_told() -> None:
    stops = "stop_id,stop_name,stop_lat,stop_lon,wheelchair_boarding\n1,港町,34.3,134.0,maybe\n2,栗林,north,134.0,1\n"
    records = [each for each in read(FEED, gtfs_zip(stops=stops)) if each.get("part") == "stops.txt"]
    assert [each["repairs"] for each in records] == [["unreadable-cell"], ["unreadable-cell"]]
    assert "wheelChairAccessible" not in records[0]["entity"]
    assert "location" not in records[1]["entity"]


def test_routes_of_the_only_agency_are_operated_by_it_though_they_do_not_say() -> None:
    agency = "agency_name,agency_url,agency_timezone\n栗林バス,https://bus.example.jp/,Asia/Tokyo\n"
    routes = "route_id,route_long_name,route_type\nR1,栗林線,3\n"
    found = entities(FEED, gtfs_zip(agency=agency, routes=routes))
    assert (
        found["urn:ngsi-ld:GtfsRoute:takamatsu-R1"]["operatedBy"]["object"] == "urn:ngsi-ld:GtfsAgency:takamatsu-agency"
    )


def test_a_pattern_of_the_newest_edition_says_how_a_trip_goes() -> None:
    trips = "route_id,service_id,trip_id,jp_pattern_id\nR1,平日,T1,P1\n"
    archive = io.BytesIO(gtfs_zip(trips=trips))
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("pattern_jp.txt", "jp_pattern_id,origin_stop,via_stop,destination_stop\nP1,栗林,瓦町,港町\n")
    trip = entities(FEED, archive.getvalue())["urn:ngsi-ld:GtfsTrip:takamatsu-T1"]
    assert [trip[name]["value"] for name in ("patternCode", "viaStop", "destinationStop")] == ["P1", "瓦町", "港町"]


@pytest.mark.parametrize(
    "content",
    [
        b"no zip",
        gtfs_zip(stops=None),
        gtfs_zip(stops='stop_id,stop_name\n1,"unclosed\n'),
        gtfs_zip().replace(b"stop_id", b"\xff\xfe\xfd\xfcxyz", 1)[:400],
    ],
)
def test_what_is_no_timetable_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read(FEED, content)


def test_tables_in_another_code_page_are_refused_by_name() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(gtfs_zip())) as former, zipfile.ZipFile(archive, "w") as changed:
        for name in former.namelist():
            text = former.read(name).decode("utf-8-sig")
            changed.writestr(name, text.encode("cp932") if name == "stops.txt" else text)
    with pytest.raises(InvalidRequest, match=r"stops\.txt is not in UTF-8"):
        read(FEED, archive.getvalue())


def test_an_option_that_is_neither_true_nor_false_is_refused() -> None:
    document = Document(gtfs_zip(), RECEIVED, options={"stopTimes": "perhaps"})
    with pytest.raises(InvalidRequest, match="stopTimes"):
        list(FEED.read(document, DESTINATION))
