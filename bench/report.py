"""The report of a benchmark: the machine and the scenarios' figures as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def report_of(figures: Sequence[dict[str, Any]]) -> str:
    """Return the figures, and on what machine they were taken, as indented JSON."""
    machine = {"processors": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    return json.dumps({"machine": machine, "scenarios": figures}, indent=2) + "\n"


def write_report(figures: Sequence[dict[str, Any]], path: Path | None) -> None:
    """Write the figures to a file, if one is named."""
    if path is not None:
        path.write_text(report_of(figures))
