"""What metering and the audit trail add to a retrieval: the same face with both, and with neither, in turns.

`python -m bench.metering` prints one JSON document; `--quick` takes some seconds. It needs PostgreSQL in
HIROBA_TEST_DATABASE_URL, or starts its own. No measuring of stocks or hand-over falls into the time that is compared:
those are background work, whose processor time is told apart (`flush_us`: one flush of the counters of 2,000 clients).
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from bench.face_call import call
from services.broker import ngsild
from services.broker.http.face import Face
from services.broker.main import create_api
from services.broker.settings import BrokerSettings
from services.kernel.audit import Trail
from services.kernel.audit.trail import Access
from services.kernel.metering import Kind, Ledger, Meter
from services.kernel.postgres import open_pool
from tests.support.databases import clone, drop, prepare_template, running_server

_URI = "urn:ngsi-ld:Gauge:1"
_CLIENTS = 2000


class _Blind(Meter):
    """Counts nothing."""

    __slots__ = ()

    def count_call(self, tenant: str, client: str, kind: Kind) -> None:
        """Do nothing."""


class _Deaf(Trail):
    """Notes nothing."""

    def note_access(self, access: Access, types: Iterable[str]) -> None:
        """Do nothing."""


async def retrieval_cost(database_url: str, directory: Path, calls: int) -> dict[str, float]:
    """Return the median microseconds of a retrieval with and without counters, and what they add in percent."""
    settings = BrokerSettings(database_url=database_url, data_dir=directory, tenant_creation="on-write")
    api = create_api(settings)
    async with api.router.lifespan_context(api):
        broker, verifier = api.state.broker, api.state.verifier
        blind = Face(ngsild.routes(), ngsild.Dialect(), replace(broker, meter=_Blind(), trail=_Deaf()), verifier)
        counting = api.state.faces["ngsi-ld"]
        body = {"id": _URI, "type": "Gauge", "level": {"type": "Property", "value": 2.5}}
        assert await call(counting, "POST", "/ngsi-ld/v1/entities", body=body) == 201
        taken: dict[str, list[float]] = {"counting": [], "blind": []}
        for number in range(calls):
            pair = [("counting", counting), ("blind", blind)]
            for name, face in pair if number % 2 else reversed(pair):
                started = time.perf_counter()
                assert await call(face, "GET", f"/ngsi-ld/v1/entities/{_URI}") == 200
                taken[name].append((time.perf_counter() - started) * 1e6)
    medians = {name: statistics.median(times[100:]) for name, times in taken.items()}
    return {**medians, "added_percent": 100 * (medians["counting"] / medians["blind"] - 1)}


def count_cost(rounds: int) -> float:
    """Return the microseconds of counting one call."""
    meter = Meter()
    clients = [f"client-{number}" for number in range(_CLIENTS)]
    started = time.perf_counter()
    for number in range(rounds):
        meter.count_call("takamatsu", clients[number % _CLIENTS], "interactive")
    return (time.perf_counter() - started) / rounds * 1e6


async def flush_cost(database_url: str) -> float:
    """Return the microseconds until the counters of 2,000 clients are kept."""
    pool = await open_pool(database_url, schema="broker", size=1)
    meter = Meter()
    ledger = Ledger(pool, meter, {})
    times = []
    for _ in range(5):
        for number in range(_CLIENTS):
            meter.count("takamatsu", f"client-{number}", "interactive")
        started = time.perf_counter()
        await ledger.keep()
        times.append((time.perf_counter() - started) * 1e6)
    await pool.close()
    return statistics.median(times)


async def _run(server: str, calls: int) -> dict[str, object]:
    database_url = await clone(server)
    try:
        with tempfile.TemporaryDirectory() as directory:
            retrieval = await retrieval_cost(database_url, Path(directory), calls)
        figures = {"count_us": count_cost(calls * 20), "flush_us": await flush_cost(database_url)}
        return {"calls": calls, "retrieval_us": retrieval, **figures}
    finally:
        await drop(server, database_url)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What metering adds to a retrieval")
    parser.add_argument("--quick", action="store_true", help="fewer calls")
    calls = 2000 if parser.parse_args().quick else 12_000
    with running_server() as server:
        asyncio.run(prepare_template(server))
        print(json.dumps(asyncio.run(_run(server, calls)), indent=2))


if __name__ == "__main__":
    main()
