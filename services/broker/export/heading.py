"""The first line of a CSV file."""

import csv
import io
from collections.abc import Sequence


def heading(names: Sequence[str]) -> bytes:
    """Write the names of columns as a line."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(names)
    return line.getvalue().encode()
