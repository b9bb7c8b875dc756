"""Notifications over MQTT with TLS, a user and a password, with Mosquitto."""

import asyncio
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from services.broker.domain.subscription import MqttDelivery
from services.broker.notify.message import Delivery, MqttMessage
from services.broker.notify.mqtt_channel import MqttChannel
from tests.support.certificates import loopback_certificate
from tests.support.mqtt import MqttServer, mosquitto

pytestmark = [pytest.mark.needs("mosquitto"), pytest.mark.clause("7.2")]
_ALLOWED = MqttDelivery("city/gauges", qos=1, version="3.1.1", user="hub", password="right")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return a certificate that vouches for itself, and its key."""
    return loopback_certificate(tmp_path)


@pytest.fixture
def server(tmp_path: Path, files: tuple[Path, Path]) -> Iterator[MqttServer]:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "hub", "right"], check=True)
    secured = (f"certfile {files[0]}", f"keyfile {files[1]}", f"password_file {passwords}")
    with mosquitto(tmp_path, *secured, "allow_anonymous false") as server:
        yield server


@pytest.fixture
async def channel() -> AsyncIterator[MqttChannel]:
    channel = MqttChannel("any", 10_000)
    yield channel
    await channel.close()


def _listen(
    port: int, files: tuple[Path, Path], came: "asyncio.Queue[bytes | bytearray]", loop: asyncio.AbstractEventLoop
) -> paho.Client:
    subscribed = threading.Event()

    def keep(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        loop.call_soon_threadsafe(came.put_nowait, message.payload)

    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.tls_set(str(files[0]))
    client.username_pw_set("hub", "right")
    client.on_message = keep
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.subscribe("#", 1)
    assert subscribed.wait(30)
    return client


async def _send(channel: MqttChannel, server: MqttServer, delivery: MqttDelivery = _ALLOWED) -> Delivery:
    return await channel.send(MqttMessage(f"mqtts://127.0.0.1:{server.port}", delivery, b"{}", timeout_s=20))


async def test_a_notification_is_published_through_tls(
    channel: MqttChannel, server: MqttServer, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    came: asyncio.Queue[bytes | bytearray] = asyncio.Queue()
    listener = await asyncio.to_thread(_listen, server.port, files, came, asyncio.get_running_loop())
    assert (await _send(channel, server)).is_success
    async with asyncio.timeout(30):
        assert await came.get() == b"{}"
    await asyncio.to_thread(listener.loop_stop)


async def test_a_broker_whose_certificate_nobody_vouches_for_gets_nothing(
    channel: MqttChannel, server: MqttServer
) -> None:
    delivery = await _send(channel, server)
    assert delivery.reason == "The message cannot be published: SSLCertVerificationError"


async def test_a_wrong_password_is_refused(
    channel: MqttChannel, server: MqttServer, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    wrong = MqttDelivery("city/gauges", qos=1, version="3.1.1", user="hub", password="wrong")
    delivery = await _send(channel, server, wrong)
    assert delivery.reason == "The message cannot be published: ConnectionRefusedError"
