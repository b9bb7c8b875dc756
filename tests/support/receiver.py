"""A receiver of notifications on a loopback port, and ways to misbehave."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from aiohttp import web

from tests.support import patience


@dataclass(frozen=True)
class Received:
    """One notification as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    raw: bytes

    @cached_property
    def body(self) -> Any:
        """Its JSON, read once."""
        return orjson.loads(self.raw)


class Receiver:
    """Keeps what comes. `status` is the answer; `delay_s` how long it takes, `most_at_once` how many then came
    side by side; answers are given in order of arrival.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.status = 204
        self.statuses: list[int] = []
        self.location = ""
        self.delay_s = 0.0
        self.most_at_once = 0
        self._at_once = 0
        self.url = ""

    @property
    def bodies(self) -> list[Any]:
        """The notifications' bodies."""
        return [each.body for each in self.received]

    async def take(self, request: web.Request) -> web.Response:
        """Keep one notification and answer it."""
        raw = await request.read()
        if self.delay_s:
            with self._busy():
                await asyncio.sleep(self.delay_s)
        path, query = request.path, request.query_string
        self.received.append(Received(request.method, path, query, dict(request.headers), raw))
        status = self.statuses.pop(0) if self.statuses else self.status
        return web.Response(status=status, headers={"Location": self.location} if self.location else None)

    @contextlib.contextmanager
    def _busy(self) -> Iterator[None]:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            self._at_once -= 1

    async def wait_for(self, count: int, seconds: float = 60) -> list[Received]:
        """Wait until so many notifications came and return them."""
        await self.until(lambda: len(self.received) >= count, seconds)
        return self.received

    async def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until what came meets a condition, which is looked at now and then: to look may cost much."""
        await patience.until(condition, seconds)


@contextlib.asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    """Run a receiver for the length of the block."""
    receiver = Receiver()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/notify"
    try:
        yield receiver
    finally:
        await runner.cleanup()
