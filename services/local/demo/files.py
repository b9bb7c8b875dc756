"""The demo's data files."""

import csv
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

FLOOD_DAY = "2023-07-13"


def data() -> Path:
    """Return the folder of the demo's data."""
    return Path(str(files("services.local.demo"))) / "data"


def read_rows(file: Path) -> Iterator[dict[str, str]]:
    """Read the rows of a CSV file by its heading."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def days() -> list[str]:
    """List the days of readings, the flood that the demo begins with first."""
    found = sorted(file.stem for file in (data() / "fukui").glob("20*.csv"))
    return sorted(found, key=lambda day: day != FLOOD_DAY)
