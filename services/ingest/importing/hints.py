"""What the names of columns tell, by the words in `mappings/guesses.json`."""

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

TAKEN = frozenset({"id", "type", "scope", "location", "address", "openingHours"})
"""Names that no attribute of a column may have."""

_UNIT = re.compile(r"[(\[]([^()\[\]]{1,6})[)\]]\Z")
_BEHIND_NUMBER = re.compile(r"[0-9]\s*([^0-9\s.,()]{1,3})(?:\(.*\))?\Z")
_FORBIDDEN = re.compile(r"[\s<>\"'=;(){}\[\],|\\^`/#?&%\x00-\x1f]+")
_LONGEST_NAME = 80


@cache
def guesses() -> dict[str, Any]:
    """Return the words by which types and columns are known."""
    text = files("services.ingest").joinpath("mappings", "guesses.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def common_prefix(columns: Sequence[str]) -> str:
    """Return what most of the columns begin with, up to an underscore, as `防災行政無線_`; empty where they do not."""
    starts = [column[: column.index("_") + 1] for column in columns if "_" in column[1:]]
    best = max(dict.fromkeys(starts), key=starts.count, default="")
    return best if len(starts) > 2 and starts.count(best) > len(columns) / 2 else ""


def without_unit(column: str) -> tuple[str, str | None]:
    """Return a column's name and the UN/CEFACT code of the unit in brackets at its end, as of `総数(ha)`."""
    match = _UNIT.search(column)
    unit = guesses()["units"].get(match[1].lower()) if match else None
    return (column[: match.start()], unit) if match and unit else (column, None)


def unit_behind(text: str) -> str | None:
    """Return the UN/CEFACT code of the unit behind the number in a text, as of `約40t`; None without one."""
    match = _BEHIND_NUMBER.search(unicodedata.normalize("NFKC", text))
    unit: str | None = guesses()["units"].get(match[1].lower()) if match else None
    return unit


def own_name(column: str, taken: set[str]) -> str:
    """Return a column's name as an attribute's, none of those taken."""
    name = _FORBIDDEN.sub("_", column).strip("_@")[:_LONGEST_NAME] or "column"
    number, free = 2, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
