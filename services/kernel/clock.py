"""Time as a parameter: the clock, and instants as the interfaces write them."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
_EARLIEST = datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
_LATEST = datetime(9999, 12, 31, 23, 59, 59, 999998, tzinfo=UTC)


def system_clock() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def to_iso(instant: datetime) -> str:
    """Write an instant as `YYYY-MM-DDThh:mm:ss.ffffffZ`; a whole second has no fraction."""
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return utc.isoformat()[:-6] + "Z"


def to_iso_millis(instant: datetime) -> str:
    """Write an instant as `YYYY-MM-DDThh:mm:ss.sssZ` (NGSIv2, Datetime support)."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat(timespec="milliseconds")[:-6] + "Z"


def from_iso(text: str) -> datetime:
    """Read an ISO 8601 date-time; without a zone it is UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    return finite(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


def finite(instant: datetime) -> datetime:
    """Move the very first and last instants inwards: the database driver takes them for infinite ones without zone."""
    return min(max(instant, _EARLIEST), _LATEST)
