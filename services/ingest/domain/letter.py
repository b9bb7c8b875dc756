"""A dead letter: a measure that was refused, kept with its reason until somebody has looked at it."""

from dataclasses import dataclass
from datetime import datetime

from services.ingest.domain.arrival import Address, Arrival
from services.ingest.domain.refusal import Refusal

PAYLOAD_LIMIT = 65536
_LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What is parked. The payload is cut at 64 KiB; `payload_size` is that of the whole."""

    received_at: datetime
    tenant: str | None
    source: str
    topic: str
    address: Address | None
    payload: bytes
    payload_size: int
    refusal: Refusal
    letter_id: int = 0

    @property
    def is_whole(self) -> bool:
        """Tell whether the payload is all there, so that it can be sent again."""
        return len(self.payload) == self.payload_size


def dead_letter(arrival: Arrival, tenant: str | None, payload: bytes, refusal: Refusal) -> DeadLetter:
    """Make the letter of one measure of a message."""
    return DeadLetter(
        received_at=arrival.received_at,
        tenant=tenant,
        source=arrival.source,
        topic=storable(arrival.topic),
        address=arrival.address,
        payload=payload[:PAYLOAD_LIMIT],
        payload_size=len(payload),
        refusal=Refusal(refusal.reason, storable(refusal.detail)),
    )


def storable(text: str) -> str:
    """Make a text that PostgreSQL takes: no NUL, no lone surrogates, of bounded length."""
    return text[:_LONGEST_TEXT].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
