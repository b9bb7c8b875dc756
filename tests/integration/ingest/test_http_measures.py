"""Measures over HTTP: what is committed before the answer, and what is refused."""

from tests.support.ingest import IngestBench, entity_id
from tests.support.ngsild_peer import NgsildPeer


async def test_a_measure_is_committed_when_it_is_answered(bench: IngestBench, peer: NgsildPeer) -> None:
    await bench.provision(1)
    answer = await bench.send("gauge-1", {"level": 3.42, "TimeInstant": "2026-08-20T00:40:00+09:00"})
    assert (answer.status_code, answer.json()) == (200, {})
    entity = peer.entities["fukui", entity_id(1)]
    observed = "2026-08-19T15:40:00Z"
    assert entity["type"] == "WaterLevelObserved"
    assert entity["waterLevel"] == {"type": "Property", "value": 3.42, "unitCode": "MTR", "observedAt": observed}
    assert entity["alertLevel"] == {"type": "Property", "value": 0, "observedAt": observed}
    assert entity["name"] == {"type": "Property", "value": "観測所1"}
    assert entity["standbyLevel"] == {"type": "Property", "value": 3.5, "unitCode": "MTR"}
    assert peer.headers[0]["NGSILD-Tenant"] == "fukui"


async def test_several_measures_in_one_request_are_all_written_in_order(bench: IngestBench, peer: NgsildPeer) -> None:
    await bench.provision(1)
    body = [{"level": value, "TimeInstant": f"2026-08-20T00:0{value}:00Z"} for value in (3, 1, 2)]
    assert (await bench.send("gauge-1", body)).status_code == 200
    written = [each["waterLevel"] for each in peer.history["fukui", entity_id(1)] if "waterLevel" in each]
    assert [(each["value"], each["observedAt"]) for each in written] == [
        (value, f"2026-08-20T00:0{value}:00Z") for value in (1, 2, 3)
    ]


async def test_a_time_in_the_query_is_the_time_of_the_measure(bench: IngestBench, peer: NgsildPeer) -> None:
    await bench.provision(1)
    assert (await bench.send("gauge-1", {"level": 1}, t="2026-08-20T00:00:00Z")).status_code == 200
    assert peer.entities["fukui", entity_id(1)]["waterLevel"]["observedAt"] == "2026-08-20T00:00:00Z"


async def test_the_value_of_one_attribute_comes_as_json_text_or_bytes(bench: IngestBench, peer: NgsildPeer) -> None:
    await bench.provision(1)
    names = {"k": "rivers", "i": "gauge-1"}
    for attribute, kind, body in (
        ("level", "application/json", b"3.5"),
        ("state", "text/plain; charset=utf-8", "開".encode()),
        ("frame", "application/octet-stream", b"\x01\xff"),
    ):
        headers = {"content-type": kind}
        answer = await bench.devices.post(f"/iot/json/attrs/{attribute}", params=names, content=body, headers=headers)
        assert answer.status_code == 200
    entity = peer.entities["fukui", entity_id(1)]
    assert [entity[name]["value"] for name in ("waterLevel", "alertLevel", "state", "frame")] == [3.5, 1, "開", "01ff"]


async def test_what_is_no_measure_is_refused_in_the_agents_dialect(bench: IngestBench) -> None:
    await bench.provision(1)
    whole = {"k": "rivers", "i": "gauge-1"}
    for parameters, content, kind, status, name in (
        ({"i": "gauge-1"}, b"{}", "application/json", 400, "MANDATORY_PARAMS_NOT_FOUND"),
        ({"k": "rivers"}, b"{}", "application/json", 400, "MANDATORY_PARAMS_NOT_FOUND"),
        (whole, b"{}", "text/plain", 400, "UNSUPPORTED_TYPE"),
        (whole, b"{", "application/json", 400, "BAD_PAYLOAD"),
        (whole, b"{}", "application/json", 400, "WRONG_SYNTAX"),
        (whole, b'{"level": "*"}', "application/json", 400, "WRONG_SYNTAX"),
        (whole, b'{"level": 1, "TimeInstant": "x"}', "application/json", 400, "BAD_TIMESTAMP"),
        ({**whole, "i": "x" * 300}, b'{"level": 1}', "application/json", 400, "WRONG_SYNTAX"),
        ({**whole, "i": "a\x00b"}, b'{"level": 1}', "application/json", 400, "WRONG_SYNTAX"),
        ({**whole, "k": "nobody"}, b'{"level": 1}', "application/json", 404, "DEVICE_GROUP_NOT_FOUND"),
        ({**whole, "i": "nobody"}, b'{"level": 1}', "application/json", 404, "DEVICE_NOT_FOUND"),
    ):
        headers = {"content-type": kind}
        answer = await bench.devices.post("/iot/json", params=parameters, content=content, headers=headers)
        assert (answer.status_code, answer.json()["name"]) == (status, name), (parameters, content)
        assert answer.json().keys() == {"name", "message"}
    assert (await bench.devices.put("/iot/json")).status_code == 405
    assert (await bench.devices.get("/nothing")).json()["name"] == "NOT_FOUND"


async def test_commands_can_be_asked_for_and_there_are_none(bench: IngestBench) -> None:
    await bench.provision(1)
    answer = await bench.send("gauge-1", {"level": 1}, getCmd="1")
    assert (answer.status_code, answer.json()) == (200, {})


async def test_a_measure_of_nothing_that_is_not_provisioned_keeps_its_keys(
    bench: IngestBench, peer: NgsildPeer
) -> None:
    await bench.provision(1)
    await bench.send("gauge-1", {"battery": 0.9, "mode": {"a": [1, None]}})
    entity = peer.entities["fukui", entity_id(1)]
    assert (entity["battery"]["value"], entity["mode"]["json"]) == (0.9, {"a": [1, None]})
    assert "alertLevel" not in entity


async def test_ultralight_measures_are_committed(bench: IngestBench, peer: NgsildPeer) -> None:
    await bench.provision(1)
    names = {"k": "rivers", "i": "gauge-1"}
    text = {"content-type": "text/plain"}
    body = "2026-08-20T00:00:00Z|level|1.5#level|2"
    answer = await bench.devices.post("/iot/d", params=names, content=body, headers=text)
    assert answer.status_code == 200
    assert (answer.text, answer.headers["content-type"].partition(";")[0]) == ("", "text/plain")
    assert answer.headers["X-Processing-Time"].isdecimal()
    answer = await bench.devices.get("/iot/d", params={**names, "d": "level|3", "t": "2026-08-20T01:00:00Z"})
    assert answer.status_code == 200
    answer = await bench.devices.post("/iot/d/attrs/level", params=names, content="4.5", headers=text)
    assert answer.status_code == 200
    assert peer.values("fukui", entity_id(1), "waterLevel") == [1.5, 2, 3, 4.5]
    history = peer.history["fukui", entity_id(1)]
    times = [each["waterLevel"]["observedAt"] for each in history if "waterLevel" in each]
    assert [times[0], times[2]] == ["2026-08-20T00:00:00Z", "2026-08-20T01:00:00Z"]


async def test_an_ultralight_measure_that_is_none_is_a_dead_letter(bench: IngestBench, peer: NgsildPeer) -> None:
    await bench.provision(1)
    answer = await bench.devices.get("/iot/d", params={"k": "rivers", "i": "gauge-1", "d": "level"})
    assert answer.status_code == 400
    [letter] = await bench.letters()
    assert letter["reason"] == "malformed-ultralight"
    answer = await bench.client.post(f"/dead-letters/{letter['id']}/replay")
    assert answer.status_code == 409
    assert "UltraLight" in answer.json()["detail"]
