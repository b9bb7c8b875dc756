"""The benchmark of notifications: a broker, its PostgreSQL, fifty receivers and the updates, each a process, in turn.

`python -m bench.notifications [--quick] [--json FILE]`
"""

import argparse
from pathlib import Path
from typing import Any

import uvloop

from bench.notification_city import load_gauges
from bench.notification_scenarios import Place, measure
from bench.postgres import running_postgres
from bench.processor_time import child_running
from bench.receivers import running_receivers
from bench.report import write_report
from bench.servers import running_broker
from services.kernel.migrations import migrate
from services.local.postgres import EmbeddedPostgres

_RECEIVERS = 50


async def run(server: EmbeddedPostgres, names: list[str], *, quick: bool) -> list[dict[str, Any]]:
    """Run the scenarios on a server of PostgreSQL; quickly, for a fifth of the time and with NGSI-LD alone."""
    await migrate(server.url, "broker")
    with running_receivers(_RECEIVERS) as receivers, running_broker(server.url) as broker:
        processes = {"broker": child_running("serve broker"), "postgres": server.pid or 0}
        processes |= {"receivers": receivers.process.pid}
        place = Place(server.url, broker, receivers, processes, seconds=4 if quick else 20)
        await load_gauges(server.url, place.gauges)
        return await measure(place, names, ("ngsi-ld",) if quick else ("ngsi-ld", "ngsiv2"))


def report(*, quick: bool, names: list[str], path: Path | None) -> None:
    """Run the benchmark on an embedded PostgreSQL of its own; print the figures and write them to a file if asked."""
    with running_postgres() as server:
        found = uvloop.run(run(server, names, quick=quick))
    write_report(found, path)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the time, NGSI-LD alone")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--only", action="append", default=[], help="only this scenario: steady, saturated, hot, …")
    given = parser.parse_args()
    report(quick=given.quick, names=given.only, path=given.json)


if __name__ == "__main__":
    main()
