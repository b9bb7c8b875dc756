"""What uploaded files hold: a table, a look into what is no plain table. Read without harm, in a process of its own."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

import orjson

from services.catalog.domain.look import Look, LookKind
from services.catalog.files.looking.picture import MARKS
from services.catalog.files.sheet import Sheet, read_text, sheet_of
from services.kernel.bounded_call import Bounds, CallFailed, ExceedsBounds, call_bounded
from services.kernel.workbook import is_workbook

_LOOKER: Final = "services.catalog.files.looking.looker:write_look"
_BOUNDS: Final = Bounds(memory_bytes=2 * 1024**3, processor_s=60, deadline_s=120, answer_bytes=400_000_000)
_LARGEST: Final = 64 * 1024 * 1024
_LARGEST_PICTURE: Final = 5_000_000
_LONGEST_LOOK: Final = 8_000_000
_BEGINNING: Final = 1_000
_JSON: Final = (".json", ".geojson", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Contents:
    """A file as a table, if it is one; a look into it, and the features that it puts on a map."""

    sheet: Sheet | None = None
    look: Look | None = None
    places: Sequence[Mapping[str, Any]] = ()


def contents_of(file: IO[bytes], name: str, media_type: str) -> Contents:
    """Return what a file holds; one over 64 MB, a picture over 5 MB, is not looked into.

    A file that cannot be read, or would take too much memory or time, gives a look that says so. A picture must be what
    it is called.
    """
    size = file.seek(0, 2)
    file.seek(0)
    beginning = file.read(_BEGINNING)
    if media_type in MARKS:
        is_shown = beginning.startswith(MARKS[media_type]) and size <= _LARGEST_PICTURE
        return _looked_into(file) if is_shown else Contents()
    is_json = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") and name.lower().endswith(_JSON)
    if is_json or is_workbook(beginning) or beginning.startswith(b"PAR1"):
        return _looked_into(file) if size <= _LARGEST else _unreadable("large")
    return Contents(read_text(beginning + file.read())) if size <= _LARGEST else Contents()


def read_sheet(content: bytes) -> Sheet | None:
    """Return a file as a table, None where it is none: no text with columns, no spreadsheet."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        return contents_of(file, "", "").sheet


def _looked_into(file: IO[bytes]) -> Contents:
    try:
        look, *rows = call_bounded(_LOOKER, file, _BOUNDS).splitlines()
    except ExceedsBounds:
        return _unreadable("large")
    except CallFailed:
        return _unreadable("broken")
    sheet = sheet_of(map(orjson.loads, rows)) if rows else None
    if len(look) > _LONGEST_LOOK:
        return _unreadable("large")
    written = orjson.loads(look)
    if written is None:
        return Contents(sheet)
    places = written.pop("places", ())
    return Contents(sheet, Look.of({"tables": (), **written, "has_places": bool(places)}), places)


def _unreadable(reason: str) -> Contents:
    return Contents(look=Look(LookKind.UNREADABLE, {"reason": reason}))
