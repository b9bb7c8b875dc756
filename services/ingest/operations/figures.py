"""What ingest counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.ingest.domain.arrival import Outcome, Source

_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Figures:
    """Counters of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.messages = Counter(
            "hiroba_ingest_messages", "Messages of devices that are settled", ("source",), registry=registry
        )
        self.measures = Counter(
            "hiroba_ingest_measures", "Measures, by outcome: accepted, or the reason", ("outcome",), registry=registry
        )
        self.batches = Histogram(
            "hiroba_ingest_batch_messages", "Messages in a batch", buckets=_SIZES, registry=registry
        )
        self.writes = Histogram("hiroba_ingest_write_seconds", "Time until a batch is committed", registry=registry)
        self.retries = Counter("hiroba_ingest_retries", "Attempts that found a part away", ("part",), registry=registry)
        self.waiting = Gauge("hiroba_ingest_waiting_messages", "Messages not yet in a batch", registry=registry)
        self.connected = Gauge("hiroba_ingest_mqtt_connected", "Whether the MQTT broker is there", registry=registry)
        self.dropped = Counter(
            "hiroba_ingest_dropped_messages", "Messages of QoS 0 for which there was no room", registry=registry
        )

    def count(self, source: Source, outcome: Outcome) -> None:
        """Count a message that is settled, and its measures."""
        self.messages.labels(source).inc()
        if outcome.accepted:
            self.measures.labels("accepted").inc(outcome.accepted)
        for refusal in outcome.refusals:
            self.measures.labels(refusal.reason.value).inc()
