"""Run a benchmark of the catalogue on an embedded PostgreSQL of its own.

`python -m bench.catalog NAME [--quick] [--json FILE]`, where NAME is that of a file `bench/catalog_<name>.py` with
`async def run(url, *, quick)`, which fills the migrated database at `url` and returns the figures of its scenarios.
"""

import argparse
import importlib
import json
import os
import platform
import tempfile
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
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hiroba-bench-") as directory:
        Path(directory).chmod(0o711)
        os.environ["HIROBA_DATA_DIR"] = directory
        server = EmbeddedPostgres(Path(directory) / "postgres", options=_SETTINGS)
        server.start()
        try:
            figures = uvloop.run(run(server.url, given.name, quick=given.quick))
        finally:
            server.stop()
    machine = {"processors": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    document = json.dumps({"machine": machine, "scenarios": figures}, indent=2)
    print(document)
    if given.json is not None:
        given.json.write_text(document + "\n")


if __name__ == "__main__":
    main()
