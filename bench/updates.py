"""Updates that carry a stamp, put on a broker as fast as it takes them or at a steady rate."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from bench.load import Connection, Measurement, connect, request_bytes

_JSON = {"content-type": "application/json"}


@dataclass
class Updates:
    """Updates of one attribute, whose value is the stamp: the microsecond at which the update was due, never twice.

    `choose` returns the number of the entity that the n-th update is for. `acknowledged` tells the entity of each
    stamp that the broker answered with success.
    """

    choose: Callable[[int], int]
    uri: Callable[[int], str]
    acknowledged: dict[int, int] = field(default_factory=dict)
    measured: Measurement = field(default_factory=Measurement)
    _stamps: set[int] = field(default_factory=set)
    _number: int = 0
    _turns: dict[int, asyncio.Lock] = field(default_factory=dict)

    async def send(self, free: "asyncio.Queue[Connection]", due: float) -> None:
        """Send the next update, which was due at an instant of `time.time()`, and measure its answer from then.

        It waits for a free connection, and for the answer to the one before of the same entity: writes at the same time
        have no order that notifications could keep.
        """
        entity = self.choose(self._number)
        self._number += 1
        async with self._turns.setdefault(entity, asyncio.Lock()):
            connection = await free.get()
            await self._send(connection, entity, due)
            free.put_nowait(connection)

    async def _send(self, connection: Connection, entity: int, due: float) -> None:
        stamp = int(due * 1_000_000)
        while stamp in self._stamps:
            stamp += 1
        self._stamps.add(stamp)
        body = orjson.dumps({"level": {"type": "Property", "value": stamp}})
        path = f"/ngsi-ld/v1/entities/{self.uri(entity)}/attrs"
        status = await connection.ask(request_bytes("PATCH", path, _JSON, body))
        self.measured.latencies.append(time.time() - due)
        self.measured.statuses[status] = self.measured.statuses.get(status, 0) + 1
        if status == 204:
            self.acknowledged[stamp] = entity


async def put_all(port: int, updates: Updates, *, connections: int, seconds: float) -> Updates:
    """Update as fast as the broker answers, one update in flight on each connection."""
    until = time.time() + seconds
    started = time.perf_counter()

    async def keep_updating() -> None:
        connection = await connect(port)
        free: asyncio.Queue[Connection] = asyncio.Queue()
        free.put_nowait(connection)
        while (now := time.time()) < until:
            await updates.send(free, now)
        connection.close()

    await asyncio.gather(*(keep_updating() for _ in range(connections)))
    updates.measured.seconds = time.perf_counter() - started
    return updates


async def put_steadily(port: int, updates: Updates, *, rate: float, seconds: float, connections: int = 64) -> Updates:
    """Update at a rate, whatever the answers take; an update that finds no connection free waits, and that counts."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    opened = [await connect(port) for _ in range(connections)]
    for each in opened:
        free.put_nowait(each)
    started = time.time()

    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = started + number / rate
            await asyncio.sleep(max(0.0, due - time.time()))
            group.create_task(updates.send(free, due))
    updates.measured.seconds = time.time() - started
    for each in opened:
        each.close()
    return updates
