"""A geometry that data sets are asked for by: places, lines and areas in degrees (WGS 84), longitude first."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from services.catalog.domain.dataset import Box

Position = tuple[float, float]
Line = tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """What lies within a closed line and outside of others."""

    outside: Line
    holes: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """Places, lines and areas together; at least one of them."""

    points: tuple[Position, ...] = ()
    lines: tuple[Line, ...] = ()
    areas: tuple[Area, ...] = ()

    @property
    def edges(self) -> tuple[tuple[Position, Position], ...]:
        """Every stretch between two neighbours of a line or of an area's border."""
        return tuple(stretch for line in self._every_line() for stretch in pairwise(line))

    @property
    def box(self) -> Box:
        """The least box around all."""
        positions = [*self.points, *(position for line in self._every_line() for position in line)]
        longitudes, latitudes = zip(*positions, strict=True)
        return min(longitudes), min(latitudes), max(longitudes), max(latitudes)

    def _every_line(self) -> Iterable[Line]:
        yield from self.lines
        for area in self.areas:
            yield area.outside
            yield from area.holes
