"""Times of GTFS Realtime: seconds since 1970, in UTC. Some servers count milliseconds."""

from datetime import UTC, datetime
from typing import Final

from services.kernel.clock import to_iso

_MOST_SECONDS: Final = 100_000_000_000  # the year 5138


def is_milliseconds(told: int) -> bool:
    """Tell whether a time can only have been counted in milliseconds."""
    return told >= _MOST_SECONDS


def seconds(told: int) -> int:
    """Return a time in seconds, whichever it was counted in."""
    return told // 1000 if is_milliseconds(told) else told


def iso(told: int) -> str:
    """Write an instant. Raises ValueError, OverflowError for one that no calendar has."""
    try:
        return to_iso(datetime.fromtimestamp(seconds(told), UTC))
    except OSError as error:
        raise ValueError(f"{told} is no time") from error


def duration(seconds: int) -> str:
    """Write a duration as ISO 8601, never below nothing: PT8M5S."""
    minutes, rest = divmod(max(seconds, 0), 60)
    return f"PT{minutes}M{rest}S"
