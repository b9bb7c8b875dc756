"""`/iot/devices`: what is stored, returned, changed and refused, and how measures follow it."""

import asyncio
from typing import Any

import asyncpg

from services.ingest.domain.device import LISTS
from tests.support.ingest import GROUP, HEADERS, IngestBench, entity_id, gauge, running_ingest
from tests.support.ngsild_peer import NgsildPeer

PLACE = {"service": "fukui", "service_path": "/"}
NO_LISTS: dict[str, Any] = {name: [] for name in LISTS}
EVERY_FIELD: dict[str, Any] = {
    "device_id": "d1",
    "apikey": "own",
    "entity_name": "urn:ngsi-ld:Room:1",
    "entity_type": "Room",
    "timezone": "Asia/Tokyo",
    "timestamp": True,
    "protocol": "IoTA-JSON",
    "transport": "HTTP",
    "endpoint": "http://127.0.0.1:9",
    "polling": True,
    "attributes": [{"object_id": "t", "name": "temperature", "type": "Number", "unitCode": "CEL"}],
    "static_attributes": [{"name": "city", "type": "Text", "value": "福井", "metadata": {"source": {"value": "x"}}}],
    "lazy": [],
    "commands": [{"name": "ping", "type": "command"}],
    "internal_attributes": {"a": 1},
    "explicitAttrs": False,
    "ngsiVersion": "v2",
    "payloadType": "IoTAgent",
    "storeLastMeasure": True,
    "lastMeasure": {},
    "useCBflowControl": False,
    "cmdMode": "notification",
}  # fmt: skip


async def test_a_device_is_returned_as_it_was_posted(bench: IngestBench) -> None:
    answer = await bench.client.post("/iot/devices", json={"devices": [EVERY_FIELD]}, headers=HEADERS)
    assert (answer.status_code, answer.json()) == (201, {})
    shown = {**PLACE, **EVERY_FIELD}
    assert (await bench.client.get("/iot/devices/d1", headers=HEADERS)).json() == shown
    assert (await bench.client.get("/iot/devices/d1?apikey=own", headers=HEADERS)).json() == shown
    assert (await bench.client.get("/iot/devices", headers=HEADERS)).json() == {"count": 1, "devices": [shown]}
    missing = await bench.client.get("/iot/devices/d1?apikey=other", headers=HEADERS)
    assert (missing.status_code, missing.json()["name"]) == (404, "DEVICE_NOT_FOUND")


async def test_devices_are_listed_in_pages(bench: IngestBench) -> None:
    await bench.provision(*range(5))
    listed = (await bench.client.get("/iot/devices?limit=2&offset=3", headers=HEADERS)).json()
    assert (listed["count"], [each["device_id"] for each in listed["devices"]]) == (5, ["gauge-3", "gauge-4"])


async def test_a_change_is_in_force_for_the_next_measure(bench: IngestBench, peer: NgsildPeer) -> None:
    await bench.provision(1)
    await bench.send("gauge-1", {"level": 1})
    change = {"entity_name": "urn:ngsi-ld:Gauge:new", "static_attributes": [{"name": "name", "value": "新"}]}
    assert (await bench.client.put("/iot/devices/gauge-1", json=change, headers=HEADERS)).status_code == 204
    await bench.send("gauge-1", {"level": 2})
    assert peer.entities["fukui", "urn:ngsi-ld:Gauge:new"]["waterLevel"]["value"] == 2
    assert peer.entities["fukui", "urn:ngsi-ld:Gauge:new"]["name"]["value"] == "新"
    assert peer.values("fukui", entity_id(1), "waterLevel") == [1]


async def test_a_change_in_one_replica_is_in_force_in_the_others(database_url: str, peer: NgsildPeer) -> None:
    async with (
        running_ingest(database_url, broker_url=peer.url) as first,
        running_ingest(database_url, broker_url=peer.url) as second,
    ):
        await first.provision(1)
        assert (await second.send("gauge-1", {"level": 1})).status_code == 200
        assert (await first.client.delete("/iot/devices/gauge-1", headers=HEADERS)).status_code == 204
        assert (await second.send("gauge-1", {"level": 2})).status_code == 404


async def test_a_removed_device_is_unknown(bench: IngestBench) -> None:
    await bench.provision(1, 2, 3)
    body = {"devices": [{"deviceId": "gauge-1"}, {"deviceId": "gauge-2"}]}
    assert (await bench.client.post("/iot/op/delete", json=body, headers=HEADERS)).status_code == 204
    again = await bench.client.post(
        "/iot/op/delete", json=[{"deviceId": "gauge-3"}, {"deviceId": "x"}], headers=HEADERS
    )
    assert (again.status_code, again.json()["name"]) == (404, "DEVICE_NOT_FOUND")
    assert again.json()["message"] == "No device was found with id: x; the others are removed"
    assert (await bench.client.get("/iot/devices", headers=HEADERS)).json()["count"] == 0
    answer = await bench.send("gauge-1", {"level": 1})
    assert (answer.status_code, answer.json()["name"]) == (404, "DEVICE_NOT_FOUND")
    gone = await bench.client.delete("/iot/devices/gauge-1", headers=HEADERS)
    assert (gone.status_code, gone.json()["name"]) == (404, "DEVICE_NOT_FOUND")


