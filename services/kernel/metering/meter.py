"""The counters of one process."""

from typing import TypeAlias

from services.kernel.metering.kinds import Kind, call_kind

Counts: TypeAlias = dict[tuple[str, str, Kind], int]
"""Amounts by tenant, client and kind."""


class Meter:
    """Counts in memory what tenants use, by the event loop's thread; a ledger takes the counts from time to time."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: Counts = {}

    def count(self, tenant: str, client: str, kind: Kind, amount: int = 1) -> None:
        """Add to a count. Costs less than a microsecond."""
        key = (tenant, client, kind)
        counts = self._counts
        counts[key] = counts.get(key, 0) + amount

    def count_call(self, tenant: str, client: str, kind: Kind) -> None:
        """Count a request that was answered."""
        self.count(tenant, client, call_kind(client, kind))

    def take(self) -> Counts:
        """Return the counts, and begin anew."""
        counts, self._counts = self._counts, {}
        return counts
