"""What ingest counts, for Prometheus."""

from collections import Counter
from collections.abc import Iterable

import prometheus_client as prometheus
from prometheus_client import CollectorRegistry, Gauge, Histogram

from services.ingest.domain.arrival import Arrival, Outcome, Source

_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Figures:
    """Counters of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.messages = prometheus.Counter(
            "hiroba_ingest_messages", "Messages of devices that are settled", ("source",), registry=registry
        )
        self.measures = prometheus.Counter(
            "hiroba_ingest_measures", "Measures, by outcome: accepted, or the reason", ("outcome",), registry=registry
        )
        self.batches = Histogram(
            "hiroba_ingest_batch_messages", "Messages in a batch", buckets=_SIZES, registry=registry
        )
        self.writes = Histogram("hiroba_ingest_write_seconds", "Time until a batch is committed", registry=registry)
        self.retries = prometheus.Counter(
            "hiroba_ingest_retries", "Attempts that found a part away", ("part",), registry=registry
        )
        self.waiting = Gauge("hiroba_ingest_waiting_messages", "Messages not yet in a batch", registry=registry)
        self.connected = Gauge("hiroba_ingest_mqtt_connected", "Whether the MQTT broker is there", registry=registry)
        self.dropped = prometheus.Counter(
            "hiroba_ingest_dropped_messages", "Messages of QoS 0 for which there was no room", registry=registry
        )

    def count(self, outcomes: Iterable[tuple[Arrival, Outcome]]) -> None:
        """Count messages that are settled, and their measures."""
        messages: Counter[Source] = Counter()
        measures: Counter[str] = Counter()
        accepted = 0
        for arrival, outcome in outcomes:
            messages[arrival.source] += 1
            accepted += outcome.accepted
            if outcome.refusals:
                measures.update(refusal.reason.value for refusal in outcome.refusals)
        measures["accepted"] = accepted
        for origin, number in messages.items():
            self.messages.labels(origin).inc(number)
        for name, number in measures.items():
            self.measures.labels(name).inc(number)
