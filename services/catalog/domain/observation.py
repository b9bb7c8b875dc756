"""What the broker was seen to hold, and the port through which the catalogue learns it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from services.catalog.domain.dataset import Live


@dataclass(frozen=True, slots=True)
class Observation:
    """All entity types that one tenant has at one moment."""

    tenant: str
    types: tuple[Live, ...]


class LiveTypes(Protocol):
    """Where the catalogue learns which entity types the tenants have."""

    def observations(self) -> AsyncIterator[Observation]:
        """Yield a tenant's types whenever they are known anew; ends only if there is nothing to observe."""
        ...
