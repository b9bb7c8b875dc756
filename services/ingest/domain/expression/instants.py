"""Times in expressions: JavaScript's dates, in milliseconds since 1970."""

import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_MS: Final = 8.64e15
_SLASHED: Final = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?:[ T](\d{1,2}:\d{2}(?::\d{2})?))?\Z", re.ASCII)
_LONGEST: Final = 100


def read_date(value: Any) -> datetime | None:
    """Read a time: milliseconds, ISO 8601, `2021/11/18 14:20`, or as in e-mail; UTC where none names a zone."""
    if isinstance(value, str):
        return _in_text(value.strip())
    if isinstance(value, int | float) and math.isfinite(value) and abs(value) <= _MOST_MS:
        try:
            return _EPOCH + timedelta(milliseconds=value)
        except OverflowError:
            return None
    return None


def to_milliseconds(value: Any) -> int | None:
    """Return the milliseconds since 1970 of what can be read as a time."""
    instant = read_date(value)
    return None if instant is None else (instant - _EPOCH) // timedelta(milliseconds=1)


def to_iso_text(value: Any) -> str | None:
    """Write what can be read as a time with milliseconds, in UTC."""
    instant = read_date(value)
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _in_text(text: str) -> datetime | None:
    if len(text) > _LONGEST:
        return None
    slashed = _SLASHED.match(text)
    if slashed:
        year, month, day, time = slashed.groups()
        clock = "00:00" if time is None else time.zfill(5) if time.count(":") == 1 else time.zfill(8)
        text = f"{year}-{month:0>2}-{day:0>2}T{clock}"
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            instant = read(text)
            return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
