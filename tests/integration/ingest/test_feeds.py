"""Feeds through the API: timetables, vehicles that vanish, reports that are taken back or come too late."""

from typing import Any

import httpx

from tests.support.ingest import IngestBench
from tests.support.ngsild_peer import NgsildPeer
from tests.unit.ingest.feeds.documents import gtfs_rt, gtfs_zip, report

TENANT = {"Fiware-Service": "takamatsu"}
COAST = ("takamatsu", "urn:ngsi-ld:AlertExercise:takamatsu-jma-tsunami-570")


async def _send(bench: IngestBench, content: bytes, **parameters: Any) -> httpx.Response:
    answer = await bench.client.post("/imports", params=parameters, content=content, headers=TENANT)
    assert answer.status_code in (201, 202), answer.text
    return answer


async def _report(bench: IngestBench, content: bytes, **parameters: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await _send(bench, content, **parameters)).json()["report"]
    return found


async def test_a_timetable_is_known_by_its_tables_and_accounted_for_row_by_row(
    bench: IngestBench, peer: NgsildPeer
) -> None:
    report_ = await _report(bench, gtfs_zip(), option="dataset=ritsurin")
    assert (report_["feed"], report_["accepted"]) == ("gtfs-jp", 14)
    reasons = {each["reason"]: each["count"] for each in report_["refused"]}
    assert reasons == {"same-id": 1, "unknown-reference": 2, "unreadable-value": 1}
    stop = peer.entities["takamatsu", "urn:ngsi-ld:GtfsStop:takamatsu-ritsurin-100_1"]
    assert stop["name"]["value"] == "栗林公園前"


async def test_a_warning_that_is_taken_back_holds_no_longer_where_it_held(bench: IngestBench, peer: NgsildPeer) -> None:
    await _report(bench, report("tsunami-drill"))
    assert peer.values(*COAST, "status") == ["active"]
    await _report(bench, report("tsunami-cancelled"))
    assert peer.values(*COAST, "status") == ["active", "cancelled"]
    assert peer.entities[COAST]["warnings"]["value"] == []
    assert {each[1].split(":")[2] for each in peer.entities} == {"AlertExercise"}


async def test_a_report_that_comes_too_late_is_not_written_over_a_newer(bench: IngestBench, peer: NgsildPeer) -> None:
    await _report(bench, report("tsunami-drill"))
    await _report(bench, report("tsunami-cancelled"))
    late = await _report(bench, report("tsunami-drill"))
    assert [(each["reason"], each["count"]) for each in late["refused"]] == [("superseded", 3)]
    assert peer.values(*COAST, "status") == ["active", "cancelled"]


async def test_a_coast_that_a_later_warning_does_not_name_is_lifted(bench: IngestBench, peer: NgsildPeer) -> None:
    content = report("tsunami-drill").decode()
    await _report(bench, content.encode())
    first, last = content.index("<Item>", content.index("香川県") - 40), content.index("</Forecast>")
    later = content[:first] + content[last:]
    await _report(bench, later.replace("T09:33:00", "T10:05:00").replace("T00:33:20Z", "T01:05:00Z").encode())
    assert peer.values(*COAST, "status") == ["active", "lifted"]
    assert peer.values("takamatsu", COAST[1].replace("570", "610"), "status") == ["active", "active"]


async def test_information_about_a_tsunami_lifts_no_warning(bench: IngestBench, peer: NgsildPeer) -> None:
    content = report("tsunami-drill").decode()
    await _report(bench, content.encode())
    told = content.replace("<InfoKind>津波警報・注意報・予報", "<InfoKind>津波情報").replace("T09:33:00", "T09:35:00")
    await _report(bench, told.encode())
    await _report(bench, told.replace("<InfoType>発表", "<InfoType>取消").replace("T09:35:00", "T09:36:00").encode())
    assert peer.values(*COAST, "status") == ["active"]
    assert len(peer.values(*COAST, "maxHeight")) == 2


async def test_a_warning_of_another_event_is_not_closed_by_the_end_of_the_first(
    bench: IngestBench, peer: NgsildPeer
) -> None:
    content = report("tsunami-drill")
    await _report(bench, content)
    await _report(bench, content.replace(b"20260901093000", b"20260901093500").replace(b"T09:33:00", b"T09:37:00"))
    await _report(bench, report("tsunami-cancelled"))
    assert peer.values(*COAST, "status") == ["active", "active"]


async def test_a_vehicle_that_is_no_longer_told_of_is_out_of_service(bench: IngestBench, peer: NgsildPeer) -> None:
    vehicle = ("takamatsu", "urn:ngsi-ld:Vehicle:takamatsu-203")
    message = gtfs_rt()
    await _report(bench, message.SerializeToString(), name="vehicles.pb")
    await _report(bench, message.SerializeToString(), name="vehicles.pb")
    del message.entity[:]
    message.header.timestamp += 30
    await _report(bench, message.SerializeToString(), name="alerts.pb")
    assert set(peer.values(*vehicle, "serviceStatus")) == {"onRoute"}
    await _report(bench, message.SerializeToString(), name="vehicles.pb")
    assert peer.values(*vehicle, "serviceStatus")[-1] == "outOfService"
    assert peer.entities["takamatsu", "urn:ngsi-ld:Alert:takamatsu-gtfs-rt-alert-7"]["status"]["value"] == "ended"
