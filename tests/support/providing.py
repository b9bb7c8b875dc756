"""Ingest as a provider of the hub's own context broker, and devices that listen over MQTT."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from services.broker.main import create_app
from services.broker.settings import BrokerSettings
from services.local.ports import free_port
from tests.support.ingest import IngestBench, listening, running_ingest
from tests.support.mqtt import MqttServer
from tests.support.serving import served


@contextlib.asynccontextmanager
async def forwarding_broker(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Run a broker that may call this machine, and yield a client of it."""
    auth_url = f"http://127.0.0.1:{free_port()}"
    settings = BrokerSettings(
        database_url=database_url,
        auth_url=auth_url,
        tenant_creation="on-write",
        egress="loopback",
        forward_timeout_s=60,
    )
    with served(create_app(settings)) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            yield client


@contextlib.asynccontextmanager
async def commanding(database_url: str, broker: httpx.AsyncClient, **settings: Any) -> AsyncIterator[IngestBench]:
    """Run an ingest that the broker can call."""
    port = free_port()
    given = {"broker_url": str(broker.base_url), "ingest_url": f"http://127.0.0.1:{port}", "egress": "loopback"}
    given |= settings
    async with running_ingest(database_url, **given) as bench, listening(bench.app, port):
        yield bench


@contextlib.asynccontextmanager
async def listener(server: MqttServer, topic: str) -> AsyncIterator["asyncio.Queue[bytes]"]:
    """Subscribe as a device and yield what it is sent."""
    loop = asyncio.get_running_loop()
    received: asyncio.Queue[bytes] = asyncio.Queue()
    subscribed = asyncio.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda *given: loop.call_soon_threadsafe(received.put_nowait, given[2].payload)
    client.on_subscribe = lambda *_: loop.call_soon_threadsafe(subscribed.set)
    client.connect("127.0.0.1", server.port)
    client.subscribe(topic, qos=1)
    client.loop_start()
    await asyncio.wait_for(subscribed.wait(), 60)
    try:
        yield received
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)
