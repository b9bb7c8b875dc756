"""The course of one attribute of an entity: read from what was recorded, and laid out as a line chart."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.catalog.downloads.export import Exports, Wanted
from services.kernel.clock import from_iso

WIDTH: Final = 640
HEIGHT: Final = 260
LEFT: Final = 64
RIGHT: Final = 16
TOP: Final = 16
BOTTOM: Final = 32
_MOST_OCTETS: Final = 2 * 1024 * 1024
_MOST_DRAWN: Final = 240
_TICKS: Final = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """A value and its instant."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the vertical axis: where, and what it says."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Course:
    """A line chart: its points as SVG has them, marks, levels to compare with, and the readings that it shows."""

    readings: tuple[Reading, ...]
    points: str
    ticks: tuple[Tick, ...]
    levels: tuple[Tick, ...] = ()


async def readings_of(exports: Exports, wanted: Wanted) -> list[Reading]:
    """Return the numbers that were recorded, in order of time. Raises HubError.

    Of more than 2 MB of records, those that come first.
    """
    body = bytearray()
    async with exports.opened(wanted) as parts:
        async for part in parts:
            body += part
            if len(body) > _MOST_OCTETS:
                break
    rows = csv.DictReader(io.StringIO(bytes(body[: body.rfind(b"\n") + 1]).decode("utf-8", "replace")))
    found = {reading.at: reading for row in rows if (reading := _reading(row)) is not None}
    return [found[at] for at in sorted(found)]


def _reading(row: dict[str, str]) -> Reading | None:
    try:
        value = float(row["value"])
        at = from_iso(row["observedAt"] or row["recordedAt"])
    except ValueError:
        return None
    return Reading(at, value) if math.isfinite(value) and row["change"] != "deleted" else None


def drawn(readings: Sequence[Reading], levels: Sequence[tuple[str, float]] = ()) -> Course | None:
    """Lay out a chart of at least two readings; levels far beyond the readings are left out."""
    shown = _thinned(readings)
    if len(shown) < 2:
        return None
    values = [each.value for each in shown]
    span = max(values) - min(values) or abs(values[0]) or 1.0
    near = [(name, level) for name, level in levels if min(values) - 4 * span <= level <= max(values) + 4 * span]
    low, high = _bounds([*values, *(level for _, level in near)])
    start, end = shown[0].at.timestamp(), shown[-1].at.timestamp()

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low), 1)

    def x(at: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (at.timestamp() - start) / ((end - start) or 1), 1)

    ticks = [low + (high - low) * number / _TICKS for number in range(_TICKS + 1)]
    return Course(
        tuple(shown),
        " ".join(f"{x(each.at)},{y(each.value)}" for each in shown),
        tuple(Tick(y(each), f"{each:g}") for each in ticks),
        tuple(Tick(y(level), f"{name} {level:g}") for name, level in near),
    )


def _thinned(readings: Sequence[Reading]) -> list[Reading]:
    """Return at most 240 readings: of each stretch the one that lies farthest from what was shown before."""
    if len(readings) <= _MOST_DRAWN:
        return list(readings)
    step = len(readings) / _MOST_DRAWN
    shown = [readings[0]]
    for number in range(1, _MOST_DRAWN - 1):
        stretch = readings[int(number * step) : int((number + 1) * step)]
        shown.append(max(stretch, key=lambda each: abs(each.value - shown[-1].value)))
    return [*shown, readings[-1]]


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """Return round ends of an axis around some values."""
    low, high = min(values), max(values)
    if low == high:
        return low - 1, high + 1
    step = 10 ** math.floor(math.log10((high - low) / _TICKS))
    step = next(step * each for each in (1, 2, 2.5, 5, 10) if step * each * (_TICKS - 1) >= high - low)
    start = math.floor(low / step) * step
    return (start, start + step * _TICKS) if start + step * _TICKS >= high else (start, start + 2 * step * _TICKS)
