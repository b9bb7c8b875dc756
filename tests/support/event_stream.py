"""A reader of Server-Sent Events that is no browser: it parses them as WHATWG HTML 9.2.6 says."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(frozen=True)
class Told:
    """One event: its kind (`message` unless named) and its JSON."""

    kind: str
    data: Any


@dataclass
class Reader:
    """An open stream. `last_id` is the id of the last event, those without data included."""

    lines: AsyncIterator[str]
    status: int
    last_id: str = ""
    told: list[Told] = field(default_factory=list)

    async def read(self) -> Told | None:
        """Return the next event that has data; None at the end of the stream."""
        kind, data = "message", ""
        async for line in self.lines:
            name, _, value = line.partition(": ")
            match name:
                case "event":
                    kind = value
                case "id":
                    self.last_id = value
                case "data":
                    data = value
                case "" if data:
                    self.told.append(Told(kind, json.loads(data)))
                    return self.told[-1]
                case _:
                    continue
        return None

    async def read_many(self, count: int, seconds: float = 60) -> list[Told]:
        """Return so many more events."""
        async with asyncio.timeout(seconds):
            found = [await self.read() for _ in range(count)]
        assert all(found)
        return [each for each in found if each is not None]


@contextlib.asynccontextmanager
async def reading(
    client: httpx.AsyncClient, path: str, *, last_id: str | None = None, headers: dict[str, str] | None = None
) -> AsyncIterator[Reader]:
    """Read a stream for the length of the block, from behind an event on if one is named."""
    sent = {"Accept": "text/event-stream", **(headers or {}), **({"Last-Event-ID": last_id} if last_id else {})}
    async with client.stream("GET", path, headers=sent, timeout=60) as answer:
        if answer.status_code != 200:
            await answer.aread()
        yield Reader(answer.aiter_lines(), answer.status_code)
