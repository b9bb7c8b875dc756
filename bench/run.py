"""Run the context broker's benchmark: the service and the bare limit take turns on one PostgreSQL, in one run.

`python -m bench.run [--quick] [--json FILE] [--only NAME]`, or `hiroba bench`. Machines are noisy: the figure that
counts is the `ratio`; `cpu_us` says what a request costs in processor time, whatever else the machine does.
"""

import argparse
import json
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from bench.data import load
from bench.indexes import declare_index
from bench.load import Measurement, Requests, put_load
from bench.postgres import running_postgres
from bench.processor_time import child_running, processor_s
from bench.report import write_report
from bench.scenarios import ENTITIES_WRITTEN, SCENARIOS, Scenario
from bench.servers import running_bare_limit, running_broker
from services.kernel.migrations import migrate
from services.local.postgres import EmbeddedPostgres

_WARM_UP_S = 1.0


@dataclass(frozen=True)
class Server:
    """A server under load: its port, its process, and PostgreSQL's."""

    port: int
    process: int
    postgres: int

    async def measure(self, requests: Requests, *, connections: int, seconds: float) -> tuple[Measurement, float]:
        """Put load on it; return what was measured, and the seconds of processor time of server and PostgreSQL."""
        before = self._used_s()
        measured = await put_load(self.port, requests, connections=connections, seconds=seconds)
        return measured, self._used_s() - before

    def _used_s(self) -> float:
        return processor_s(self.process) + processor_s(self.postgres)


async def measure(scenario: Scenario, broker: Server, bare: Server, *, seconds: float, rounds: int) -> dict[str, Any]:
    """Measure broker and bare limit in turn and return the scenario's figures."""
    ours: list[tuple[Measurement, float]] = []
    limits: list[tuple[Measurement, float]] = []
    await _warm_up(scenario, broker, bare)
    for _ in range(rounds):
        ours.append(await broker.measure(scenario.request, connections=scenario.connections, seconds=seconds))
        if scenario.bare is not None:
            limits.append(await bare.measure(scenario.bare, connections=scenario.connections, seconds=seconds))
    middle = sorted((each for each, _ in ours), key=lambda each: each.throughput)[len(ours) // 2]
    throughput = middle.throughput * scenario.per_request
    limit = statistics.median(each.throughput for each, _ in limits) * scenario.per_request if limits else None
    failed = sum(count for each, _ in ours for status, count in each.statuses.items() if status >= 400)
    return {
        "name": scenario.name,
        "face": scenario.face,
        "ratio": round(throughput / limit, 3) if limit else None,
        "throughput": round(throughput, 1),
        "limit": round(limit, 1) if limit else None,
        "p50_ms": round(middle.percentile_ms(0.5), 2),
        "p95_ms": round(middle.percentile_ms(0.95), 2),
        "p99_ms": round(middle.percentile_ms(0.99), 2),
        "cpu_us": _cpu_us(ours),
        "limit_cpu_us": _cpu_us(limits) if limits else None,
        "failed": failed,
    }


async def _warm_up(scenario: Scenario, broker: Server, bare: Server) -> None:
    await put_load(broker.port, scenario.request, connections=scenario.connections, seconds=_WARM_UP_S)
    if scenario.bare is not None:
        await put_load(bare.port, scenario.bare, connections=scenario.connections, seconds=_WARM_UP_S)


def _cpu_us(measured: list[tuple[Measurement, float]]) -> int:
    """Return the microseconds of processor time that a request costs the server and PostgreSQL together."""
    return round(statistics.median(used / max(1, len(each.latencies)) for each, used in measured) * 1e6)


async def run(server: EmbeddedPostgres, *, quick: bool, names: list[str]) -> list[dict[str, Any]]:
    """Run the scenarios on a server of PostgreSQL."""
    await migrate(server.url, "broker")
    await load(server.url, gauges=ENTITIES_WRITTEN, many=100_000 if quick else 1_000_000)
    seconds, rounds = (2.0, 1) if quick else (5.0, 3)
    chosen = [each for each in SCENARIOS if not names or each.name in names]
    postgres = int(server.pid or 0)
    figures = []
    with running_broker(server.url) as port, running_bare_limit(server.url) as bare_port:
        broker = Server(port, child_running("serve broker"), postgres)
        bare = Server(bare_port, child_running("bench.bare"), postgres)
        for scenario in chosen:
            if scenario.index is not None:
                await declare_index(port, scenario.index)
            figure = await measure(scenario, broker, bare, seconds=seconds, rounds=rounds)
            print(json.dumps(figure, ensure_ascii=False), flush=True)
            figures.append(figure)
    return figures


def report(*, quick: bool, names: list[str], path: Path | None) -> None:
    """Run the benchmark on an embedded PostgreSQL of its own; print the figures and write them to a file if asked."""
    with running_postgres() as server:
        figures = uvloop.run(run(server, quick=quick, names=names))
    write_report(figures, path)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run on a tenth of the data")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--only", action="append", default=[], help="only scenarios of this name")
    given = parser.parse_args()
    report(quick=given.quick, names=given.only, path=given.json)


if __name__ == "__main__":
    main()
