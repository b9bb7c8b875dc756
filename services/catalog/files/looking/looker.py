"""Looks into the file that is its argument and writes what it saw to standard output, as JSON.

Runs as a process of its own, which `services.catalog.files.look` starts: a file that takes too much ends it alone.
"""

import csv
import resource
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

import orjson

from services.catalog.files.looking.parquet import look_at_parquet
from services.catalog.files.looking.records import look_at_json
from services.catalog.files.looking.sheets import look_at_sheets
from services.catalog.files.looking.timetable import TooLarge, look_at_timetable

MOST_BYTES: Final = 2 * 1024**3
MOST_SECONDS: Final = 20
_LARGEST_FIELD: Final = 1_000_000
_SPREADSHEET: Final = b"opendocument.spreadsheet"
_LONGEST_KIND: Final = 200


def look(path: str) -> dict[str, Any] | None:
    """Return what a file holds, None where there is nothing to show of it."""
    content = Path(path).read_bytes()
    try:
        if content.startswith(b"PAR1"):
            return look_at_parquet(path)
        if zipfile.is_zipfile(path):
            return _zip(path, content)
        return look_at_sheets(content) if content.startswith(b"\xd0\xcf\x11\xe0") else look_at_json(content)
    except (TooLarge, MemoryError):
        return {"kind": "unreadable", "facts": {"reason": "large"}}


def _zip(path: str, content: bytes) -> dict[str, Any] | None:
    with zipfile.ZipFile(path) as archive:
        timetable = look_at_timetable(archive)
        names = set(archive.namelist())
        is_book = names & {"xl/workbook.xml", "xl/workbook.bin"} or _SPREADSHEET in _kind(archive)
    return timetable or (look_at_sheets(content) if is_book else None)


def _kind(archive: zipfile.ZipFile) -> bytes:
    """Return the media type that an OpenDocument names first."""
    first = archive.infolist()[0] if archive.infolist() else None
    return archive.read(first) if first and first.filename == "mimetype" and first.file_size < _LONGEST_KIND else b""


if __name__ == "__main__":
    csv.field_size_limit(_LARGEST_FIELD)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    sys.stdout.buffer.write(orjson.dumps(look(sys.argv[1])))
