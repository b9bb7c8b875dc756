"""Run a benchmark of the catalogue on an embedded PostgreSQL of its own.

`python -m bench.catalog NAME [--quick] [--json FILE] [--keep DIRECTORY]`, where NAME is that of a file
`bench/catalog_<name>.py` with `async def run(url, *, quick)`, which fills the migrated database at `url` and returns
the figures of its scenarios. With `--keep` the database stays in a directory, and the next run finds it filled.
"""

import argparse
import importlib
from pathlib import Path
from typing import Any

import uvloop

from bench.postgres import running_postgres
from bench.report import report_of, write_report
from services.kernel.migrations import migrate


async def run(url: str, name: str, *, quick: bool) -> list[dict[str, Any]]:
    """Run one benchmark on an empty database."""
    await migrate(url, "catalog")
    scenario = importlib.import_module(f"bench.catalog_{name}")
    figures: list[dict[str, Any]] = await scenario.run(url, quick=quick)
    return figures


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = sorted(file.stem.removeprefix("catalog_") for file in Path(__file__).parent.glob("catalog_*.py"))
    parser.add_argument("name", choices=names)
    parser.add_argument("--quick", action="store_true", help="a short run")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--keep", type=Path, help="keep the database in this directory, and use what is there")
    given = parser.parse_args()
    with running_postgres(given.keep) as server:
        figures = uvloop.run(run(server.url, given.name, quick=given.quick))
    print(report_of(figures), end="")
    write_report(figures, given.json)


if __name__ == "__main__":
    main()
