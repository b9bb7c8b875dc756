"""Values of metering: an amount as a service hands it over, which amounts are asked for, and their sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, get_args

from services.kernel.errors import BadData
from services.kernel.metering import FLOWS, STOCKS

Dimension = Literal["day", "month", "tenant", "client", "service"]
DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)
LONGEST_PERIOD: Final = timedelta(days=3660)
DESCRIPTIONS: Final[Mapping[str, str]] = {str(kind): words for kind, words in (*FLOWS.items(), *STOCKS.items())}


@dataclass(frozen=True, slots=True)
class Period:
    """Days in Japan, the first and the last included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins, or is longer than ten years."""
        if self.last < self.first:
            raise BadData("until must not be before since", field="until")
        if self.last - self.first > LONGEST_PERIOD:
            raise BadData("A period lasts at most ten years", field="until")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which amounts are asked for; none: whichever."""

    period: Period
    tenants: Sequence[str] | None = None
    client: str | None = None
    service: str | None = None
    kinds: Sequence[str] = ()


def read_dimensions(text: str) -> tuple[Dimension, ...]:
    """Read what amounts are shown by, `day,tenant`. Raises BadData."""
    words = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    for word in words:
        if word not in DIMENSIONS:
            raise BadData(f"by must name some of {', '.join(DIMENSIONS)}, not '{word[:50]}'", field="by")
    if {"day", "month"} <= set(words):
        raise BadData("by names days or months, not both", field="by")
    return tuple(name for name in DIMENSIONS if name in words)


def read_kinds(text: str) -> tuple[str, ...]:
    """Read kinds of use, `interactive,batch`. Raises BadData."""
    words = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    for word in words:
        if word not in DESCRIPTIONS:
            raise BadData(f"kind must name some of {', '.join(DESCRIPTIONS)}, not '{word[:50]}'", field="kind")
    return words
