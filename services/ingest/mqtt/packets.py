"""The packets of MQTT that a receiver needs, 3.1.1 and 5.0, as bytes. No I/O.

A packet is one byte of kind and flags, its length (a variable byte integer), and that many bytes (MQTT 5.0, 2.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

PUBLISH: Final = 0x30
CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, DISCONNECT = 0x20, 0x40, 0x50, 0x60, 0x70, 0x90, 0xE0
PING: Final = b"\xc0\x00"
LEAVE: Final = b"\xe0\x00"
FAILURE: Final = 0x80
UNSUPPORTED_VERSION: Final = 0x84
NEVER: Final = 0xFFFFFFFF
"""Session expiry: the broker keeps the session."""
_TWO: Final = 2
_LONGEST_LENGTH: Final = 4
_SERVER_KEEP_ALIVE: Final = 0x13
_NUMBERS: Final = {
    **dict.fromkeys((0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A), 1),
    **dict.fromkeys((0x13, 0x21, 0x22, 0x23), 2),
    **dict.fromkeys((0x02, 0x11, 0x18, 0x27), 4),
}
_TEXTS: Final = frozenset({0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F})
_PAIR: Final = 0x26


class Version(IntEnum):
    """Versions of the protocol, as CONNECT names them."""

    V311 = 4
    V5 = 5


class MalformedPacket(ValueError):
    """The broker sends what is not MQTT"""


@dataclass(frozen=True, slots=True)
class Hello:
    """What a client says when it comes. A session that is not clean is kept by the broker while the client is away.

    `receive_maximum` 0 leaves every property out, for a broker that may not know them.
    """

    version: Version
    client_id: str
    is_clean: bool
    keepalive_s: int
    user: str | None = None
    password: str = ""
    receive_maximum: int = 0


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to CONNECT: 0 is yes. `keepalive_s` is what the broker wants, if it does."""

    reason: int
    is_session_present: bool
    keepalive_s: int | None = None
    is_of_version_5: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What a client publishes."""

    topic: str
    payload: bytes
    qos: int = 0
    is_retained: bool = False


def split(content: bytes | bytearray) -> tuple[list[tuple[int, bytes]], int]:
    """Return the whole packets at the start, by first byte and body, and how many bytes they take.

    Raises MalformedPacket.
    """
    found: list[tuple[int, bytes]] = []
    at, end = 0, len(content)
    while end - at >= _TWO:
        size = content[at + 1]
        start = at + 2
        if size & FAILURE:
            size, start = _length(content, at + 1)
            if not start:
                break
        if start + size > end:
            break
        found.append((content[at], bytes(content[start : start + size])))
        at = start + size
    return found, at


def _length(content: bytes | bytearray, at: int) -> tuple[int, int]:
    """Read a variable byte integer; the place after it is 0 where it is not whole yet."""
    value = 0
    for place in range(_LONGEST_LENGTH):
        if at + place >= len(content):
            return 0, 0
        byte = content[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if not byte & FAILURE:
            return value, at + place + 1
    raise MalformedPacket("A length has more than four bytes")


def read_publish(first: int, body: bytes, version: Version) -> tuple[bytes, int, bytes]:
    """Return topic, packet identifier (0 with QoS 0) and payload of a PUBLISH (3.3). Raises MalformedPacket."""
    size = int.from_bytes(body[:2], "big")
    at = 2 + size
    topic = body[2:at]
    mid = 0
    if first & 0x06:
        mid = int.from_bytes(body[at : at + 2], "big")
        at += 2
    if version is Version.V5:
        length, at = (body[at], at + 1) if at < len(body) and body[at] < FAILURE else _length(body, at)
        at += length
    if len(topic) != size or at > len(body) or not at:
        raise MalformedPacket("A PUBLISH ends too early")
    return topic, mid, body[at:]


def read_welcome(body: bytes, version: Version) -> Welcome:
    """Read a CONNACK (3.2), of 3.1.1 too where the broker answers a newer client so. Raises MalformedPacket."""
    if len(body) < _TWO:
        raise MalformedPacket("A CONNACK ends too early")
    is_new = version is Version.V5 and len(body) > _TWO
    keepalive_s = _properties(body, 2).get(_SERVER_KEEP_ALIVE) if is_new else None
    return Welcome(body[1], bool(body[0] & 1), keepalive_s, is_new)


def _properties(body: bytes, at: int) -> dict[int, int]:
    """Read the properties that are numbers (2.2.2); the others are passed over. Raises MalformedPacket."""
    size, at = _length(body, at)
    end, found = at + size, {}
    while at < end:
        kind, at = body[at], at + 1
        if kind in _NUMBERS:
            found[kind] = int.from_bytes(body[at : at + _NUMBERS[kind]], "big")
            at += _NUMBERS[kind]
        elif kind in _TEXTS or kind == _PAIR:
            for _ in range(2 if kind == _PAIR else 1):
                at += 2 + int.from_bytes(body[at : at + 2], "big")
        else:
            raise MalformedPacket(f"Property {kind} is not known")
    return found


def read_identifier(body: bytes) -> tuple[int, int]:
    """Return the packet identifier of an acknowledgement, and its reason (0: as asked). Raises MalformedPacket."""
    if len(body) < _TWO:
        raise MalformedPacket("An acknowledgement ends too early")
    return int.from_bytes(body[:2], "big"), body[2] if len(body) > _TWO else 0


def read_granted(body: bytes, version: Version) -> tuple[int, list[int]]:
    """Return the packet identifier of a SUBACK and the reason for each filter (3.9). Raises MalformedPacket."""
    mid, _ = read_identifier(body)
    at = 2
    if version is Version.V5:
        size, at = _length(body, 2)
        at += size
    return mid, list(body[at:])


def connect(hello: Hello) -> bytes:
    """Write a CONNECT (3.1)."""
    flags = 0x02 if hello.is_clean else 0
    rest = _text(hello.client_id)
    if hello.user is not None:
        flags |= 0xC0
        rest += _text(hello.user) + _text(hello.password)
    properties = b""
    if hello.version is Version.V5:
        told = b""
        if hello.receive_maximum:
            told = b"\x11" + NEVER.to_bytes(4, "big") + b"\x21" + hello.receive_maximum.to_bytes(2, "big")
        properties = bytes((len(told),)) + told
    head = _text("MQTT") + bytes((hello.version, flags)) + hello.keepalive_s.to_bytes(2, "big")
    return _packet(0x10, head + properties + rest)


def subscribe(mid: int, filters: Sequence[str], version: Version) -> bytes:
    """Write a SUBSCRIBE with QoS 1 (3.8); retained messages come only with a subscription that is new (MQTT 5)."""
    options = 0x11 if version is Version.V5 else 0x01
    properties = b"\x00" if version is Version.V5 else b""
    wanted = b"".join(_text(each) + bytes((options,)) for each in filters)
    return _packet(0x82, mid.to_bytes(2, "big") + properties + wanted)


def publish(message: Message, mid: int, version: Version) -> bytes:
    """Write a PUBLISH (3.3)."""
    identifier = mid.to_bytes(2, "big") if message.qos else b""
    properties = b"\x00" if version is Version.V5 else b""
    first = PUBLISH | message.qos << 1 | int(message.is_retained)
    return _packet(first, _text(message.topic) + identifier + properties + message.payload)


def acknowledgement(kind: int, mid: int) -> bytes:
    """Write a PUBACK, PUBREC, PUBREL or PUBCOMP that says yes (3.4)."""
    flags = 0x02 if kind == PUBREL else 0
    return bytes((kind | flags, 2)) + mid.to_bytes(2, "big")


def _packet(first: int, body: bytes) -> bytes:
    size, length = len(body), bytearray()
    while True:
        size, digit = size >> 7, size & 0x7F
        length.append(digit | FAILURE if size else digit)
        if not size:
            return bytes((first,)) + bytes(length) + body


def _text(words: str) -> bytes:
    content = words.encode()
    return len(content).to_bytes(2, "big") + content
