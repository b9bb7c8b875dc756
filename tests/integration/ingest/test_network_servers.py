"""Uplinks that network servers post, and nodes that are asked for their births."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ingest.test_commands import listener
from tests.support.ingest import HEADERS, IngestBench, running_ingest
from tests.support.mqtt import device, mosquitto
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until

SAMPLES = Path(__file__).parents[2] / "unit" / "ingest" / "samples"


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return found


async def provision(bench: IngestBench, apikey: str, fields: dict[str, Any]) -> None:
    group = {"apikey": apikey, "resource": "", **fields}
    answer = await bench.client.post("/iot/groups", json={"groups": [group]}, headers=HEADERS)
    assert answer.status_code == 201, answer.text


async def test_the_things_stack_posts_uplinks(bench: IngestBench, peer: NgsildPeer) -> None:
    uplink = sample("things-stack")
    await provision(bench, "fukui-rivers", uplink["group"])
    message = uplink["messages"][0]["json"]
    for _ in range(2):
        assert (await bench.devices.post("/iot/things-stack", json=message)).status_code == 200
    assert peer.values("fukui", "urn:ngsi-ld:WaterLevelObserved:gauge-7", "waterLevel") == [3.42, 3.42]
    keys = {each["Idempotency-Items"] for each in peer.headers}
    assert len(keys) == 1
    assert (await bench.devices.post("/iot/things-stack", json={"uplink_message": {}})).status_code == 400
    joined = {"end_device_ids": message["end_device_ids"], "join_accept": {}}
    assert (await bench.devices.post("/iot/things-stack", json=joined)).json() == {}


async def test_chirpstack_posts_uplinks_under_an_api_key(bench: IngestBench, peer: NgsildPeer) -> None:
    uplink = sample("chirpstack")
    await provision(bench, "rivers", uplink["group"])
    answer = await bench.devices.post("/iot/chirpstack?k=rivers&event=up", json=uplink["messages"][0]["json"])
    assert answer.status_code == 200
    assert peer.values("fukui", "urn:ngsi-ld:WaterLevelObserved:0101010101010101", "waterLevel") == [2.5]
    assert (await bench.devices.post("/iot/chirpstack", content=b"{")).json()["name"] == "BAD_PAYLOAD"


@pytest.mark.needs("mosquitto")
async def test_a_node_whose_birth_was_not_heard_is_asked_for_it(
    database_url: str, peer: NgsildPeer, tmp_path: Path
) -> None:
    pump = sample("sparkplug-b")
    with mosquitto(tmp_path) as mqtt:
        async with (
            running_ingest(database_url, broker_url=peer.url, mqtt_url=mqtt.url) as bench,
            device(mqtt) as node,
            listener(mqtt, "spBv1.0/fukui-pumps/NCMD/station-3") as asked,
        ):
            await provision(bench, "fukui-pumps", pump["group"])
            await until(lambda: bench.parts.receiver.is_connected)
            birth, data, _ = pump["messages"]
            node.publish(data["topic"], bytes.fromhex(data["hex"]))
            assert b"Node Control/Rebirth" in await asyncio.wait_for(asked.get(), 60)
            assert [each["reason"] for each in await bench.letters()] == ["unknown-alias"]
            for message in (birth, data):
                node.publish(message["topic"], bytes.fromhex(message["hex"]))
            pump_id = "urn:ngsi-ld:Pump:station-3/pump-1"
            await until(lambda: peer.values("fukui", pump_id, "waterLevel") == [3.42, 3.5, 3.75])
