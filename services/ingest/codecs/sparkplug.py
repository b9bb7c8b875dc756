"""Payloads of Sparkplug B (Eclipse Sparkplug 3.0, chapter 6): protocol buffers read by hand.

Payload: 1 timestamp, 2 metrics, 3 seq, 4 uuid, 5 body. Metric: 1 name, 2 alias, 3 timestamp, 4 datatype, 7 is_null,
from 10 on its value. Template: 2 metrics, 5 is_definition.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.ingest.codecs.sparkplug_values import DatatypeUnknown, value_of
from services.ingest.codecs.wire import read_fields, write_varint
from services.ingest.domain.refusal import MeasureRefused, Reason

_TEMPLATE: Final = 18
_MOST_METRICS: Final = 10_000
_MOST_LEVELS: Final = 5
_COMPRESSED: Final = b"SPBV1.0_COMPRESSED"
_MOST_INFLATED_BYTES: Final = 1_048_576
_GZIP_OR_ZLIB: Final = 47  # as zlib's wbits
_BROKEN: Final = (ValueError, IndexError, TypeError, AttributeError, struct.error, zlib.error)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name or, after the birth, perhaps only its alias; its fields by number, empty where it is null.

    The `parts` are the metrics of a template. After the birth a metric need not tell its datatype.
    """

    name: str | None
    alias: int | None
    datatype: int | None
    timestamp_ms: int | None
    fields: Mapping[int, Any]
    parts: tuple["Metric", ...] = ()

    def value(self, datatype: int | None) -> Any:
        """Return the value as one of its own datatype, or that of the birth. Raises MeasureRefused, DatatypeUnknown."""
        try:
            return value_of(self.fields, self.datatype or datatype)
        except DatatypeUnknown:
            raise
        except _BROKEN as error:
            raise _malformed(error) from error


@dataclass(frozen=True, slots=True)
class Payload:
    """The metrics of a message."""

    timestamp_ms: int | None
    metrics: tuple[Metric, ...]
    seq: int | None


def read_payload(content: bytes) -> Payload:
    """Read a payload, also a compressed one. Raises MeasureRefused."""
    try:
        fields = list(read_fields(content))
        if (4, _COMPRESSED) in fields:
            fields = list(read_fields(_inflated(dict(fields)[5])))
        metrics = [_read_metric(value, 0) for field, value in fields if field == 2 and isinstance(value, bytes)]
    except _BROKEN as error:
        raise _malformed(error) from error
    except KeyError as error:
        raise _malformed("it is compressed and has no body") from error
    if len(metrics) > _MOST_METRICS:
        raise _malformed(f"it has more than {_MOST_METRICS} metrics")
    numbers = {field: value for field, value in fields if isinstance(value, int)}
    return Payload(numbers.get(1), tuple(metrics), numbers.get(3))


def rebirth_request(timestamp_ms: int) -> bytes:
    """Write the command by which a node is asked for its birth (clause 6.4.22)."""
    name = b"Node Control/Rebirth"
    metric = b"\x0a" + bytes((len(name),)) + name + b"\x20\x0b\x70\x01"
    return b"\x08" + write_varint(timestamp_ms) + b"\x12" + bytes((len(metric),)) + metric


def _inflated(body: Any) -> bytes:
    work = zlib.decompressobj(_GZIP_OR_ZLIB)
    content = work.decompress(body, _MOST_INFLATED_BYTES)
    if work.unconsumed_tail or not work.eof:
        raise ValueError(f"its body is cut off, or larger than {_MOST_INFLATED_BYTES} bytes")
    return content


def _read_metric(content: bytes, level: int) -> Metric:
    found: dict[int, Any] = dict(read_fields(content))
    name = found[1].decode() if isinstance(found.get(1), bytes) else None
    alias, timestamp, datatype = (found[at] if isinstance(found.get(at), int) else None for at in (2, 3, 4))
    parts: tuple[Metric, ...] = ()
    if _TEMPLATE in found and not found.get(7):
        parts = _read_template(found[_TEMPLATE], level + 1)
    value = {} if found.get(7) else {field: each for field, each in found.items() if field > 9}
    return Metric(name or None, alias, datatype, timestamp, value, parts)


def _read_template(content: bytes, level: int) -> tuple[Metric, ...]:
    """Return the metrics of a template's instance; a definition has none."""
    if level > _MOST_LEVELS:
        raise ValueError(f"its templates are nested deeper than {_MOST_LEVELS}")
    fields = list(read_fields(content))
    if dict(fields).get(5):
        return ()
    return tuple(_read_metric(value, level) for field, value in fields if field == 2 and isinstance(value, bytes))


def _malformed(error: object) -> MeasureRefused:
    return MeasureRefused(Reason.MALFORMED_SPARKPLUG, f"The payload is not Sparkplug B: {error}")
