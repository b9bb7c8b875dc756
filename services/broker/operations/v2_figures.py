"""What NGSIv2 counts of its requests, for those who read Orion's metrics and statistics (Orion, Metrics API).

The figures are of this process since its start or the last reset; the service's own figures are at /metrics.
"""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Final

_MOST_ROWS: Final = 10_000
Key = tuple[str, str]
"""A tenant and a service path, as Orion names them: `default-service`, `root-subserv`."""


def key_for(tenant_name: str, path: str) -> Key:
    """Return what requests of a tenant and service path are counted under."""
    return tenant_name or "default-service", path.strip("/") or "root-subserv"


@dataclass(slots=True)
class Transactions:
    """Requests one way: how many, their bytes, those that failed, and the seconds they took together."""

    count: int = 0
    request_bytes: int = 0
    response_bytes: int = 0
    errors: int = 0
    seconds: float = 0.0

    def add(self, other: "Transactions") -> None:
        """Add what others counted."""
        self.count += other.count
        self.request_bytes += other.request_bytes
        self.response_bytes += other.response_bytes
        self.errors += other.errors
        self.seconds += other.seconds


class V2Figures:
    """Counts incoming and outgoing requests by tenant and service path, and incoming ones by route.

    `kinds` are what /statistics counts beside routes; `subscriptions` their `inserts`, `updates` and `removes`.
    """

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.since = self.started
        self.requests: Counter[tuple[str, str]] = Counter()
        self.kinds: Counter[str] = Counter()
        self.subscriptions: Counter[str] = Counter()
        self.incoming: dict[Key, Transactions] = {}
        self.outgoing: dict[Key, Transactions] = {}

    def arrived(self, key: Key | None, route: tuple[str, str], done: Transactions) -> None:
        """Count a request that was answered; `key` is None where tenant or path are not valid."""
        self.kinds["jsonRequests" if done.request_bytes else "noPayloadRequests"] += 1
        if route[0]:
            self.requests[route] += 1
        else:
            self.kinds["invalidRequests"] += 1
        self._add(self.incoming, key, done)

    def sent(self, key: Key | None, done: Transactions) -> None:
        """Count a request to a provider."""
        self._add(self.outgoing, key, done)

    def notified(self, key: Key, done: Transactions) -> None:
        """Count a notification that was sent, or tried to be."""
        self.kinds["notificationsSent"] += 1
        self._add(self.outgoing, key, done)

    @staticmethod
    def _add(rows: dict[Key, Transactions], key: Key | None, done: Transactions) -> None:
        if key is None:
            return
        row = rows.get(key)
        if row is not None:
            row.add(done)
        elif len(rows) < _MOST_ROWS:
            rows[key] = done

    def reset_metrics(self) -> None:
        """Count transactions from nothing (DELETE /admin/metrics)."""
        self.incoming.clear()
        self.outgoing.clear()

    def reset_statistics(self) -> None:
        """Count requests from nothing (DELETE /statistics)."""
        self.requests.clear()
        self.kinds.clear()
        self.subscriptions.clear()
        self.since = time.monotonic()
