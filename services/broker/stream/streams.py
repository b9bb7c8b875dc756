"""The streams that this process serves, with one follower of the log per tenant."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.broker.http.request import Request
from services.broker.operations.broker import Broker
from services.broker.stream.tail import Tail
from services.kernel.errors import TooMany


@dataclass(slots=True)
class _Followed:
    tail: Tail
    task: asyncio.Task[None]
    readers: int = 0


class Streams:
    """Counts readers; the first of a tenant starts the follower, the last stops it."""

    def __init__(self) -> None:
        self._followed: dict[int, _Followed] = {}
        self._ending = asyncio.Event()

    def end(self) -> None:
        """End all streams: the process is about to end. Readers return, to another replica or a new process."""
        self._ending.set()

    async def until_gone(self, request: Request) -> None:
        """Return once a reader has gone or the streams are ended."""
        waits = [asyncio.ensure_future(request.gone()), asyncio.ensure_future(self._ending.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    def require_room(self, broker: Broker, tenant_id: int) -> None:
        """Refuse one more stream than a tenant may have. Raises TooMany."""
        followed = self._followed.get(tenant_id)
        most = broker.settings.streams_per_tenant
        if (followed.readers if followed else 0) >= most:
            raise TooMany(f"This process serves {most} streams of the tenant already")

    @contextlib.asynccontextmanager
    async def following(self, broker: Broker, tenant_id: int) -> AsyncIterator[Tail]:
        """Follow a tenant's log for as long as the block runs."""
        followed = self._followed.get(tenant_id)
        if followed is None:
            tail = Tail(broker, tenant_id)
            followed = self._followed[tenant_id] = _Followed(tail, asyncio.create_task(tail.run()))
        followed.readers += 1
        try:
            yield followed.tail
        finally:
            followed.readers -= 1
            if not followed.readers:
                del self._followed[tenant_id]
                followed.task.cancel()
                await asyncio.gather(followed.task, return_exceptions=True)
