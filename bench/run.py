"""The broker benchmark: each scenario against the bare limit, in turn, in one run.

`python -m bench.run [--quick] [--json FILE]`
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
from pathlib import Path
from typing import Any

import uvloop

from bench.data import load
from bench.load import Measurement, put_load
from bench.scenarios import ENTITIES_WRITTEN, SCENARIOS, Scenario
from bench.servers import running_bare_limit, running_broker
from services.kernel.migrations import migrate
from services.local.postgres import EmbeddedPostgres

_SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "4GB", "max_connections": "100"}


async def measure(scenario: Scenario, broker: int, bare: int, *, seconds: float, rounds: int) -> dict[str, Any]:
    """Measure broker and bare limit in turn and return the scenario's figures."""
    ours: list[Measurement] = []
    limits: list[float] = []
    for _ in range(rounds):
        ours.append(await put_load(broker, scenario.request, connections=scenario.connections, seconds=seconds))
        if scenario.bare is not None:
            limit = await put_load(bare, scenario.bare, connections=scenario.connections, seconds=seconds)
            limits.append(limit.throughput * scenario.per_request)
    middle = sorted(ours, key=lambda each: each.throughput)[len(ours) // 2]
    throughput = middle.throughput * scenario.per_request
    limit_value = statistics.median(limits) if limits else None
    failed = sum(count for each in ours for status, count in each.statuses.items() if status >= 400)
    return {
        "name": scenario.name,
        "face": scenario.face,
        "ratio": round(throughput / limit_value, 3) if limit_value else None,
        "throughput": round(throughput, 1),
        "limit": round(limit_value, 1) if limit_value else None,
        "p50_ms": round(middle.percentile_ms(0.5), 2),
        "p95_ms": round(middle.percentile_ms(0.95), 2),
        "p99_ms": round(middle.percentile_ms(0.99), 2),
        "failed": failed,
    }


async def run(url: str, *, quick: bool, names: list[str]) -> list[dict[str, Any]]:
    """Run the scenarios on a server of PostgreSQL."""
    await migrate(url, "broker")
    await load(url, gauges=ENTITIES_WRITTEN, many=100_000 if quick else 1_000_000)
    figures = []
    with running_broker(url) as broker, running_bare_limit(url) as bare:
        for scenario in SCENARIOS:
            if names and scenario.name not in names:
                continue
            figure = await measure(scenario, broker, bare, seconds=2 if quick else 5, rounds=1 if quick else 3)
            print(json.dumps(figure, ensure_ascii=False), flush=True)
            figures.append(figure)
    return figures


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run on a tenth of the data")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--only", action="append", default=[], help="only scenarios of this name")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hiroba-bench-") as directory:
        Path(directory).chmod(0o711)
        server = EmbeddedPostgres(Path(directory) / "postgres", options=_SETTINGS)
        server.start()
        try:
            figures = uvloop.run(run(server.url, quick=given.quick, names=given.only))
        finally:
            server.stop()
    machine = {"processors": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    if given.json:
        given.json.write_text(json.dumps({"machine": machine, "scenarios": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
