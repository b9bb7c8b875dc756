"""The replayer with real MQTT brokers: amqtt always, Mosquitto where it is installed."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from services.local import mqtt
from services.local.child import Child
from services.local.demo.gauges import Reading, read_readings, read_time
from services.local.demo.replay import ReplayFailed, replay
from services.local.ports import free_port


@pytest.fixture(params=["amqtt", pytest.param("mosquitto", marks=pytest.mark.needs("mosquitto"))])
def broker_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "amqtt":
        monkeypatch.setattr(mqtt, "find_mosquitto", lambda: None)
    port = free_port()
    child = Child(mqtt.choose_broker(port, tmp_path).command)
    child.start()
    try:
        await_port(port, child)
        yield f"mqtt://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait()


def await_port(port: int, child: Child) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert child.poll() is None, child.last_words()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the MQTT broker does not listen")


class Subscriber:
    """Collects what comes on the gauges' topics."""

    def __init__(self, url: str) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self._is_subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="reader", clean_session=False)
        self._client.on_message = lambda _, __, message: self.messages.append((message.topic, bytes(message.payload)))
        self._client.on_subscribe = lambda *_: self._is_subscribed.set()
        self._client.connect("127.0.0.1", int(url.rpartition(":")[2]))
        self._client.subscribe("/json/+/+/attrs", qos=1)
        self._client.loop_start()
        assert self._is_subscribed.wait(60)

    def await_messages(self, count: int) -> None:
        deadline = time.monotonic() + 90
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.05)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def test_a_day_is_published_whole_and_in_order(broker_url: str) -> None:
    subscriber = Subscriber(broker_url)
    readings = read_readings("2023-07-13")
    replayed = replay(readings, frozenset({"1"}), broker_url)
    subscriber.await_messages(len(readings))
    subscriber.close()
    assert [topic for topic, _ in subscriber.messages] == [
        f"/json/fukui-rivers/fukui-{reading.number}/attrs" for reading in readings
    ]
    assert replayed.readings == len(readings) == 1823
    assert replayed.unknown == sum(reading.number != "1" for reading in readings)


def test_a_replay_waits_as_long_as_its_speed_says(broker_url: str) -> None:
    waits: list[float] = []
    readings = [Reading("1", read_time(f"2023-07-13T07:{minute}"), "1.0") for minute in ("00", "10", "10", "30")]
    replay(readings, frozenset({"1"}), broker_url, speed=60, wait=waits.append)
    assert waits == [10.0, 0.0, 20.0]


def test_levels_that_are_no_numbers_are_sent_and_counted(broker_url: str) -> None:
    moment = read_time("2023-07-13T07:00")
    readings = [Reading("1", moment, level) for level in ("*", "", "1.5")] + [Reading("9", moment, "2")]
    replayed = replay(readings, frozenset({"1"}), broker_url)
    assert (replayed.out_of_order, replayed.empty, replayed.levels, replayed.unknown) == (1, 1, 1, 1)
    assert "4 readings published" in replayed.summary()


def test_a_broker_that_is_away_is_told() -> None:
    port = free_port()
    with pytest.raises(ReplayFailed, match=f"127.0.0.1:{port} cannot be reached: Connection refused"):
        replay([], frozenset(), f"mqtt://user:secret@127.0.0.1:{port}")
