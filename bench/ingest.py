"""The ingest benchmark: measures from publish (QoS 1) to committed entity with history.

`python -m bench.ingest [--quick] [--measures N] [--seconds N] [--memory N] [--json FILE]`

Mosquitto, PostgreSQL, the context broker, ingest and the publisher share the machine. Measured are the rate at which
all of a burst is committed, the time from publish to commit at half the wanted rate, and the memory of ingest and of
the context broker (`--memory 1000000`, some minutes).
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
import psutil
import uvloop

from bench.postgres import running_postgres
from bench.processor_time import child_running, processor_s
from bench.report import write_report
from bench.servers import running_auth, running_broker, running_ingest
from services.kernel.migrations import migrate
from services.local.mqtt import find_mosquitto, mosquitto_configuration
from services.local.ports import free_port
from services.local.postgres import EmbeddedPostgres
from services.local.privileges import own, unprivileged

WANTED_PER_S = 5000
DEVICES = 1000
_HEADERS = {"fiware-service": "bench", "fiware-servicepath": "/"}
_ACCEPTED = 'hiroba_ingest_measures_total{outcome="accepted"}'
_VISIBLE = "select 1 from history where uri = 'urn:ngsi-ld:Gauge:probe' and observed_at = $1 limit 1"
_INFLIGHT = 1000
_PUBACK_BYTES = 4
_LEAST_PROBES = 2
_LOOKED_AT_AGAIN_PER_S = 20_000
_SHORTEST_LOOK_S, _LONGEST_LOOK_S = 0.02, 1.0


class Publisher:
    """A fleet of devices on one connection, MQTT 3.1.1 with QoS 1, written by hand so that it costs little."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._sent = self._acknowledged = 0
        self._acknowledging = asyncio.ensure_future(self._read())
        self._room = asyncio.Event()

    @classmethod
    async def connect(cls, port: int) -> "Publisher":
        """Sign in at the broker."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(bytes((0x10, 17)) + b"\x00\x04MQTT\x04\x02\x00\x00\x00\x05bench")
        await reader.readexactly(4)
        return cls(reader, writer)

    async def publish(self, number: int) -> None:
        """Publish measure `number`: two attributes and the time at which this is done."""
        measure = {"level": number % 1000 / 100, "flow": number % 77, "TimeInstant": time.time()}
        await self._send(f"/json/bench/gauge-{number % DEVICES}/attrs", orjson.dumps(measure))

    async def publish_probe(self, at: float) -> None:
        """Publish a measure of the device whose history is looked at."""
        await self._send("/json/bench/probe/attrs", orjson.dumps({"level": 1, "flow": 1, "TimeInstant": at}))

    async def close(self) -> None:
        """Leave the broker."""
        self._acknowledging.cancel()
        self._writer.close()

    async def _send(self, topic: str, payload: bytes) -> None:
        while self._sent - self._acknowledged >= _INFLIGHT:
            self._room.clear()
            await self._room.wait()
        self._sent += 1
        name = topic.encode()
        body = len(name).to_bytes(2, "big") + name + (self._sent % 65535 + 1).to_bytes(2, "big") + payload
        size = len(body)
        length = bytes((size,)) if size < 128 else bytes((size % 128 | 128, size // 128))
        self._writer.write(b"\x32" + length + body)

    async def _read(self) -> None:
        rest = 0
        while content := await self._reader.read(65536):
            rest += len(content)
            self._acknowledged += rest // _PUBACK_BYTES
            rest %= _PUBACK_BYTES
            self._room.set()


@contextmanager
def running_mosquitto(directory: Path) -> Iterator[int]:
    """Run Mosquitto as `hiroba up` configures it."""
    port, program = free_port(), find_mosquitto()
    if program is None:
        raise RuntimeError("Mosquitto is not installed")
    state = directory / "mqtt"
    state.mkdir()
    own(state)
    file = directory / "mosquitto.conf"
    file.write_text(mosquitto_configuration(port, state))
    process = subprocess.Popen(unprivileged([program, "-c", str(file)]), stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        if process.poll() is not None:
            raise RuntimeError("Mosquitto ends at its start")
        yield port
    finally:
        process.terminate()
        process.wait(10)


class Bench:
    """What is measured with: the publisher, ingest's figures, and PostgreSQL."""

    def __init__(
        self, publisher: Publisher, ingest: int, database: asyncpg.Connection, processes: Mapping[str, int]
    ) -> None:
        self.publisher = publisher
        self._processes = processes
        self._client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{ingest}", timeout=30)
        self._database = database
        self._number = 0

    async def provision(self) -> None:
        """Create the devices' group; they are registered with their first measures."""
        attributes = [{"object_id": name, "name": name, "type": "Number"} for name in ("level", "flow")]
        group = {"apikey": "bench", "resource": "/iot/json", "entity_type": "Gauge", "attributes": attributes}
        answer = await self._client.post("/iot/groups", json={"groups": [group]}, headers=_HEADERS)
        answer.raise_for_status()

    async def committed(self) -> int:
        """Return how many measures are committed and acknowledged."""
        text = (await self._client.get("/metrics")).text
        line = next((each for each in text.splitlines() if each.startswith(_ACCEPTED)), "x 0")
        return int(float(line.rpartition(" ")[2]))

    async def publish(self, count: int, per_s: float | None = None) -> None:
        """Publish measures, at a rate where one is given."""
        began = time.monotonic()
        for done in range(count):
            await self.publisher.publish(self._number)
            self._number += 1
            if done % 50 == 49:
                ahead_s = 0 if per_s is None else done / per_s - (time.monotonic() - began)
                await asyncio.sleep(max(ahead_s, 0))

    async def drain(self, wanted: int) -> None:
        """Wait until so many measures are committed; the fewer are left, the sooner that is looked at again.

        Each look costs ingest some milliseconds, which would count as the measures' own.
        """
        while (left := wanted - await self.committed()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(max(left / _LOOKED_AT_AGAIN_PER_S, _SHORTEST_LOOK_S), _LONGEST_LOOK_S))

    async def probe(self, until: "asyncio.Task[None]") -> list[float]:
        """Return the times (ms) from a publish to the visible history of it, one after the other."""
        found: list[float] = []
        while not until.done() or len(found) < _LEAST_PROBES:
            at = time.time()
            began = time.monotonic()
            await self.publisher.publish_probe(at)
            while not await self._database.fetchval(_VISIBLE, datetime.fromtimestamp(at, UTC)):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            found.append((time.monotonic() - began) * 1000)
            await asyncio.sleep(0.02)
        return found

    def used_s(self) -> dict[str, float]:
        """Return the processor time that each part has used; the publisher is this process."""
        used = {name: processor_s(process) for name, process in self._processes.items()}
        return {**used, "publisher": time.process_time()}

    async def close(self) -> None:
        """Leave everything."""
        await self.publisher.close()
        await self._client.aclose()


