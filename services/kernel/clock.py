"""Time as a parameter: the clock, and instants as the interfaces write them."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def to_iso(instant: datetime) -> str:
    """Write an instant as `YYYY-MM-DDThh:mm:ss.ffffffZ`; a whole second has no fraction."""
    utc = instant.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat() + "Z"


def to_iso_millis(instant: datetime) -> str:
    """Write an instant as `YYYY-MM-DDThh:mm:ss.sssZ` (NGSIv2, Datetime support)."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat(timespec="milliseconds")[:-6] + "Z"


def from_iso(text: str) -> datetime:
    """Read an ISO 8601 date-time; without a zone it is UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
