"""When a connector runs: every so many seconds, or at times as cron writes them.

`minute hour day-of-month month day-of-week`, each `*`, a number, a range `a-b`, a step `*/n` or `a-b/n`, or several of
these separated by commas; Sunday is 0 or 7. Where both days are limited, either of them is enough, as with cron.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from services.kernel.errors import InvalidRequest

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7))
_LONGEST_DAYS = 366 * 8 + 2
_SUNDAY = 7


@dataclass(frozen=True, slots=True)
class Times:
    """Times of a day, and the days, at which something runs, in a time zone."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    is_either_day: bool
    zone: tzinfo

    def next_after(self, moment: datetime) -> datetime:
        """Return the next time after a moment. Raises InvalidRequest where there is none, as on 30 February."""
        at = moment.astimezone(self.zone).replace(second=0, microsecond=0) + timedelta(minutes=1)
        day = at.date()
        for _ in range(_LONGEST_DAYS):
            if self._is_day(day.month, day.day, day.isoweekday() % _SUNDAY):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        found = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
                        if found >= at:
                            return found
            day += timedelta(days=1)
        raise InvalidRequest("The schedule names no day that there is", field="schedule.at")

    def _is_day(self, month: int, day: int, weekday: int) -> bool:
        if month not in self.months:
            return False
        fits = day in self.days, weekday in self.weekdays
        return any(fits) if self.is_either_day else all(fits)


def read_times(text: str, zone: tzinfo) -> Times:
    """Read times as cron writes them. Raises InvalidRequest."""
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise InvalidRequest("at has five parts: minute hour day-of-month month day-of-week", field="schedule.at")
    values = [_values(part, *field) for part, field in zip(parts, _FIELDS, strict=True)]
    weekdays = frozenset(each % _SUNDAY for each in values[4])
    is_either = parts[2] != "*" and parts[4] != "*"
    times = Times(values[0], values[1], values[2], values[3], weekdays, is_either, zone)
    times.next_after(datetime(2024, 1, 1, tzinfo=zone))
    return times


def _values(part: str, name: str, least: int, most: int) -> frozenset[int]:
    found: set[int] = set()
    for piece in part.split(","):
        span, _, step = piece.partition("/")
        first, _, last = span.partition("-")
        numbers = [str(least), str(most)] if span == "*" else [first, last or (str(most) if step else first)]
        if not all(each.isascii() and each.isdecimal() for each in (*numbers, step or "1")):
            raise InvalidRequest(f"{piece:.20} is no {name}", field="schedule.at")
        start, end, by = int(numbers[0]), int(numbers[1]), int(step or 1)
        if not least <= start <= end <= most or by < 1:
            raise InvalidRequest(f"{piece:.20} is no {name}: {least} to {most}", field="schedule.at")
        found.update(range(start, end + 1, by))
    return frozenset(found)
