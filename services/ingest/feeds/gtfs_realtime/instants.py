"""Times of GTFS Realtime: seconds since 1970, in UTC."""

from datetime import UTC, datetime

from services.kernel.clock import to_iso


def iso(seconds: int) -> str:
    """Write an instant. Raises ValueError, OverflowError for one that no calendar has."""
    try:
        return to_iso(datetime.fromtimestamp(seconds, UTC))
    except OSError as error:
        raise ValueError(f"{seconds} is no time") from error


def duration(seconds: int) -> str:
    """Write a duration as ISO 8601, never below nothing: PT8M5S."""
    minutes, rest = divmod(max(seconds, 0), 60)
    return f"PT{minutes}M{rest}S"
