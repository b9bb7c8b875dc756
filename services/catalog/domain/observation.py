"""What the broker was seen to hold, and the port through which the catalogue learns it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from services.catalog.domain.dataset import Live
from services.catalog.domain.live_statistics import LiveStatistics


@dataclass(frozen=True, slots=True)
class Observation:
    """All entity types that one tenant has at one moment, and by their full names what else is known of them."""

    tenant: str
    types: tuple[Live, ...]
    statistics: Mapping[str, LiveStatistics] = field(default_factory=dict)


class LiveTypes(Protocol):
    """Where the catalogue learns which entity types the tenants have."""

    def observations(self) -> AsyncIterator[Observation]:
        """Yield a tenant's types whenever they are known anew; ends only if there is nothing to observe."""
        ...
