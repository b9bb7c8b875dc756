"""Who subscribes through one face hears of what is written through either."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from tests.support.faces import FaceClient

GAUGE = "urn:ngsi-ld:Gauge:1"


class Receiver:
    """A receiver of notifications on loopback."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self._came = asyncio.Event()
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        """Keep one notification."""
        self.bodies.append(await request.json())
        self._came.set()
        return web.Response(status=204)

    async def wait_for(self, count: int, seconds: float = 60) -> None:
        """Wait until so many notifications came."""
        async with asyncio.timeout(seconds):
            while len(self.bodies) < count:
                self._came.clear()
                await self._came.wait()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Return a listening receiver."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/notify", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http://127.0.0.1:{port}/notify"
    yield receiver
    with contextlib.suppress(asyncio.CancelledError):
        await runner.cleanup()


async def test_a_change_is_notified_whoever_writes(writer: FaceClient, reader: FaceClient, receiver: Receiver) -> None:
    await writer.create(GAUGE, "Gauge", {"level": 1, "name": "橋"})
    subscribed = await reader.subscribe("Gauge", "level", receiver.url)
    assert subscribed.status_code == 201, subscribed.text
    await asyncio.sleep(0.5)
    receiver.bodies.clear()  # what was there at the time of subscribing may be told at once
    await writer.update(GAUGE, {"level": 2})
    await receiver.wait_for(1)
    [(entity_id, values)] = reader.notified(receiver.bodies[0])
    assert entity_id == GAUGE
    assert values["level"] == 2


async def test_what_is_not_watched_is_not_notified(writer: FaceClient, reader: FaceClient, receiver: Receiver) -> None:
    await writer.create(GAUGE, "Gauge", {"level": 1, "name": "橋"})
    await reader.subscribe("Gauge", "level", receiver.url)
    await asyncio.sleep(0.5)
    receiver.bodies.clear()
    await writer.update(GAUGE, {"name": "大橋"})
    await writer.create("urn:ngsi-ld:Pump:1", "Pump", {"level": 5})
    await writer.update(GAUGE, {"level": 2})
    await receiver.wait_for(1)
    await asyncio.sleep(0.3)
    assert [reader.notified(body)[0][1]["level"] for body in receiver.bodies] == [2]


async def test_notifications_of_one_entity_come_in_order(
    writer: FaceClient, reader: FaceClient, receiver: Receiver
) -> None:
    await writer.create(GAUGE, "Gauge", {"level": 0})
    await reader.subscribe("Gauge", "level", receiver.url)
    await asyncio.sleep(0.5)
    receiver.bodies.clear()
    for level in range(1, 31):
        await writer.update(GAUGE, {"level": level})
    await receiver.wait_for(30)
    told = [values["level"] for body in receiver.bodies for _, values in reader.notified(body)]
    assert told == list(range(1, 31))