async def test_the_same_device_again_is_refused(bench: IngestBench) -> None:
    await bench.provision(1)
    for headers, key, status in (
        (HEADERS, None, 409),
        (HEADERS, "own", 201),
        (HEADERS, "own", 409),
        ({**HEADERS, "fiware-servicepath": "/other"}, None, 201),
        ({**HEADERS, "fiware-service": "other"}, "own", 409),
        ({**HEADERS, "fiware-service": "other"}, "rivers", 409),
        ({**HEADERS, "fiware-service": "other"}, None, 201),
    ):
        device = gauge(1) if key is None else gauge(1, apikey=key)
        answer = await bench.client.post("/iot/devices", json={"devices": [device]}, headers=headers)
        assert answer.status_code == status, (headers, key)
        if status == 409:
            assert answer.json()["name"] == "DUPLICATE_DEVICE_ID"


async def test_an_api_key_of_a_device_cannot_become_another_tenants_group(bench: IngestBench) -> None:
    await bench.client.post("/iot/devices", json={"devices": [gauge(1, apikey="own")]}, headers=HEADERS)
    body = {"groups": [{"apikey": "own", "resource": ""}]}
    answer = await bench.client.post("/iot/groups", json=body, headers={**HEADERS, "fiware-service": "other"})
    assert (answer.status_code, answer.json()["name"]) == (409, "DUPLICATE_GROUP")


async def test_a_device_with_an_api_key_of_its_own_needs_no_group(bench: IngestBench, peer: NgsildPeer) -> None:
    device = {"device_id": "d1", "apikey": "own", "entity_type": "Room"}
    await bench.client.post("/iot/devices", json={"devices": [device]}, headers=HEADERS)
    assert (await bench.send("d1", {"t": 1}, apikey="own")).status_code == 200
    assert list(peer.entities) == [("fukui", "urn:ngsi-ld:Room:d1")]
    moved = await bench.client.put("/iot/devices/d1", json={"apikey": "new"}, headers=HEADERS)
    assert moved.status_code == 204
    assert (await bench.send("d1", {"t": 1}, apikey="own")).status_code == 404
    assert (await bench.send("d1", {"t": 1}, apikey="new")).status_code == 200


async def test_an_unknown_device_of_an_open_group_is_registered_once(bench: IngestBench, peer: NgsildPeer) -> None:
    await bench.provision(group={**GROUP, "autoprovision": True})
    answers = await asyncio.gather(*(bench.send("new-1", {"level": value}) for value in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert list(peer.entities) == [("fukui", "urn:ngsi-ld:WaterLevelObserved:new-1")]
    listed = (await bench.client.get("/iot/devices", headers=HEADERS)).json()
    assert listed["count"] == 1
    assert listed["devices"][0] == {
        **PLACE,
        "device_id": "new-1",
        "apikey": "rivers",
        "entity_name": "urn:ngsi-ld:WaterLevelObserved:new-1",
        "entity_type": "WaterLevelObserved",
        **NO_LISTS,
    }


async def test_a_device_is_shown_with_its_entity_and_has_the_fields_of_the_group_with_its_key(
    bench: IngestBench,
) -> None:
    shared = {"resource": "/iot/json", "autoprovision": False}
    groups = [{**shared, "apikey": "k1", "entity_type": "Lamp"}, {**shared, "apikey": "k2", "entity_type": "Room"}]
    groups[1]["ngsiVersion"] = "v2"
    await bench.client.post("/iot/groups", json={"groups": groups}, headers=HEADERS)
    devices = [{"device_id": f"d{each['apikey']}", "apikey": each["apikey"]} for each in groups]
    await bench.client.post("/iot/devices", json={"devices": [*devices, {"device_id": "d0"}]}, headers=HEADERS)
    listed = (await bench.client.get("/iot/devices", headers=HEADERS)).json()["devices"]
    assert [each["entity_name"] for each in listed] == ["urn:ngsi-ld:Lamp:dk1", "Room:dk2", "urn:ngsi-ld:Lamp:d0"]
    answer = await bench.client.put("/iot/devices/dk2", json={**listed[1], "timezone": "UTC"}, headers=HEADERS)
    assert answer.status_code == 204
    assert (await bench.client.get("/iot/devices/dk2", headers=HEADERS)).json() == {**listed[1], "timezone": "UTC"}


async def test_a_device_without_an_id_and_another_id_are_refused_in_the_agents_words(bench: IngestBench) -> None:
    await bench.provision(1)
    nameless = await bench.client.post("/iot/devices", json={"devices": [{"entity_type": "X"}]}, headers=HEADERS)
    assert (nameless.status_code, nameless.json()["name"]) == (400, "MISSING_ATTRIBUTES")
    assert "devices.0.device_id" in nameless.json()["message"]
    renamed = await bench.client.put("/iot/devices/gauge-1", json={"device_id": "other"}, headers=HEADERS)
    assert (renamed.status_code, renamed.json()["name"]) == (400, "BAD_REQUEST")


async def test_an_unknown_device_that_the_quota_has_no_room_for_is_not_registered(
    bench: IngestBench, peer: NgsildPeer, database_url: str
) -> None:
    await bench.provision(group={**GROUP, "autoprovision": True})
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "ingest"})
    await connection.execute("""update tenant set details = '{"quotas": {"devices": 2}}' where name = 'fukui'""")
    await connection.close()
    answers = [await bench.send(f"new-{number}", {"level": 1}) for number in (1, 2, 1)]
    assert [answer.status_code for answer in answers] == [200, 403, 200]
    assert [letter["reason"] for letter in await bench.letters()] == ["quota-reached"]
    assert list(peer.entities) == [("fukui", "urn:ngsi-ld:WaterLevelObserved:new-1")]


