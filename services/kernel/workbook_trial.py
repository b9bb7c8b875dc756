"""Opens a spreadsheet from standard input, sheet by sheet, and tells how many cells the largest has.

Runs as a process of its own, which `services.kernel.workbook` starts: what it may not have ends it alone. The library
lays out the whole rectangle that a sheet's cells span, and the process ends where that does not fit into memory.
"""

import io
import resource
import sys

import python_calamine

_MOST_BYTES = 2 * 1024**3
_MOST_SECONDS = 60


def largest_sheet(content: bytes) -> int:
    """Return the number of cells of the largest sheet. Raises CalamineError."""
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        sheets = (book.get_sheet_by_name(name) for name in book.sheet_names)
        return max((sheet.total_height * sheet.total_width for sheet in sheets), default=0)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    sys.stdout.write(str(largest_sheet(sys.stdin.buffer.read())))
