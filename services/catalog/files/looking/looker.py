"""Looks into a file that is no plain text table and writes what it holds.

Runs as a bounded call, which `services.catalog.files.contents` begins: a file that takes too much ends it alone.
"""

import csv
import io
import zipfile
from collections.abc import Iterable
from itertools import chain
from typing import IO, Any, Final

import orjson

from services.catalog.files.looking.book import look_at_book
from services.catalog.files.looking.parquet import look_at_parquet
from services.catalog.files.looking.picture import MARKS, look_at_picture
from services.catalog.files.looking.records import look_at_json
from services.catalog.files.looking.timetable import TooLarge, look_at_timetable

_COMPOUND: Final = b"\xd0\xcf\x11\xe0"
_BOOKS: Final = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_PICTURES: Final = tuple(chain.from_iterable(MARKS.values()))
_LARGEST_FIELD: Final = 1_000_000
_SPREADSHEET: Final = b"opendocument.spreadsheet"
_LONGEST_KIND: Final = 200
Seen = tuple[dict[str, Any] | None, Iterable[list[str]]]


def write_look(file: IO[bytes], answer: IO[bytes]) -> None:
    """Write a line of JSON that tells what a file holds, then of a workbook the rows of its first sheet, one a line."""
    csv.field_size_limit(_LARGEST_FIELD)
    seen, rows = look(file.read())
    for each in (seen, *rows):
        answer.write(orjson.dumps(each) + b"\n")


def look(content: bytes) -> Seen:
    """Return what a file holds, None where there is nothing to show of it, and its rows if it is a table, too."""
    try:
        if content.startswith(b"PAR1"):
            return look_at_parquet(content), ()
        if content.startswith(_PICTURES):
            return look_at_picture(content), ()
        if content.startswith(_COMPOUND):
            return look_at_book(content) if any(name in content for name in _BOOKS) else (None, ())
        if zipfile.is_zipfile(io.BytesIO(content)):
            return _zip(content)
        return look_at_json(content), ()
    except TooLarge:
        return {"kind": "unreadable", "facts": {"reason": "large"}}, ()


def _zip(content: bytes) -> Seen:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        timetable = look_at_timetable(archive)
        names = set(archive.namelist())
        is_book = names & {"xl/workbook.xml", "xl/workbook.bin"} or _SPREADSHEET in _kind(archive)
    return look_at_book(content) if is_book and timetable is None else (timetable, ())


def _kind(archive: zipfile.ZipFile) -> bytes:
    """Return the media type that an OpenDocument names first."""
    first = archive.infolist()[0] if archive.infolist() else None
    return archive.read(first) if first and first.filename == "mimetype" and first.file_size < _LONGEST_KIND else b""