async def test_two_replicas_register_an_unknown_device_once(database_url: str, peer: NgsildPeer) -> None:
    async with (
        running_ingest(database_url, broker_url=peer.url) as first,
        running_ingest(database_url, broker_url=peer.url) as second,
    ):
        await first.provision(group={**GROUP, "autoprovision": True})
        sent = [each.send(f"new-{number}", {"level": 1}) for number in range(10) for each in (first, second)]
        assert {answer.status_code for answer in await asyncio.gather(*sent)} == {200}
        assert (await first.client.get("/iot/devices", headers=HEADERS)).json()["count"] == 10


async def test_static_attributes_are_written_once_and_again_when_the_entity_is_new(
    bench: IngestBench, peer: NgsildPeer
) -> None:
    await bench.provision(1)
    for value in (1, 2):
        await bench.send("gauge-1", {"level": value})
    assert peer.values("fukui", entity_id(1), "name") == ["観測所1"]
    peer.entities.clear()
    await bench.send("gauge-1", {"level": 3})
    assert peer.entities["fukui", entity_id(1)]["name"]["value"] == "観測所1"
    assert peer.values("fukui", entity_id(1), "waterLevel") == [1, 2, 3]


async def test_of_several_devices_all_are_created_or_none(bench: IngestBench) -> None:
    body = {"devices": [gauge(1), {"device_id": "d", "polling": "maybe"}]}
    answer = await bench.client.post("/iot/devices", json=body, headers=HEADERS)
    assert (answer.status_code, answer.json()["name"]) == (400, "WRONG_SYNTAX")
    assert "devices.1.polling" in answer.json()["message"]
    assert (await bench.client.get("/iot/devices", headers=HEADERS)).json()["count"] == 0


async def test_a_device_that_comes_twice_in_one_request_is_refused(bench: IngestBench) -> None:
    answer = await bench.client.post("/iot/devices", json={"devices": [gauge(1), gauge(1)]}, headers=HEADERS)
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "Wrong syntax in request: devices: device_id 'gauge-1' comes twice",
    )


async def test_the_service_path_becomes_the_scope_of_the_entities(bench: IngestBench, peer: NgsildPeer) -> None:
    headers = {**HEADERS, "fiware-servicepath": "/rivers/north"}
    body = {"groups": [{"apikey": "k", "resource": "/iot/json", "entity_type": "Room"}]}
    await bench.client.post("/iot/groups", json=body, headers=headers)
    await bench.send("d1", {"t": 1}, apikey="k")
    assert peer.entities["fukui", "urn:ngsi-ld:Room:d1"]["scope"] == "/rivers/north"
    assert peer.headers[-1]["NGSILD-Path"] == "/rivers/north"


async def test_about_tells_the_version_and_the_connections(bench: IngestBench) -> None:
    for path in ("/iot/about", "/version"):
        about = (await bench.client.get(path)).json()
        found = about["connections"]
        assert {name: each["ok"] for name, each in found.items()} == {
            "contextBroker": True,
            "mqtt": False,
            "database": True,
        }
        assert found["database"]["lastError"] is None
        assert found["mqtt"]["lastOk"] is None
        assert found["mqtt"]["consecutiveFails"] > 0
        assert found["contextBroker"]["latencyMs"] >= 0
        assert about["version"] == about["libVersion"]
