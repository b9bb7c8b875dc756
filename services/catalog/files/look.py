"""Looking into uploaded files that are no plain table, without harm: in a process of its own, within bounds."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from services.catalog.domain.look import Look, LookKind
from services.catalog.files.image import size_of_image
from services.kernel.workbook import is_workbook

_LOOKER: Final = "services.catalog.files.looking.looker"
_ROOT: Final = Path(__file__).parents[3]
_LARGEST: Final = 64 * 1024 * 1024
_LONGEST_S: Final = 90
_MOST_WRITTEN: Final = 8_000_000
_BEGINNING: Final = 1_000
_JSON: Final = (".json", ".geojson", ".jsonl", ".ndjson")
_NOTHING_TO_SEE: Final = b"null"


@dataclass(frozen=True, slots=True)
class Seen:
    """A look, and the features that it puts on a map."""

    look: Look
    places: Sequence[Mapping[str, Any]] = ()


def look_at(path: Path, name: str, media_type: str) -> Seen | None:
    """Return what is seen in a file, None where there is nothing to see of such a one.

    A file that cannot be read, or would take too much memory or time, gives a look that says so.
    """
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
        if media_type.startswith("image/"):
            return _image(beginning + file.read(), media_type)
    is_json = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") and name.lower().endswith(_JSON)
    if not (is_json or is_workbook(beginning) or beginning.startswith(b"PAR1")):
        return None
    return _unreadable("large") if path.stat().st_size > _LARGEST else _tried(path)


def _image(content: bytes, media_type: str) -> Seen | None:
    size = size_of_image(content, media_type)
    return Seen(Look(LookKind.IMAGE, {"width": size[0], "height": size[1]})) if size else None


def _tried(path: Path) -> Seen | None:
    environment = {"PYTHONPATH": str(_ROOT), "PATH": os.environ.get("PATH", "")}
    command = [sys.executable, "-P", "-m", _LOOKER, str(path)]
    try:
        tried = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=False, env=environment)
    except subprocess.TimeoutExpired:
        return _unreadable("large")
    if tried.returncode < 0 or len(tried.stdout) > _MOST_WRITTEN:
        return _unreadable("large")
    if tried.returncode:
        return _unreadable("broken")
    if tried.stdout == _NOTHING_TO_SEE:
        return None
    written = orjson.loads(tried.stdout)
    places = written.pop("places", ())
    return Seen(Look.of({"tables": (), **written, "has_places": bool(places)}), places)


def _unreadable(reason: str) -> Seen:
    return Seen(Look(LookKind.UNREADABLE, {"reason": reason}))
