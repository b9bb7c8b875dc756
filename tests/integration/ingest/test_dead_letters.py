"""Dead letters: filtered, counted, deleted, and sent again when their cause is put right."""

import base64

from tests.support.ingest import HEADERS, IngestBench, entity_id, gauge
from tests.support.ngsild_peer import NgsildPeer


async def _park(bench: IngestBench) -> None:
    await bench.provision(1)
    for device, body in (("gauge-1", {"level": "*"}), ("gauge-1", {"level": ""}), ("gauge-9", {"level": 9})):
        assert (await bench.send(device, body)).status_code in (400, 404)
    assert (await bench.send("gauge-1", {"level": 1}, apikey="nobody")).status_code == 404


async def test_letters_are_listed_newest_first_with_their_reason(bench: IngestBench) -> None:
    await _park(bench)
    listed = (await bench.client.get("/dead-letters?limit=2")).json()
    assert listed["count"] == 4
    newest, former = listed["letters"]
    assert (newest["reason"], newest["tenant"], newest["device"]) == ("unknown-apikey", None, "gauge-1")
    assert {**former, "id": 0, "received_at": ""} == {
        "id": 0,
        "received_at": "",
        "tenant": "fukui",
        "source": "http",
        "topic": "/iot/json",
        "device": "gauge-9",
        "attribute": None,
        "reason": "unknown-device",
        "detail": "Device gauge-9 is not registered, and its group does not autoprovision",
        "payload": '{"level":9}',
        "payload_base64": None,
        "payload_size": 11,
    }


async def test_letters_are_filtered_and_counted(bench: IngestBench) -> None:
    await _park(bench)
    at = (await bench.letters())[1]["received_at"]
    expected = {
        "": {"empty-value": 1, "not-a-number": 1, "unknown-apikey": 1, "unknown-device": 1},
        "tenant=fukui": {"empty-value": 1, "not-a-number": 1, "unknown-device": 1},
        "device=gauge-9": {"unknown-device": 1},
        "reason=empty-value": {"empty-value": 1},
        f"since={at.replace('+', '%2B')}": {"empty-value": 1, "unknown-apikey": 1, "unknown-device": 1},
        "tenant=other": {},
    }
    for query, reasons in expected.items():
        summary = (await bench.client.get(f"/dead-letters/summary?{query}")).json()
        assert summary == {"count": sum(reasons.values()), "reasons": reasons}
        assert (await bench.client.get(f"/dead-letters?{query}")).json()["count"] == summary["count"]
    by_header = await bench.client.get("/dead-letters", headers={"Fiware-Service": "fukui"})
    assert by_header.json()["count"] == 3


async def test_a_filter_that_cannot_be_is_refused_by_name(bench: IngestBench) -> None:
    for query, field in (("reason=x", "reason"), ("since=x", "since"), ("tenant=a%20b", "tenant")):
        answer = await bench.client.get(f"/dead-letters?{query}")
        assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_a_letter_is_sent_again_when_its_cause_is_put_right(bench: IngestBench, peer: NgsildPeer) -> None:
    await _park(bench)
    [letter] = await bench.letters(reason="unknown-device")
    refused = await bench.client.post(f"/dead-letters/{letter['id']}/replay")
    assert (refused.status_code, refused.json()["reason"]) == (409, "unknown-device")
    assert len(await bench.letters()) == 4
    await bench.client.post("/iot/devices", json={"devices": [gauge(9)]}, headers=HEADERS)
    answer = await bench.client.post(f"/dead-letters/{letter['id']}/replay")
    assert (answer.status_code, answer.json()) == (200, {"accepted": 1})
    level = peer.entities["fukui", entity_id(9)]["waterLevel"]
    assert level["value"] == 9
    assert level["observedAt"][:19] == letter["received_at"][:19]
    assert [each["reason"] for each in await bench.letters()] == ["not-a-number", "empty-value", "unknown-apikey"]


async def test_a_letter_can_be_read_and_deleted_once(bench: IngestBench) -> None:
    await _park(bench)
    letter = (await bench.letters())[0]
    place = f"/dead-letters/{letter['id']}"
    assert (await bench.client.get(place)).json() == letter
    foreign = await bench.client.delete(f"{place}?tenant=other")
    assert foreign.status_code == 404
    assert (await bench.client.delete(place)).status_code == 204
    assert (await bench.client.delete(place)).status_code == 404
    assert (await bench.client.post(f"{place}/replay")).status_code == 404


async def test_payloads_that_are_no_text_are_shown_in_base64(bench: IngestBench) -> None:
    await bench.provision(1)
    names = {"k": "rivers", "i": "gauge-1"}
    headers = {"content-type": "application/json"}
    await bench.devices.post("/iot/json", params=names, content=b"\xff\xfe", headers=headers)
    [letter] = await bench.letters()
    assert (letter["reason"], letter["payload"]) == ("malformed-json", None)
    assert base64.b64decode(letter["payload_base64"]) == b"\xff\xfe"


async def test_a_payload_beyond_64_kib_is_cut_and_cannot_be_sent_again(bench: IngestBench) -> None:
    await bench.provision(1)
    answer = await bench.send("gauge-1", {"level": "x" * 70_000})
    assert (answer.status_code, answer.json()["name"]) == (413, "BAD_PAYLOAD")
    [letter] = await bench.letters()
    assert (letter["reason"], letter["payload_size"], len(letter["payload"])) == ("too-large", 70_012, 65_536)
    assert (await bench.client.post(f"/dead-letters/{letter['id']}/replay")).status_code == 409


async def test_outcomes_are_counted_for_prometheus(bench: IngestBench) -> None:
    await _park(bench)
    await bench.send("gauge-1", {"level": 1})
    figures = (await bench.client.get("/metrics")).text
    for line in (
        'hiroba_ingest_measures_total{outcome="accepted"} 1.0',
        'hiroba_ingest_measures_total{outcome="not-a-number"} 1.0',
        'hiroba_ingest_messages_total{source="http"} 5.0',
    ):
        assert line in figures


async def test_old_letters_and_those_beyond_a_number_are_removed(bench: IngestBench) -> None:
    await _park(bench)
    letters = await bench.letters()
    long_ago = bench.parts.clock().replace(year=2000)
    for most in (4, 3):
        await bench.parts.letters.purge(long_ago, most=most)
        assert await bench.letters() == letters[-most:]
    for _ in range(2):
        await bench.send("gauge-1", {"level": "*"})
    await bench.parts.letters.purge(long_ago, most=2)
    assert [each["tenant"] for each in await bench.letters()] == [None, "fukui"], "who has most loses first"
    await bench.parts.letters.purge(bench.parts.clock(), most=100)
    assert await bench.letters() == []
