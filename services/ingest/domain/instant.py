"""When a measure was observed: ISO 8601 or Unix time, read in the device's time zone."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.ingest.domain.refusal import MeasureRefused, Reason
from services.kernel.clock import to_iso

_END_OF_DAY = re.compile(r"(?<=[T ])24(?=:00(?::00(?:[.,]0+)?)?(?:Z|[+-]|\Z))", re.ASCII)
_MILLISECONDS_FROM = 100_000_000_000  # Unix seconds reach it in the year 5138, milliseconds in 1973


@lru_cache(maxsize=256)
def find_zone(name: str) -> tzinfo:
    """Return a time zone of the IANA database. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # an unknown zone, or a name that is no file name
        raise ValueError(f"'{name}' is not a time zone") from error


def read_instant(raw: object, zone: tzinfo) -> str:
    """Write a measure's time as `…Z`. A text without a zone is in `zone`; a number is Unix seconds or milliseconds.

    Raises MeasureRefused.
    """
    if isinstance(raw, str):
        return _read_text(raw, zone)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _read_number(raw)
    raise MeasureRefused(Reason.BAD_TIMESTAMP, f"Time {raw!r:.80} is neither ISO 8601 nor Unix time")


@lru_cache(maxsize=4096)
def _read_text(text: str, zone: tzinfo) -> str:
    try:
        begun, days = _END_OF_DAY.subn(
            "00", text.strip()
        )  # 24:00 is the day's end (ISO 8601), which Python does not read
        instant = datetime.fromisoformat(begun) + timedelta(days=days)
        return to_iso(instant if instant.tzinfo else instant.replace(tzinfo=zone))
    except (ValueError, OverflowError) as error:
        raise MeasureRefused(Reason.BAD_TIMESTAMP, f"Time {text!r:.80} is not ISO 8601") from error


def _read_number(number: float) -> str:
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    try:
        return to_iso(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError) as error:
        raise MeasureRefused(Reason.BAD_TIMESTAMP, f"Time {number} is out of range") from error
