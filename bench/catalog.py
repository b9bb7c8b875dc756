"""Run a benchmark of the catalogue on an embedded PostgreSQL of its own.

`python -m bench.catalog NAME [--quick] [--json FILE] [--keep DIRECTORY]`, where NAME is that of a file
`bench/catalog_<name>.py` with `async def run(url, *, quick)`, which fills the migrated database at `url` and returns
the figures of its scenarios. With `--keep` the database stays in a directory, and the next run finds it filled.
"""

import argparse
import contextlib
import importlib
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvloop

from services.kernel.migrations import migrate
from services.local.postgres import EmbeddedPostgres

_SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "4GB", "max_connections": "100"}


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
    with _directory(given.keep) as directory, running_postgres(directory) as url:
        figures = uvloop.run(run(url, given.name, quick=given.quick))
    machine = {"processors": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    document = json.dumps({"machine": machine, "scenarios": figures}, indent=2)
    print(document)
    if given.json is not None:
        given.json.write_text(document + "\n")


@contextlib.contextmanager
def _directory(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(mode=0o711, parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="hiroba-bench-") as directory:
        Path(directory).chmod(0o711)
        yield Path(directory)


@contextlib.contextmanager
def running_postgres(directory: Path) -> Iterator[str]:
    """Run a PostgreSQL in a directory, which the services' files go to as well; yields its address."""
    os.environ["HIROBA_DATA_DIR"] = str(directory)
    server = EmbeddedPostgres(directory / "postgres", options=_SETTINGS)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


if __name__ == "__main__":
    main()
