"""When a data set should be renewed, and so which ones are late."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from services.kernel.clock import finite, from_iso

_HOUR, _DAY = 3_600, 86_400
_MAX_AGES_S: Mapping[str, int] = MappingProxyType(
    {
        "1MIN": 600,
        "5MIN": 1_800,
        "10MIN": 3_600,
        "15MIN": 3_600,
        "30MIN": 2 * _HOUR,
        "HOURLY": 3 * _HOUR,
        "BIHOURLY": 6 * _HOUR,
        "TRIHOURLY": 9 * _HOUR,
        "12HRS": _DAY,
        "DAILY_2": _DAY,
        "DAILY": 2 * _DAY,
        "WEEKLY_3": 5 * _DAY,
        "WEEKLY_2": 7 * _DAY,
        "WEEKLY": 10 * _DAY,
        "BIWEEKLY": 20 * _DAY,
        "MONTHLY_3": 20 * _DAY,
        "MONTHLY_2": 25 * _DAY,
        "MONTHLY": 45 * _DAY,
        "BIMONTHLY": 80 * _DAY,
        "QUARTERLY": 120 * _DAY,
        "ANNUAL_3": 160 * _DAY,
        "ANNUAL_2": 230 * _DAY,
        "ANNUAL": 430 * _DAY,
        "BIENNIAL": 800 * _DAY,
        "TRIENNIAL": 1_200 * _DAY,
        "QUADRENNIAL": 1_600 * _DAY,
        "QUINQUENNIAL": 2_000 * _DAY,
        "DECENNIAL": 3_900 * _DAY,
    }
)
_LONGEST = timedelta(days=36_500)


def max_age_s(frequency: str | None, stated_s: int | None) -> int | None:
    """Return how old the data may be, in seconds: as stated, else the frequency's period with some grace.

    None where nothing can be late: no frequency, irregular, never, or continuous without a stated age.
    """
    return stated_s if stated_s is not None else _MAX_AGES_S.get(frequency or "")


def due_at(changed: datetime, age_s: int | None) -> datetime | None:
    """Return when a data set that last changed at an instant is late, None if it cannot be."""
    if age_s is None:
        return None
    try:
        return finite(changed + min(timedelta(seconds=age_s), _LONGEST))
    except OverflowError:
        return None


def instant_of(moment: str | None) -> datetime | None:
    """Return the instant of an ISO 8601 date (its start in UTC) or date-time, None without one or if it is none."""
    if not moment:
        return None
    try:
        if len(moment) <= 10:
            day = date.fromisoformat(moment)
            return finite(datetime(day.year, day.month, day.day, tzinfo=UTC))
        return from_iso(moment)
    except (ValueError, OverflowError):
        return None


def end_of(moment: str | None) -> datetime | None:
    """Return the last instant of a date, the instant of a date-time."""
    instant = instant_of(moment)
    if instant is None or moment is None or len(moment) > 10:
        return instant
    try:
        return finite(instant + timedelta(days=1, microseconds=-1))
    except OverflowError:
        return instant
