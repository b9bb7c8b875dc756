"""Reading loosely written values: what cannot be read is left out, never guessed."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from services.catalog.domain import frequency
from services.catalog.domain.dataset import Box
from services.catalog.domain.theme import THEMES
from services.catalog.listing.entry import is_web_address
from services.kernel.clock import from_iso

LONGEST_TEXT = 20_000
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?\Z")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z")
_LANGUAGE_CODES = {
    "JPN": "ja",
    "ENG": "en",
    "ZHO": "zh",
    "KOR": "ko",
    "POR": "pt",
    "SPA": "es",
    "VIE": "vi",
    "FRA": "fr",
}


def plain(value: object, longest: int = LONGEST_TEXT) -> str:
    """Return a text without what PostgreSQL cannot keep; empty for anything else than text and numbers."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\x00", "").strip()[:longest]


def texts(value: object, longest: int = LONGEST_TEXT) -> dict[str, str]:
    """Return a text by language; one that says no language is Japanese where it has Japanese script."""
    if isinstance(value, Mapping):
        found = {str(tag): plain(text, longest) for tag, text in value.items() if _LANGUAGE.match(str(tag))}
        return {tag: text for tag, text in found.items() if text}
    text = plain(value, longest)
    return {("ja" if _JAPANESE.search(text) else "en"): text} if text else {}


def moment(value: object) -> str | None:
    """Return a date or date-time in ISO 8601; a year or a month is its first day, an instant without zone is UTC."""
    text = plain(value, 40)
    parts = _DATE.match(text)
    try:
        if parts:
            return date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1)).isoformat()
        return from_iso(text).isoformat() if text else None
    except (ValueError, OverflowError):
        return None


def web_address(value: object) -> str | None:
    """Return a complete http or https address, None for anything else."""
    text = plain(value, 2000)
    return text if is_web_address(text) else None


def web_addresses(value: object) -> tuple[str, ...]:
    """Return the addresses of a list, or of one."""
    return tuple(dict.fromkeys(each for each in map(web_address, items(value)) if each))


def items(value: object) -> list[object]:
    """Return the items of a list, of one in JSON, or the one value; none for nothing."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = parsed(value)
    if isinstance(value, list):
        return value
    return [] if value in (None, "") else [value]


def parsed(text: object) -> Any:
    """Return what a JSON text says, None if it is none."""
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


def themes(values: Iterable[object]) -> tuple[str, ...]:
    """Return the EU themes that codes or addresses name."""
    codes = (plain(each, 300).rpartition("/")[2].upper() for each in values)
    return tuple(dict.fromkeys(code for code in codes if code in THEMES))


def languages(values: Iterable[object]) -> tuple[str, ...]:
    """Return language tags, also of addresses in the EU vocabulary."""
    named = (plain(each, 300).rpartition("/")[2] for each in values)
    tags = (_LANGUAGE_CODES.get(name.upper(), name) for name in named)
    return tuple(dict.fromkeys(tag for tag in tags if _LANGUAGE.match(tag)))


def how_often(value: object) -> str | None:
    """Return the EU frequency code that an address, a code, an ISO 8601 interval or a wording names."""
    text = plain(value, 300).rpartition("/")[2].rpartition("#")[2]
    return _INTERVALS.get(text) or frequency.recognise(text) if text else None


_INTERVALS = {
    "R/P1Y": "ANNUAL",
    "P1Y": "ANNUAL",
    "P6M": "ANNUAL_2",
    "P3M": "QUARTERLY",
    "P1M": "MONTHLY",
    "P1W": "WEEKLY",
    "P7D": "WEEKLY",
    "P1D": "DAILY",
    "PT1H": "HOURLY",
    "PT1S": "UPDATE_CONT",
    "irregular": "IRREG",
}


def whole_number(value: object) -> int | None:
    """Return a number of bytes or seconds, None for anything else."""
    try:
        number = int(float(plain(value, 30)))
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number <= 2**60 else None


def bounds(geometry: object) -> Box | None:
    """Return the bounding box of a GeoJSON geometry, None if it is none or lies beyond the world."""
    document = parsed(geometry) if isinstance(geometry, str) else geometry
    if not isinstance(document, Mapping):
        return None
    points = list(_points(document.get("coordinates"), 0))
    if not points:
        return None
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    return box(west, south, east, north)


def box(west: float, south: float, east: float, north: float) -> Box | None:
    """Return a box if it lies within the world."""
    is_right = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    return (west, south, east, north) if is_right else None


def _points(coordinates: object, depth: int) -> Iterable[tuple[float, float]]:
    if not isinstance(coordinates, list) or depth > 5:
        return
    numbers = [each for each in coordinates if isinstance(each, int | float) and not isinstance(each, bool)]
    if len(coordinates) in (2, 3) and len(numbers) == len(coordinates):
        yield float(numbers[0]), float(numbers[1])
        return
    for each in coordinates:
        yield from _points(each, depth + 1)
