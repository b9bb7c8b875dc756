"""What happens when a part is away, fails or is killed: nothing is lost, and each entity keeps its order."""

import asyncio
import signal
from pathlib import Path

import asyncpg
import pytest

from tests.support.ingest import HEADERS, IngestBench, entity_id, ingest_process, running_ingest
from tests.support.mqtt import MqttServer, device, mosquitto
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until
from tests.support.relay import relayed

TOPIC = "/json/rivers/gauge-1/attrs"
KEPT = ("persistence true", "autosave_interval 1", "max_queued_messages 0")


def _without_repeats(values: list[int]) -> list[int]:
    return list(dict.fromkeys(values))


@pytest.mark.needs("mosquitto")
async def test_measures_wait_in_order_while_the_broker_is_away(
    database_url: str, peer: NgsildPeer, tmp_path: Path
) -> None:
    with mosquitto(tmp_path, "max_queued_messages 0") as mqtt:
        async with running_ingest(database_url, broker_url=peer.url, mqtt_url=mqtt.url) as bench:
            await bench.provision(1)
            await until(lambda: bench.parts.receiver.is_connected)
            peer.is_away = True
            async with device(mqtt) as sender:
                for value in range(300):
                    sender.publish(TOPIC, {"level": value})
                await asyncio.to_thread(sender.wait)
            await asyncio.sleep(2)
            assert peer.history == {}
            peer.is_away = False
            await until(lambda: len(peer.values("fukui", entity_id(1), "waterLevel")) >= 300)
            assert peer.values("fukui", entity_id(1), "waterLevel") == list(range(300))
            assert await bench.letters() == []


async def test_a_batch_that_failed_on_the_way_back_is_not_applied_twice(bench: IngestBench, peer: NgsildPeer) -> None:
    await bench.provision(1)
    peer.failures = [503, 503]
    assert (await bench.send("gauge-1", {"level": 1})).status_code == 200
    assert peer.requests == 3
    assert peer.values("fukui", entity_id(1), "waterLevel") == [1]


@pytest.mark.parametrize("refuses_whole", [True, False])
async def test_a_bad_measure_never_fails_its_neighbours(
    bench: IngestBench, peer: NgsildPeer, refuses_whole: bool
) -> None:
    await bench.provision(*range(20))
    peer.refuses = lambda entity: entity["waterLevel"]["value"] == 13
    peer.refuses_whole = refuses_whole
    answers = await asyncio.gather(*(bench.send(f"gauge-{number}", {"level": number}) for number in range(20)))
    assert [answer.status_code for answer in answers] == [400 if number == 13 else 200 for number in range(20)]
    assert answers[13].json()["name"] == "ENTITY_GENERIC_ERROR"
    assert len(peer.entities) == 19
    assert [(letter["reason"], letter["device"]) for letter in await bench.letters()] == [
        ("broker-refuses", "gauge-13")
    ]


async def test_one_refused_reading_of_several_is_told_from_the_others(bench: IngestBench, peer: NgsildPeer) -> None:
    await bench.provision(1)
    peer.refuses = lambda entity: entity.get("waterLevel", {}).get("value") == 2
    answer = await bench.send("gauge-1", [{"level": 1}, {"level": 2}, {"level": 3}])
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("1 of 3 measures are refused")
    assert set(peer.values("fukui", entity_id(1), "waterLevel")) == {1, 3}
    assert peer.values("fukui", entity_id(1), "waterLevel")[-1] == 3
    assert [letter["payload"] for letter in await bench.letters()] == ['[{"level":2}]']


async def test_a_measure_at_which_the_broker_always_fails_is_parked_in_the_end(
    database_url: str, peer: NgsildPeer
) -> None:
    async with running_ingest(database_url, broker_url=peer.url, ingest_http_wait_s=60) as bench:
        await bench.provision(1, 2)
        peer.fails_at = lambda entity: entity["waterLevel"]["value"] == 13
        answers = await asyncio.gather(bench.send("gauge-1", {"level": 13}), bench.send("gauge-2", {"level": 2}))
        assert [answer.status_code for answer in answers] == [500, 200]
        assert [letter["reason"] for letter in await bench.letters()] == ["broker-fails"]


async def test_a_device_over_http_is_told_to_try_again_while_the_broker_is_away(
    database_url: str, peer: NgsildPeer
) -> None:
    async with running_ingest(database_url, broker_url=peer.url, ingest_http_wait_s=0.5) as bench:
        await bench.provision(1)
        peer.is_away = True
        answer = await bench.send("gauge-1", {"level": 1})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["name"] == "REGISTRY_NOT_AVAILABLE"
        peer.is_away = False
        await until(lambda: peer.history != {})
        assert (await bench.send("gauge-1", {"level": 2})).status_code == 200


