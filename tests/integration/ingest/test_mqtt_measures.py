"""Measures over MQTT, with each MQTT broker."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.ingest import entity_id, running_ingest
from tests.support.mqtt import MqttServer, amqtt, device, mosquitto
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until

BROKERS = [pytest.param("mosquitto", marks=pytest.mark.needs("mosquitto")), "amqtt"]


@pytest.fixture(params=BROKERS)
def mqtt(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MqttServer]:
    with mosquitto(tmp_path) if request.param == "mosquitto" else amqtt() as server:
        yield server


async def test_measures_on_every_form_of_topic_become_entities(
    database_url: str, peer: NgsildPeer, mqtt: MqttServer
) -> None:
    async with running_ingest(database_url, broker_url=peer.url, mqtt_url=mqtt.url) as bench, device(mqtt) as sender:
        await bench.provision(*range(1, 7))
        await until(lambda: bench.parts.receiver.is_connected)
        sender.publish("/json/rivers/gauge-1/attrs", {"level": 1})
        sender.publish("json/rivers/gauge-2/attrs", {"level": 2})
        sender.publish("/rivers/gauge-3/attrs", {"level": 3})
        sender.publish("rivers/gauge-4/attrs", {"level": 4})
        sender.publish("/json/rivers/gauge-5/attrs/level", b"5")
        sender.publish("rivers/gauge-6/attrs/level", b"6")
        await until(lambda: len(peer.entities) == 6)
        found = {number: peer.values("fukui", entity_id(number), "waterLevel") for number in range(1, 7)}
        assert found == {number: [number] for number in range(1, 7)}


async def test_many_measures_keep_their_order_for_each_entity(
    database_url: str, peer: NgsildPeer, mqtt: MqttServer
) -> None:
    async with running_ingest(database_url, broker_url=peer.url, mqtt_url=mqtt.url) as bench, device(mqtt) as sender:
        await bench.provision(*range(5))
        await until(lambda: bench.parts.receiver.is_connected)
        for value in range(200):
            for number in range(5):
                sender.publish(f"/json/rivers/gauge-{number}/attrs", {"level": value})
        await until(lambda: sum(map(len, peer.history.values())) >= 1000)
        for number in range(5):
            assert peer.values("fukui", entity_id(number), "waterLevel") == list(range(200))


@pytest.mark.needs("mosquitto")
async def test_what_came_while_ingest_was_away_comes_with_mqtt_5_too(
    database_url: str, peer: NgsildPeer, tmp_path: Path
) -> None:
    with mosquitto(tmp_path) as mqtt:
        settings = {"broker_url": peer.url, "mqtt_url": mqtt.url, "mqtt_version": "5", "mqtt_receive_maximum": 2}
        async with running_ingest(database_url, **settings) as bench:
            await bench.provision(1)
            await until(lambda: bench.parts.receiver.is_connected)
        async with device(mqtt) as sender:
            for value in range(5):
                sender.publish("/json/rivers/gauge-1/attrs", {"level": value})
            await asyncio.to_thread(sender.wait)
        async with running_ingest(database_url, **settings):
            await until(lambda: peer.values("fukui", entity_id(1), "waterLevel") == list(range(5)))


async def test_bad_messages_are_parked_and_the_stream_goes_on(
    database_url: str, peer: NgsildPeer, mqtt: MqttServer
) -> None:
    async with running_ingest(database_url, broker_url=peer.url, mqtt_url=mqtt.url) as bench, device(mqtt) as sender:
        await bench.provision(1)
        await until(lambda: bench.parts.receiver.is_connected)
        topic = "/json/rivers/gauge-1/attrs"
        bad = {
            "malformed-json": (topic, b"{level"),
            "not-a-measure": (topic, b"[1, 2]"),
            "not-a-number": (topic, {"level": "*"}),
            "empty-value": (topic, {"level": ""}),
            "empty-measure": (topic, {}),
            "too-deep": (topic, b'{"a":' * 40 + b"1" + b"}" * 40),
            "too-large": (topic, {"level": "x" * 70000}),
            "bad-timestamp": (topic, {"level": 1, "TimeInstant": "yesterday"}),
            "bad-name": (topic, {"@context": "http://example.org/"}),
            "unknown-device": ("/json/rivers/gauge-9/attrs", {"level": 1}),
            "unknown-apikey": ("/json/nobody/gauge-1/attrs", {"level": 1}),
            "bad-topic": ("/json/rivers/" + "x" * 300 + "/attrs", {"level": 1}),
        }
        for where, payload in bad.values():
            sender.publish(where, payload)
        sender.publish(topic, {"level": 7})
        await until(lambda: len(peer.history) == 1)
        assert peer.values("fukui", entity_id(1), "waterLevel") == [7]

        async def are_parked() -> bool:
            return len(await bench.letters()) == len(bad)

        await until(are_parked)
        letters = await bench.letters()
        assert [letter["reason"] for letter in letters] == list(bad)
        nobodys = {letter["reason"] for letter in letters if letter["tenant"] is None}
        assert nobodys == {"unknown-apikey", "bad-topic"}


async def test_measures_of_other_qualities_of_service_are_taken_too(
    database_url: str, peer: NgsildPeer, mqtt: MqttServer
) -> None:
    async with running_ingest(database_url, broker_url=peer.url, mqtt_url=mqtt.url) as bench, device(mqtt) as sender:
        await bench.provision(1)
        await until(lambda: bench.parts.receiver.is_connected)
        for qos in (0, 2):
            sender.publish("/json/rivers/gauge-1/attrs", {"level": qos}, qos=qos)
        await until(lambda: sorted(peer.values("fukui", entity_id(1), "waterLevel")) == [0, 2])


async def test_readiness_tells_which_part_is_away(database_url: str, peer: NgsildPeer, mqtt: MqttServer) -> None:
    async with running_ingest(database_url, broker_url=peer.url, mqtt_url=mqtt.url) as bench:
        await until(lambda: bench.parts.receiver.is_connected)
        ready: httpx.Response = await bench.client.get("/health/ready")
        assert (ready.status_code, set(ready.json()["checks"].values())) == (200, {"pass"})
        mqtt.stop()
        await until(lambda: not bench.parts.receiver.is_connected)
        ready = await bench.client.get("/health/ready")
        assert (ready.status_code, ready.json()["checks"]["mqtt"]) == (503, "fail")
