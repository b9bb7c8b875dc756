"""How devices are: who was heard, how much, and who has fallen silent."""

import asyncio

from tests.support.ingest import GROUP, HEADERS, IngestBench, running_ingest
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until
from tests.support.relay import relayed

DEVICE = "urn:ngsi-ld:Device:gauge-1"


async def assets(bench: IngestBench, path: str = "/") -> list[dict[str, object]]:
    answer = await bench.client.get("/assets", headers={**HEADERS, "fiware-servicepath": path})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["count"] == len(body["assets"])
    found: list[dict[str, object]] = body["assets"]
    return found


async def test_a_device_that_was_heard_is_listed_with_what_it_told(bench: IngestBench) -> None:
    await bench.provision(1, 2)
    for level in (1, 2):
        await bench.send("gauge-1", {"level": level, "battery": 3.5})
    await bench.parts.liveness.round()
    await bench.send("gauge-1", {"level": 3})
    await bench.parts.liveness.round()
    [asset] = await assets(bench)
    assert {name: asset[name] for name in ("device_id", "messages", "battery", "state", "entity")} == {
        "device_id": "gauge-1",
        "messages": 3,
        "battery": 3.5,
        "state": None,
        "entity": "urn:ngsi-ld:WaterLevelObserved:gauge-1",
    }
    assert await assets(bench, "/*") == [asset]
    assert await assets(bench, "/other") == []
    (source,) = (await bench.client.get("/sources", headers={"Fiware-Service": "fukui"})).json()
    assert (source["kind"], source["types"], source["count"]) == ("devices", ["WaterLevelObserved"], 2)
    assert (await bench.client.get("/sources", headers={"Fiware-Service": "nobody"})).json() == []


async def test_devices_of_one_id_under_several_api_keys_are_several(database_url: str, peer: NgsildPeer) -> None:
    async with running_ingest(database_url, broker_url=peer.url) as bench:
        other = {**GROUP, "apikey": "roads", "entity_type": "Road"}
        for group in (GROUP, other):
            more = {"expectedInterval": 3600, "storeLastMeasure": True, "autoprovision": True}
            body = {"groups": [{**group, **more}]}
            assert (await bench.client.post("/iot/groups", json=body, headers=HEADERS)).status_code == 201
        await bench.send("gauge-1", {"level": 1})
        await bench.parts.liveness.round()
        assert (await bench.send("gauge-1", {"level": 7}, "roads")).status_code == 200
        await bench.parts.liveness.round()
        found = await assets(bench)
        assert [(each["apikey"], each["messages"], each["device_entity"]) for each in found] == [
            ("rivers", 1, DEVICE),
            ("roads", 1, "urn:ngsi-ld:Device:Road:gauge-1"),
        ]
        assert peer.values("fukui", "urn:ngsi-ld:Device:Road:gauge-1", "deviceState") == ["active"]
        assert peer.values("fukui", DEVICE, "deviceState") == ["active"]
        shown = await bench.client.get("/iot/devices/gauge-1?apikey=rivers", headers=HEADERS)
        assert shown.json()["lastMeasure"]["measure"] == {"level": 1}


async def test_the_last_measure_is_shown_where_provisioning_says_so(bench: IngestBench) -> None:
    await bench.provision(1, 2, group={**GROUP, "storeLastMeasure": True})
    assert (
        await bench.client.put("/iot/devices/gauge-2", json={"storeLastMeasure": False}, headers=HEADERS)
    ).is_success
    for level in (1, 2):
        await bench.send("gauge-1", {"level": level, "note": "a"})
        await bench.send("gauge-2", {"level": level})
    await bench.parts.liveness.round()
    url = "/iot/devices/gauge-1"
    shown = (await bench.client.get(url, headers=HEADERS)).json()
    assert shown["lastMeasure"]["measure"] == {"level": 2, "note": "a"}
    assert shown["lastMeasure"]["timestamp"].endswith("Z")
    other = (await bench.client.get("/iot/devices/gauge-2", headers=HEADERS)).json()
    assert "lastMeasure" not in other
    await bench.send("gauge-1", {"level": 3, "note": "a\u0000"})  # which PostgreSQL cannot hold
    await bench.parts.liveness.round()
    assert (await bench.client.get(url, headers=HEADERS)).json() == shown
    assert (await bench.client.put(url, json={"lastMeasure": {}}, headers=HEADERS)).status_code == 204
    assert "lastMeasure" not in (await bench.client.get(url, headers=HEADERS)).json()


async def test_a_device_that_falls_silent_is_told_by_an_entity_and_so_is_its_return(
    database_url: str, peer: NgsildPeer
) -> None:
    async with running_ingest(database_url, broker_url=peer.url, ingest_liveness_s=0.1) as bench:
        await bench.provision(1, group={**GROUP, "expectedInterval": 0.5})
        await bench.send("gauge-1", {"level": 1, "batteryLevel": 0.8})
        await until(lambda: peer.values("fukui", DEVICE, "deviceState") == ["active"])
        entity = peer.entities["fukui", DEVICE]
        assert entity["category"]["value"] == ["sensor"]
        assert entity["controlledProperty"]["value"] == ["waterLevel"]
        assert entity["dateFirstUsed"]["value"]["@type"] == "DateTime"
        assert entity["controlledAsset"]["object"] == "urn:ngsi-ld:WaterLevelObserved:gauge-1"
        assert entity["batteryLevel"]["value"] == 0.8
        assert entity["expectedInterval"] == {"type": "Property", "value": 0.5, "unitCode": "SEC"}
        await until(lambda: peer.values("fukui", DEVICE, "deviceState") == ["active", "silent"])
        assert [each["state"] for each in await assets(bench)] == ["silent"]
        await bench.send("gauge-1", {"level": 2})
        await until(lambda: peer.values("fukui", DEVICE, "deviceState")[:3] == ["active", "silent", "active"])


async def test_what_was_heard_while_the_database_was_away_is_counted_later(database_url: str, peer: NgsildPeer) -> None:
    async with (
        relayed(database_url) as (relay, url),
        running_ingest(url, broker_url=peer.url, ingest_liveness_s=0.1, ingest_http_wait_s=30) as bench,
    ):
        await bench.provision(1)
        await bench.send("gauge-1", {"level": 1})
        relay.cut()
        waiting = asyncio.ensure_future(bench.send("gauge-1", {"level": 2}))
        await asyncio.sleep(0.5)
        relay.mend()
        assert (await waiting).status_code == 200

        async def are_counted() -> bool:
            return [each["messages"] for each in await assets(bench)] == [2]

        await until(are_counted)