async def burst(bench: Bench, count: int) -> dict[str, Any]:
    """Publish as fast as it goes and return the rate at which all is committed."""
    before, began, used = await bench.committed(), time.monotonic(), bench.used_s()
    await bench.publish(count)
    await bench.drain(before + count)
    elapsed, now_used = time.monotonic() - began, bench.used_s()
    processor_us = {name: round((now_used[name] - used[name]) / count * 1e6, 1) for name in used}
    figures = {"throughput": round(count / elapsed, 1), "wanted": WANTED_PER_S, "processor_us": processor_us}
    return {"name": "burst", "measures": count, **figures}


async def paced(bench: Bench, seconds: float) -> dict[str, Any]:
    """Publish at half the wanted rate and return the times from publish to commit."""
    rate = WANTED_PER_S / 2
    task = asyncio.create_task(bench.publish(int(rate * seconds), rate))
    times = sorted(await bench.probe(task))
    cuts = statistics.quantiles(times, n=100)
    figures = {"p50_ms": round(cuts[49], 1), "p95_ms": round(cuts[94], 1), "p99_ms": round(cuts[98], 1)}
    return {"name": "half-rate", "per_s": rate, "probes": len(times), **figures}


async def memory(bench: Bench, count: int) -> dict[str, Any]:
    """Publish many measures and return the memory of ingest and the broker after each tenth of them (MB)."""
    names = {"ingest": "serve ingest", "broker": "serve broker"}
    processes = {name: psutil.Process(child_running(words)) for name, words in names.items()}
    sizes: dict[str, list[float]] = {name: [] for name in names}
    start = await bench.committed()
    for part in range(10):
        await bench.publish(count // 10)
        await bench.drain(start + (part + 1) * (count // 10))
        for name, process in processes.items():
            sizes[name].append(round(process.memory_info().rss / 2**20, 1))
    return {"name": "memory", "measures": count, "rss_mb": sizes}


async def run(server: EmbeddedPostgres, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Run the scenarios on a server of PostgreSQL."""
    url = server.url
    for service in ("auth", "broker", "ingest"):
        await migrate(url, service)
    with ExitStack() as stack:
        stack.enter_context(running_auth(url))
        broker = stack.enter_context(running_broker(url))
        mqtt = stack.enter_context(running_mosquitto(server.directory.parent))
        ingest = stack.enter_context(running_ingest(url, broker, mqtt))
        database = await asyncpg.connect(url, server_settings={"search_path": "broker"})
        processes = {name: child_running(name) for name in ("serve ingest", "serve broker", "mosquitto")}
        processes["postgres"] = int(server.pid or 0)
        bench = Bench(await Publisher.connect(mqtt), ingest, database, processes)
        await bench.provision()
        await bench.publish(DEVICES)
        await bench.drain(DEVICES)
        figures = []
        scenarios = [burst(bench, given.measures), paced(bench, given.seconds)]
        if given.memory:
            scenarios.append(memory(bench, given.memory))
        for scenario in scenarios:
            figures.append(await scenario)
            print(json.dumps(figures[-1]), flush=True)
        await bench.close()
        await database.close()
    return figures


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measures", type=int, default=50_000, help="measures of the burst")
    parser.add_argument("--seconds", type=float, default=20, help="length of the run at half the rate")
    parser.add_argument("--memory", type=int, default=0, help="measures of the run that watches memory, as 1000000")
    parser.add_argument("--quick", action="store_true", help="10,000 measures and 5 seconds: does it run at all")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    if given.quick:
        given.measures, given.seconds = 10_000, 5
    with running_postgres() as server:
        figures = uvloop.run(run(server, given))
    write_report(figures, given.json)


if __name__ == "__main__":
    main()
