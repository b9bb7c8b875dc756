"""Notifications over MQTT, with real brokers."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from services.broker.domain.subscription import V2_TRIGGERS, Conditions, Endpoint, MqttDelivery, SubscriptionFace
from services.broker.notify.message import MqttMessage
from services.broker.notify.mqtt_channel import MqttChannel
from tests.integration.broker.notify.conftest import Bench, subscription_to
from tests.support.mqtt import MqttServer, amqtt, mosquitto


@pytest.fixture(params=[pytest.param("mosquitto", marks=pytest.mark.needs("mosquitto")), "amqtt"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MqttServer]:
    with mosquitto(tmp_path) if request.param == "mosquitto" else amqtt() as server:
        yield server


class Listener:
    """Keeps what is published."""

    def __init__(self, port: int) -> None:
        self._loop = asyncio.get_running_loop()
        self.came: asyncio.Queue[Any] = asyncio.Queue()
        self._ready = asyncio.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        self._client.on_message = lambda *given: self._loop.call_soon_threadsafe(
            self.came.put_nowait, (given[2].topic, orjson.loads(given[2].payload))
        )
        self._client.on_subscribe = lambda *_: self._loop.call_soon_threadsafe(self._ready.set)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe("#", 1)

    async def wait(self) -> Any:
        async with asyncio.timeout(60):
            return await self.came.get()

    async def ready(self) -> None:
        async with asyncio.timeout(60):
            await self._ready.wait()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
async def listener(server: MqttServer) -> AsyncIterator[Listener]:
    listener = Listener(server.port)
    await listener.ready()
    yield listener
    listener.close()


@pytest.mark.clause("7.2")
async def test_an_ngsi_ld_notification_comes_with_its_metadata(
    bench: Bench, server: MqttServer, listener: Listener
) -> None:
    delivery = MqttDelivery("city/gauges", qos=1, version="3.1.1")
    await bench.subscribe(subscription_to("", endpoint=Endpoint(server.url, mqtt=delivery)))
    await bench.create(1, level=3)
    topic, message = await listener.wait()
    assert topic == "city/gauges"
    assert message["metadata"]["Content-Type"] == "application/json"
    assert message["body"]["type"] == "Notification"
    assert message["body"]["data"][0]["level"] == 3


async def test_an_ngsiv2_notification_is_the_bare_body(bench: Bench, server: MqttServer, listener: Listener) -> None:
    endpoint = Endpoint(server.url, mqtt=MqttDelivery("orion/topic"))
    conditions = Conditions(triggers=V2_TRIGGERS)
    given = subscription_to("", endpoint=endpoint, face=SubscriptionFace.NGSIV2, conditions=conditions)
    await bench.subscribe(given)
    await bench.create(1, level=3)
    topic, message = await listener.wait()
    assert topic == "orion/topic"
    assert message["subscriptionId"] == given.id


async def test_a_broker_that_comes_back_gets_what_fell_due_meanwhile(
    bench: Bench, server: MqttServer, listener: Listener
) -> None:
    delivery = MqttDelivery("gauges", qos=1, version="3.1.1")
    await bench.subscribe(subscription_to("", endpoint=Endpoint(server.url, mqtt=delivery)))
    await bench.create(1, level=0)
    await listener.wait()
    await bench.wait_until_settled("urn:ngsi-ld:Subscription:1")
    server.stop(signal.SIGKILL)
    await bench.write(1, level=1)
    await asyncio.sleep(0.3)
    server.start()
    again = Listener(server.port)
    await again.ready()
    _, message = await again.wait()
    again.close()
    assert message["body"]["data"][0]["level"] == 1


async def test_an_mqtt_broker_in_a_private_network_is_refused() -> None:
    channel = MqttChannel("public", 1000)
    delivery = await channel.send(MqttMessage("mqtt://127.0.0.1:1", MqttDelivery("t"), b"{}"))
    await channel.close()
    assert delivery.hopeless
