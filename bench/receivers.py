"""The receivers' process as the benchmark sees it, and what the notifications that came to it say."""

import asyncio
import contextlib
import json
import subprocess
import sys
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import httpx

from services.kernel.lifeline import die_with_parent


@dataclass
class Arrivals:
    """Notifications in order of arrival: each the subscription's number, its update's stamp and its time, in µs."""

    rows: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def latencies_s(self) -> list[float]:
        """From the moment at which each update was due until its notification was there."""
        return [(arrived - stamp) / 1_000_000 for _, stamp, arrived in self.rows]

    def percentile_ms(self, share: float, numbers: Collection[int] | None = None) -> float:
        """Return a percentile of the latencies, of some subscriptions alone where their numbers are given."""
        found = sorted(came - stamp for number, stamp, came in self.rows if numbers is None or number in numbers)
        return found[min(len(found) - 1, int(share * len(found)))] / 1000 if found else 0.0

    @property
    def rate(self) -> float:
        """Notifications a second from the first update to the last arrival."""
        if not self.rows:
            return 0.0
        return len(self.rows) * 1_000_000 / (self.rows[-1][2] - min(stamp for _, stamp, _ in self.rows))

    @property
    def duplicates(self) -> int:
        """How many came again."""
        return len(self.rows) - len({row[:2] for row in self.rows})

    def lost(self, acknowledged: dict[int, int], subscriptions: int = 1) -> int:
        """How many notifications of acknowledged updates did not come, where so many subscriptions match each."""
        came = {row[:2] for row in self.rows if row[1] in acknowledged}
        return len(acknowledged) * subscriptions - len(came)

    def disordered(self, entity_of: dict[int, int]) -> int:
        """How many came after a later one of the same subscription and entity, repetitions left out."""
        newest: dict[tuple[int, int], int] = {}
        seen: set[tuple[int, int]] = set()
        count = 0
        for number, stamp, _ in self.rows:
            key = number, entity_of.get(stamp, -1)
            if (number, stamp) not in seen and stamp < newest.get(key, 0):
                count += 1
            seen.add((number, stamp))
            newest[key] = max(stamp, newest.get(key, 0))
        return count


class Receivers:
    """A process that receives on several ports."""

    def __init__(self, process: "subprocess.Popen[bytes]", ports: list[int]) -> None:
        self.process = process
        self.ports = ports
        self._client = httpx.AsyncClient(timeout=30, verify=False)

    async def take(self) -> Arrivals:
        """Return what came since the last time."""
        raw = array("q", (await self._client.get(f"http://127.0.0.1:{self.ports[0]}/")).content)
        return Arrivals(list(zip(raw[::3], raw[1::3], raw[2::3], strict=True)))

    async def take_until(self, count: int, seconds: float) -> Arrivals:
        """Gather what comes until it is so many, or nothing came for some seconds."""
        taken = await self.take()
        quiet_s = 0.0
        while len({row[1] for row in taken.rows}) < count and quiet_s < seconds:
            await asyncio.sleep(0.25)
            more = await self.take()
            taken.rows += more.rows
            quiet_s = 0.0 if more.rows else quiet_s + 0.25
        return taken

    async def delay(self, port: int, milliseconds: int) -> None:
        """Let one port answer notifications late."""
        await self._client.put(f"http://127.0.0.1:{port}/{milliseconds}")


@contextlib.contextmanager
def running_receivers(count: int) -> Iterator[Receivers]:
    """Run receivers on so many ports until the block ends."""
    command = [sys.executable, "-m", "bench.notification_receiver", str(count)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=die_with_parent())
    assert process.stdout is not None
    try:
        yield Receivers(process, json.loads(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
