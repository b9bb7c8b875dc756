"""Runs an ASGI application in this process, with its lifespan, and calls it without a socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx

from services.kernel.telemetry import AsgiApp

Message = MutableMapping[str, Any]


@contextlib.asynccontextmanager
async def living(app: AsgiApp) -> AsyncIterator[None]:
    """Start the application, and shut it down at the end of the block. Raises RuntimeError where it fails."""
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    await to_app.put({"type": "lifespan.startup"})
    task = asyncio.create_task(_run(app, to_app, from_app))
    await _expect(from_app, "lifespan.startup.complete")
    try:
        yield
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        await _expect(from_app, "lifespan.shutdown.complete")
        await task


@contextlib.asynccontextmanager
async def calling(app: AsgiApp) -> AsyncIterator[httpx.AsyncClient]:
    """Start the application and yield a client of it."""
    async with living(app):
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
            yield client


async def _run(app: AsgiApp, to_app: asyncio.Queue[Message], from_app: asyncio.Queue[Message]) -> None:
    try:
        await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, to_app.get, from_app.put)
    except Exception as error:
        await from_app.put({"type": "failed", "message": repr(error)})


async def _expect(from_app: asyncio.Queue[Message], kind: str) -> None:
    message = await from_app.get()
    if message["type"] != kind:
        raise RuntimeError(f"The application fails: {message.get('message', message['type'])}")
