"""Why a measure cannot become an entity, now or ever."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Reason codes of the dead letters."""

    BAD_TOPIC = "bad-topic"
    TOO_LARGE = "too-large"
    MALFORMED_JSON = "malformed-json"
    MALFORMED_ULTRALIGHT = "malformed-ultralight"
    MALFORMED_XML = "malformed-xml"
    MALFORMED_CAYENNE = "malformed-cayenne"
    MALFORMED_SPARKPLUG = "malformed-sparkplug"
    DECODER_FAILS = "decoder-fails"
    UNKNOWN_ALIAS = "unknown-alias"
    TOO_DEEP = "too-deep"
    NOT_A_MEASURE = "not-a-measure"
    EMPTY_MEASURE = "empty-measure"
    EMPTY_VALUE = "empty-value"
    NOT_A_NUMBER = "not-a-number"
    NOT_A_BOOLEAN = "not-a-boolean"
    NOT_A_TIME = "not-a-time"
    NOT_A_POSITION = "not-a-position"
    NOT_A_REFERENCE = "not-a-reference"
    BAD_NAME = "bad-name"
    BAD_TIMESTAMP = "bad-timestamp"
    UNKNOWN_APIKEY = "unknown-apikey"
    UNKNOWN_DEVICE = "unknown-device"
    QUOTA_REACHED = "quota-reached"
    TOO_MANY_MEASURES = "too-many-measures"
    UNKNOWN_COMMAND = "unknown-command"
    NOT_GRANTED = "not-granted"
    BROKER_REFUSES = "broker-refuses"
    BROKER_FAILS = "broker-fails"
    INGEST_FAILS = "ingest-fails"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason with its words, and after how many seconds it may hold no more, where that is known."""

    reason: Reason
    detail: str
    retry_after_s: int | None = None


class MeasureRefused(Exception):
    """The measure is refused as a whole"""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.refusal = Refusal(reason, detail)
        super().__init__(detail)
