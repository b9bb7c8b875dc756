"""Replays days of readings: each gauge a device that publishes over MQTT, in the order of time, with QoS 1."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from services.local.demo.gauges import APIKEY, Reading, device_id

_MOST_IN_FLIGHT = 200
_TIMEOUT_S = 60


class ReplayFailed(Exception):
    """The MQTT broker is away or does not acknowledge; the message says which, in one line."""


@dataclass(frozen=True)
class Replayed:
    """What was published in a replay."""

    readings: int
    levels: int
    out_of_order: int
    empty: int
    unknown: int
    seconds: float

    def summary(self) -> str:
        """Say it in one line."""
        return (
            f"{self.readings:,} readings published in {self.seconds:.1f} s: {self.levels:,} levels of known gauges, "
            f"{self.out_of_order} out of order, {self.empty} empty, {self.unknown} of unknown gauges"
        )


def replay(
    readings: Iterable[Reading],
    known: frozenset[str],
    mqtt_url: str,
    speed: float | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> Replayed:
    """Publish readings, `speed` times as fast as they were measured, or at once without it. Raises ReplayFailed.

    Returns when the MQTT broker has acknowledged all of them. Levels are sent as they are, `*` and empty included.
    """
    client = _connect(mqtt_url)
    counts: Counter[str] = Counter()
    started = time.monotonic()
    former = None
    try:
        pending = []
        for reading in readings:
            if speed and former is not None:
                wait((reading.time - former).total_seconds() / speed)
            former = reading.time
            pending.append(client.publish(topic(reading), payload(reading), qos=1))
            counts[_kind(reading, known)] += 1
        for message in pending:
            message.wait_for_publish(_TIMEOUT_S)
            if not message.is_published():
                raise ReplayFailed(f"The MQTT broker {_place(mqtt_url)} does not acknowledge readings")
    finally:
        client.disconnect()
        client.loop_stop()
    seconds = time.monotonic() - started
    return Replayed(counts.total(), counts["level"], counts["*"], counts["empty"], counts["unknown"], seconds)


def topic(reading: Reading) -> str:
    """Return the topic on which a gauge's device publishes."""
    return f"/json/{APIKEY}/{device_id(reading.number)}/attrs"


def payload(reading: Reading) -> bytes:
    """Return a reading as a device's measure; a level that is no number stays text."""
    level = float(reading.level) if reading.is_number else reading.level
    return json.dumps({"waterLevel": level, "TimeInstant": reading.time.isoformat()}).encode()


def _kind(reading: Reading, known: frozenset[str]) -> str:
    if reading.number not in known:
        return "unknown"
    if reading.is_number:
        return "level"
    return "*" if reading.level == "*" else "empty"


def _connect(url: str) -> paho.Client:
    parts = urlsplit(url)
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.max_inflight_messages_set(_MOST_IN_FLIGHT)
    if parts.username:
        client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
    if parts.scheme == "mqtts":
        client.tls_set()
    try:
        client.connect(parts.hostname or "", parts.port or (8883 if parts.scheme == "mqtts" else 1883))
    except OSError as error:
        raise ReplayFailed(f"The MQTT broker {_place(url)} cannot be reached: {error.strerror or error}") from error
    client.loop_start()
    return client


def _place(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