async def test_measures_wait_while_the_database_is_away(database_url: str, peer: NgsildPeer) -> None:
    async with (
        relayed(database_url) as (relay, url),
        running_ingest(url, broker_url=peer.url, ingest_http_wait_s=30) as bench,
    ):
        await bench.provision(1)
        relay.cut()  # before ingest knows which tenants ask for keys
        first = asyncio.ensure_future(bench.send("gauge-1", {"level": 0}))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(first), 0.5)
        relay.mend()
        assert (await first).status_code == 200
        relay.cut()
        waiting = asyncio.ensure_future(bench.send("gauge-1", {"level": 1}))
        refused = await bench.client.get("/iot/devices", headers=HEADERS)
        assert (refused.status_code, refused.json()["name"]) == (503, "REGISTRY_NOT_AVAILABLE")
        ready = await bench.client.get("/health/ready")
        assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "fail")
        await asyncio.sleep(0.5)
        assert not waiting.done()
        relay.mend()
        assert (await waiting).status_code == 200
        assert peer.values("fukui", entity_id(1), "waterLevel") == [0, 1]


async def test_a_device_over_http_is_told_to_try_again_while_the_database_is_away(
    database_url: str, peer: NgsildPeer
) -> None:
    async with (
        relayed(database_url) as (relay, url),
        running_ingest(url, broker_url=peer.url, ingest_http_wait_s=0.5) as bench,
    ):
        await bench.provision(1)
        relay.cut()
        answer = await bench.send("gauge-1", {"level": 1})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["name"] == "REGISTRY_NOT_AVAILABLE"


async def test_a_device_whose_stored_provisioning_cannot_be_read_stops_no_other(
    bench: IngestBench, database_url: str
) -> None:
    await bench.provision(1, 2)
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "ingest"})
    change = """update device set fields = fields || '{"timezone": "Mars/Base"}' where device_id = 'gauge-1'"""
    await connection.execute(change)
    await connection.close()
    broken, whole = await asyncio.gather(bench.send("gauge-1", {"level": 1}), bench.send("gauge-2", {"level": 1}))
    assert (broken.status_code, whole.status_code) == (500, 200)
    assert [(each["reason"], each["tenant"]) for each in await bench.letters()] == [("ingest-fails", "fukui")]


@pytest.mark.needs("mosquitto")
async def test_a_killed_ingest_gets_what_it_had_not_acknowledged_again(
    database_url: str, peer: NgsildPeer, tmp_path: Path
) -> None:
    async with running_ingest(database_url, broker_url=peer.url) as bench:
        await bench.provision(1)
    with mosquitto(tmp_path, "max_queued_messages 0") as mqtt:
        async with device(mqtt) as sender:
            with ingest_process(database_url, peer.url, mqtt.url) as first:
                sender.publish(TOPIC, {"level": -1})
                while not peer.history:
                    sender.publish(TOPIC, {"level": -1})
                    await asyncio.sleep(0.2)
                peer.flowing.clear()
                former = peer.requests
                for value in range(100):
                    sender.publish(TOPIC, {"level": value})
                await until(lambda: peer.requests > former)
                first.send_signal(signal.SIGKILL)
                await asyncio.to_thread(first.wait, 10)
            peer.flowing.set()
            with ingest_process(database_url, peer.url, mqtt.url):
                await until(lambda: 99 in peer.values("fukui", entity_id(1), "waterLevel"))
        values = [value for value in peer.values("fukui", entity_id(1), "waterLevel") if value >= 0]
        assert _without_repeats(values) == list(range(100))


@pytest.mark.needs("mosquitto")
async def test_a_restarted_mqtt_broker_loses_nothing_that_ingest_held(
    database_url: str, peer: NgsildPeer, tmp_path: Path
) -> None:
    with mosquitto(tmp_path, *KEPT, f"persistence_location {tmp_path}/") as mqtt:
        async with running_ingest(database_url, broker_url=peer.url, mqtt_url=mqtt.url) as bench:
            await bench.provision(1)
            await until(lambda: bench.parts.receiver.is_connected)
            peer.is_away = True
            await _publish(mqtt, range(100))
            mqtt.stop()
            mqtt.start()
            await until(lambda: bench.parts.receiver.is_connected)
            peer.is_away = False
            await _publish(mqtt, range(100, 200))
            await until(lambda: 199 in peer.values("fukui", entity_id(1), "waterLevel"))
            assert _without_repeats(peer.values("fukui", entity_id(1), "waterLevel")) == list(range(200))


async def _publish(mqtt: MqttServer, values: range) -> None:
    async with device(mqtt) as sender:
        for value in values:
            sender.publish(TOPIC, {"level": value})
        await asyncio.to_thread(sender.wait)


@pytest.mark.needs("mosquitto")
async def test_ingest_starts_without_an_mqtt_broker_and_finds_it_later(
    database_url: str, peer: NgsildPeer, tmp_path: Path
) -> None:
    with mosquitto(tmp_path) as mqtt:
        mqtt.stop()
        async with running_ingest(database_url, broker_url=peer.url, mqtt_url=mqtt.url) as bench:
            await bench.provision(1)
            assert not bench.parts.receiver.is_connected
            mqtt.start()
            await until(lambda: bench.parts.receiver.is_connected)
            await _publish(mqtt, range(1))
            await until(lambda: peer.values("fukui", entity_id(1), "waterLevel") == [0])
