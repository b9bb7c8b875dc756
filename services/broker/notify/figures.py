"""What one process counts of notifications, for Prometheus."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from services.broker.store.outbox import Settlement

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)


class Figures:
    """Counters of one process; several processes' add up."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._notifications = Counter(
            "hiroba_notifications",
            "Notifications by outcome of a try: delivered, failed; parked: given up",
            ("outcome",),
            registry=registry,
        )
        self._lag = Histogram(
            "hiroba_notification_lag_seconds",
            "Time from the write until the receiver has answered, of delivered notifications",
            buckets=_BUCKETS_S,
            registry=registry,
        )

    def count(self, settlement: Settlement, lags_s: Iterable[float]) -> None:
        """Count what came of a turn; `lags_s` are those of the delivered notifications."""
        self._notifications.labels("delivered").inc(settlement.sent - settlement.failed)
        self._notifications.labels("failed").inc(settlement.failed)
        self._notifications.labels("parked").inc(len(settlement.parked))
        for each in lags_s:
            self._lag.observe(max(each, 0.0))
