"""Real MQTT brokers in processes of their own, and a device that publishes."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from services.kernel.lifeline import die_with_parent
from services.local.mqtt import find_mosquitto
from services.local.ports import free_port

_START_S = 60.0


@dataclass
class MqttServer:
    """An MQTT broker on a loopback port, which can be killed and started again with what it has kept."""

    command: list[str]
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and return when it accepts connections."""
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent()
        )
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the MQTT broker ends at its start"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.02)
        raise TimeoutError("the MQTT broker does not listen")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(60)
            self.process = None


@contextlib.contextmanager
def mosquitto(directory: Path, *lines: str) -> Iterator[MqttServer]:
    """Run Mosquitto, with its defaults but for `lines`."""
    port = free_port()
    program = find_mosquitto()
    assert program is not None
    file = directory / f"mosquitto-{port}.conf"
    settings = [f"listener {port} 127.0.0.1", "allow_anonymous true", *(["user root"] if os.geteuid() == 0 else [])]
    file.write_text("\n".join([*settings, *lines]) + "\n")
    yield from _running(MqttServer([program, "-c", str(file)], port))


@contextlib.contextmanager
def amqtt() -> Iterator[MqttServer]:
    """Run the broker that needs only Python."""
    port = free_port()
    yield from _running(MqttServer([sys.executable, "-m", "services.local.mqtt_demo", str(port)], port))


def _running(server: MqttServer) -> Iterator[MqttServer]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Device:
    """Publishes, as many messages at once as it likes."""

    def __init__(self, port: int) -> None:
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        self._client.max_inflight_messages_set(200)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._pending: list[paho.MQTTMessageInfo] = []

    def publish(self, topic: str, payload: Any, qos: int = 1) -> None:
        """Send a payload: bytes as they are, anything else as JSON."""
        body = payload if isinstance(payload, bytes) else orjson.dumps(payload)
        self._pending.append(self._client.publish(topic, body, qos=qos))

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there."""
        return self._client.is_connected()

    def wait(self, timeout_s: float = 30) -> None:
        """Return when the broker has acknowledged everything."""
        for each in self._pending:
            each.wait_for_publish(timeout_s)
            assert each.is_published()
        self._pending.clear()

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()


@contextlib.asynccontextmanager
async def device(server: MqttServer) -> AsyncIterator[Device]:
    """Connect a device and let it leave at the end of the block."""
    publisher = await asyncio.to_thread(Device, server.port)
    try:
        yield publisher
    finally:
        await asyncio.to_thread(publisher.close)
