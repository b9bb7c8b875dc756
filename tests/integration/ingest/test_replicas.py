"""Several ingest processes: one is active on Mosquitto and another takes over, or all share the measures."""

import asyncio
import re
import signal
from pathlib import Path

import pytest

from services.ingest.codecs.topic import FILTERS
from services.ingest.mqtt.target import MqttTarget
from services.ingest.store.turn import Turn
from tests.support.ingest import IngestBench, entity_id, ingest_process, running_ingest
from tests.support.mqtt import device, mosquitto
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until
from tests.support.relay import relayed

_ACCEPTED = re.compile(r'measures_total\{outcome="accepted"\} (\S+)')
TOPIC = "/json/rivers/gauge-1/attrs"


async def test_one_has_the_turn_until_it_ends_and_then_the_other(database_url: str) -> None:
    first, second = Turn(database_url, "a"), Turn(database_url, "a")
    running = asyncio.ensure_future(first.run())
    await asyncio.wait_for(first.wait(), 60)
    waiting = asyncio.ensure_future(second.run())
    await until(lambda: second.is_known)
    assert (first.is_ours, second.is_ours) == (True, False)
    running.cancel()
    await asyncio.wait_for(second.wait(), 60)
    waiting.cancel()


async def test_the_turn_stays_where_it_is_while_the_database_is_away(database_url: str) -> None:
    async with relayed(database_url) as (relay, url):
        turn, other = Turn(url, "a"), Turn(database_url, "a")
        tasks = [asyncio.ensure_future(turn.run())]
        await asyncio.wait_for(turn.wait(), 60)
        relay.cut()
        tasks.append(asyncio.ensure_future(other.run()))
        await asyncio.wait_for(other.wait(), 60)
        assert turn.is_ours
        relay.mend()
        await asyncio.wait_for(turn.lost(), 30)
        assert other.is_ours
        for task in tasks:
            task.cancel()


@pytest.mark.needs("mosquitto")
async def test_a_standby_takes_over_from_a_killed_process_and_nothing_is_lost(
    database_url: str, peer: NgsildPeer, tmp_path: Path
) -> None:
    async with running_ingest(database_url, broker_url=peer.url) as bench:
        await bench.provision(1)
    with mosquitto(tmp_path, "max_queued_messages 0") as mqtt:
        with ingest_process(database_url, peer.url, mqtt.url) as active:
            async with device(mqtt) as sender:
                while not peer.history:
                    sender.publish(TOPIC, {"level": -1})
                    await asyncio.sleep(0.2)
                async with running_ingest(database_url, broker_url=peer.url, mqtt_url=mqtt.url) as standby:
                    await until(lambda: standby.parts.receiver.turn.is_known)  # type: ignore[attr-defined]
                    assert not standby.parts.receiver.is_connected
                    assert await standby.parts.is_mqtt_ready()
                    peer.flowing.clear()
                    former = peer.requests
                    for value in range(100):
                        sender.publish(TOPIC, {"level": value, "TimeInstant": f"2026-08-20T00:00:{value / 2:06.3f}Z"})
                    await until(lambda: peer.requests > former)
                    active.send_signal(signal.SIGKILL)
                    await asyncio.to_thread(active.wait, 10)
                    peer.flowing.set()
                    await until(lambda: standby.parts.receiver.is_connected)
                    await until(lambda: 99 in peer.values("fukui", entity_id(1), "waterLevel"))
        values = [value for value in peer.values("fukui", entity_id(1), "waterLevel") if value >= 0]
        assert list(dict.fromkeys(values)) == list(range(100))


@pytest.mark.needs("mosquitto")
async def test_processes_that_share_measures_take_each_of_them_once(
    database_url: str, peer: NgsildPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mosquitto(tmp_path) as mqtt:
        shared = {"broker_url": peer.url, "mqtt_url": mqtt.url, "mqtt_share": "rivers"}
        async with running_ingest(database_url, **shared) as one:
            monkeypatch.setattr("services.ingest.parts.socket.gethostname", lambda: "other")
            async with running_ingest(database_url, **shared) as two, device(mqtt) as sender:
                await one.provision(*range(20))
                await until(lambda: one.parts.receiver.is_connected and two.parts.receiver.is_connected)
                for number in range(200):
                    sender.publish(f"/json/rivers/gauge-{number % 20}/attrs", {"level": number})
                await until(lambda: sum(map(len, peer.history.values())) >= 200)
                values = sorted(
                    value for place in range(20) for value in peer.values("fukui", entity_id(place), "waterLevel")
                )
                assert values == list(range(200))

                async def have_both() -> bool:
                    counts = [await _accepted(each) for each in (one, two)]
                    return sum(counts) == 200 and min(counts) > 0

                await until(have_both)


async def _accepted(bench: IngestBench) -> float:
    found = _ACCEPTED.search((await bench.client.get("/metrics")).text)
    return float(found[1]) if found else 0


def test_a_share_names_every_filter_and_no_share_leaves_them_as_they_are() -> None:
    assert MqttTarget("mqtt://a", "x").filters() == FILTERS
    shared = MqttTarget("mqtt://a", "x", share="city").filters()
    assert shared[0] == "$share/city//json/+/+/attrs"
    assert [each.removeprefix("$share/city/") for each in shared] == list(FILTERS)
