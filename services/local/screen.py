"""What `hiroba up` shows: lines and a table, even when nobody is there to read them."""

import contextlib
import sys
from collections.abc import Sequence


def say(line: str = "") -> None:
    """Print one line at once. A terminal that is gone changes nothing."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def table(rows: Sequence[Sequence[str]], indent: str = "  ") -> str:
    """Lay rows out in columns, the first row being the heading."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(indent + line for line in lines)
