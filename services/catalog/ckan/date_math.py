"""Instants as Solr's queries write them.

instant := ('NOW' | date | date-time) step*
step    := '/' unit | ('+' | '-') digits unit          '/' goes back to the unit's beginning; in UTC, from left to right
unit    := 'YEAR' | 'MONTH' | 'DAY' | 'DATE' | 'HOUR' | 'MINUTE' | 'SECOND' | 'MILLI' | 'MILLISECOND', or these with 'S'
"""

import calendar
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from services.kernel.clock import finite, from_iso

_UNIT: Final = "(YEAR|MONTH|DAY|DATE|HOUR|MINUTE|SECOND|MILLI(?:SECOND)?)S?"
_STEP: Final = re.compile(rf"/{_UNIT}|([+-]\d{{1,9}}){_UNIT}")
_INSTANT: Final = re.compile(rf"(NOW|\d[-0-9T:.]*(?:Z|[+-]\d\d:\d\d)?)((?:/{_UNIT}|[+-]\d{{1,9}}{_UNIT})*)")
_MONTHS: Final = {"YEAR": 12, "MONTH": 1}
_SPANS: Final = {
    "DAY": timedelta(days=1),
    "DATE": timedelta(days=1),
    "HOUR": timedelta(hours=1),
    "MINUTE": timedelta(minutes=1),
    "SECOND": timedelta(seconds=1),
    "MILLI": timedelta(milliseconds=1),
    "MILLISECOND": timedelta(milliseconds=1),
}
_KEPT: Final = {"YEAR": 1, "MONTH": 2, "DAY": 3, "DATE": 3, "HOUR": 4, "MINUTE": 5, "SECOND": 6}
_FIRST: Final = (1, 1, 1, 0, 0, 0)


def instant_of(text: str, now: datetime) -> datetime:
    """Read an instant. Raises ValueError."""
    read = _INSTANT.fullmatch(text)
    if read is None:
        raise ValueError(f"'{text}' is no instant")
    found = now.astimezone(UTC) if read[1] == "NOW" else from_iso(read[1]).astimezone(UTC)
    try:
        for step in _STEP.finditer(read[2]):
            found = _floor(found, step[1]) if step[1] else _moved(found, int(step[2]), step[3])
    except OverflowError as error:
        raise ValueError(f"'{text}' is no instant that there is") from error
    return finite(found)


def _floor(instant: datetime, unit: str) -> datetime:
    if unit not in _KEPT:
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    parts = instant.timetuple()[: _KEPT[unit]]
    year, month, day, hour, minute, second = (*parts, *_FIRST[len(parts) :])
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _moved(instant: datetime, number: int, unit: str) -> datetime:
    if unit not in _MONTHS:
        return instant + number * _SPANS[unit]
    years, month = divmod(instant.year * 12 + instant.month - 1 + number * _MONTHS[unit], 12)
    last = calendar.monthrange(years, month + 1)[1]
    return instant.replace(year=years, month=month + 1, day=min(instant.day, last))
