"""Literals of the query languages: numbers, date-times, and how unquoted text is understood."""

import re
from datetime import UTC, datetime
from typing import Final

from services.kernel.clock import to_iso_millis

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
_JSON_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\Z", re.ASCII)
_DATE_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_LONGEST_WHOLE: Final = 18


def read_number(text: str) -> int | float | None:
    """Read a number as people write it (`1`, `.5`, `+2e3`); None where it is none, or none that a computer holds."""
    return _number(text) if _NUMBER.match(text) else None


def read_json_number(text: str) -> int | float | None:
    """Read a number as JSON writes it (RFC 8259, 6); None where it is none."""
    return _number(text) if _JSON_NUMBER.match(text) else None


def _number(text: str) -> int | float | None:
    digits = text.lstrip("+-")
    if digits.isdigit() and len(digits) <= _LONGEST_WHOLE:
        return int(text)
    number = float(text)
    return number if abs(number) != float("inf") else None


def read_instant(text: str) -> str | None:
    """Read a DateTime (4.6.3; other zones than Z too) as `YYYY-MM-DDThh:mm:ss.sssZ`; None where it is none."""
    match = _DATE_TIME.match(text)
    if match is None:
        return None
    date, time, fraction, zone = match.groups()
    return _instant(f"{date}T{time}.{(fraction or '0').ljust(6, '0')[:6]}{zone}")


def read_midnight(text: str) -> str | None:
    """Read a Date (4.6.3) as the instant at which it begins; None where it is none."""
    return _instant(f"{text}T00:00:00Z") if _DATE.match(text) else None


def _instant(text: str) -> str | None:
    try:
        return to_iso_millis(datetime.fromisoformat(text).astimezone(UTC))
    except (ValueError, OverflowError):
        return None
