"""Payloads of Sparkplug B (Eclipse Sparkplug 3.0, chapter 6): protocol buffers read by hand.

Payload: 1 timestamp, 2 metrics, 3 seq. Metric: 1 name, 2 alias, 3 timestamp, 4 datatype, 7 is_null, 10 int, 11 long,
12 float, 13 double, 14 boolean, 15 string, 16 bytes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from services.ingest.domain.refusal import MeasureRefused, Reason

_SIGNED_BITS: Final = {1: 8, 2: 16, 3: 32, 4: 64}
_DATE_TIME: Final = 13
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_LONGEST_VARINT: Final = 10
_MOST_METRICS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name or, after the birth, only its alias; `value` None where it is null."""

    name: str | None
    alias: int | None
    value: Any
    timestamp_ms: int | None


@dataclass(frozen=True, slots=True)
class Payload:
    """The metrics of a message."""

    timestamp_ms: int | None
    metrics: tuple[Metric, ...]
    seq: int | None


def read_payload(content: bytes) -> Payload:
    """Read a payload. Raises MeasureRefused."""
    timestamp = seq = None
    metrics: list[Metric] = []
    try:
        for field, value in _fields(content):
            match field, value:
                case 1, int():
                    timestamp = value
                case 2, bytes():
                    metrics.append(_read_metric(value))
                case 3, int():
                    seq = value
    except (ValueError, IndexError, struct.error, UnicodeDecodeError) as error:
        raise MeasureRefused(Reason.MALFORMED_SPARKPLUG, f"The payload is not Sparkplug B: {error}") from error
    if len(metrics) > _MOST_METRICS:
        raise MeasureRefused(Reason.MALFORMED_SPARKPLUG, f"The payload has more than {_MOST_METRICS} metrics")
    return Payload(timestamp, tuple(metrics), seq)


def rebirth_request(timestamp_ms: int) -> bytes:
    """Write the command by which a node is asked for its birth (clause 6.4.22)."""
    name = b"Node Control/Rebirth"
    metric = b"\x0a" + bytes((len(name),)) + name + b"\x20\x0b\x70\x01"
    return b"\x08" + _written(timestamp_ms) + b"\x12" + bytes((len(metric),)) + metric


def _written(number: int) -> bytes:
    groups = []
    while number >= 0x80:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*groups, number))


def _read_metric(content: bytes) -> Metric:
    found: dict[int, Any] = dict(_fields(content))
    name = found[1].decode() if isinstance(found.get(1), bytes) else None
    alias = found.get(2) if isinstance(found.get(2), int) else None
    timestamp = found.get(3) if isinstance(found.get(3), int) else None
    return Metric(name or None, alias, None if found.get(7) else _value(found), timestamp)


def _value(found: dict[int, Any]) -> Any:
    datatype = found.get(4, 0)
    if 10 in found or 11 in found:
        number = int(found[10] if 10 in found else found[11])
        bits = _SIGNED_BITS.get(datatype)
        if bits is not None and number >= 1 << (bits - 1):
            number = (number & ((1 << bits) - 1)) - (1 << bits) if number & (1 << (bits - 1)) else number
        return {"@type": "DateTime", "ms": number} if datatype == _DATE_TIME else number
    if 12 in found:
        return round(struct.unpack("<f", found[12])[0], 6)
    if 13 in found:
        return struct.unpack("<d", found[13])[0]
    if 14 in found:
        return bool(found[14])
    if 15 in found:
        return found[15].decode()
    return found[16].hex() if 16 in found else None


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the fields of a message: numbers as they are, everything else as bytes."""
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            number, at = _varint(content, at)
            yield field, number
            continue
        if kind == _BYTES:
            size, at = _varint(content, at)
        elif kind in (_FIXED_64, _FIXED_32):
            size = 8 if kind == _FIXED_64 else 4
        else:
            raise ValueError(f"wire type {kind} is not known")
        if at + size > len(content):
            raise ValueError("a field is cut off")
        yield field, content[at : at + size]
        at += size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    number = 0
    for place in range(_LONGEST_VARINT):
        byte = content[at + place]
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return number & 0xFFFFFFFFFFFFFFFF, at + place + 1
    raise ValueError("a number is too long")
