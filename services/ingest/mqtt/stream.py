"""The bytes between paho-mqtt and the MQTT broker: messages are taken out of them, all other packets are paho's.

paho reads a packet with three calls of the socket, and makes of each message an object with a condition variable and
a search for callbacks: half of what a measure cost ingest. What is left to it is what makes a client: the session,
subscriptions, pings, publishing, TLS.
"""

import ssl
from dataclasses import dataclass
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTProtocolVersion

_PUBLISH: Final = 0x30
_TYPE: Final = 0xF0
_QOS_2: Final = 0x04
_PUBACK: Final = b"\x40\x02"
_READ_BYTES: Final = 65536
_MORE: Final = 0x80
_LONGEST_LENGTH: Final = 4
_NOTHING_NOW: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


@dataclass(slots=True, eq=False)
class Message:
    """A message as it came; `mid` is its packet identifier, 0 with QoS 0."""

    name: bytes
    payload: bytes
    qos: int
    mid: int

    @property
    def topic(self) -> str:
        """The topic. Raises UnicodeDecodeError."""
        return self.name.decode()


class Stream:
    """A connected socket that paho reads packets from and writes packets to, and messages are taken out of.

    Nothing blocks: what the socket does not take waits for `flush`. PUBLISH packets of QoS 0 and 1 (MQTT 3.1.1 and 5,
    section 3.3) are collected in `messages`; no other QoS is subscribed to. The properties of MQTT 5 are skipped:
    there are no aliases of topics, since CONNECT allows none.
    """

    def __init__(self, sock: Any, *, has_properties: bool) -> None:
        self._sock = sock
        self._has_properties = has_properties
        self._arrived = bytearray()
        self._others = bytearray()
        self._leaving = bytearray()
        self._is_ended = False
        self.messages: list[Message] = []

    @property
    def has_others(self) -> bool:
        """Whether there is something for paho to read: a packet that is no message, or the end."""
        return bool(self._others) or self._is_ended

    def receive(self) -> None:
        """Read what has arrived. Raises ValueError, IndexError where it is not MQTT."""
        try:
            while True:
                content = self._sock.recv(_READ_BYTES)
                self._is_ended = not content
                self._arrived += content
                if not (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending()):
                    break
        except _NOTHING_NOW:
            pass
        except OSError:
            self._is_ended = True
        self._part()

    def acknowledge(self, mid: int) -> None:
        """Let PUBACK wait for the next `flush`."""
        self._leaving += _PUBACK + mid.to_bytes(2)

    def flush(self) -> bool:
        """Write what waits, and tell whether all of it has left. Raises OSError."""
        try:
            while self._leaving:
                del self._leaving[: self._sock.send(self._leaving)]
        except _NOTHING_NOW:
            return False
        return True

    def recv(self, buffer_size: int) -> bytes:
        """Give paho what is no message. Raises BlockingIOError where there is nothing."""
        if not self._others and not self._is_ended:
            raise BlockingIOError
        taken = bytes(self._others[:buffer_size])
        del self._others[:buffer_size]
        return taken

    def send(self, buffer: bytes | bytearray) -> int:
        """Take a packet of paho's. Raises OSError."""
        self._leaving += buffer
        self.flush()
        return len(buffer)

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001  # paho's interface
        """Set whether the socket blocks."""
        self._sock.setblocking(flag)

    def fileno(self) -> int:
        """Return the socket's number."""
        number: int = self._sock.fileno()
        return number

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def _part(self) -> None:
        """Part what has arrived into messages and packets of other kinds; the rest of a packet is waited for."""
        arrived, at = self._arrived, 0
        while True:
            start, end = _bounds(arrived, at)
            if end > len(arrived):
                break
            first = arrived[at]
            if first & _TYPE == _PUBLISH:
                self.messages.append(self._message(first, start, end))
            else:
                self._others += arrived[at:end]
            at = end
        del arrived[:at]

    def _message(self, first: int, start: int, end: int) -> Message:
        arrived = self._arrived
        if first & _QOS_2:
            raise ValueError("a message with a QoS that nobody asked for")
        name_at, qos = start + 2, first >> 1 & 1
        at = name_at + (arrived[start] << 8 | arrived[start + 1])
        name, mid = bytes(arrived[name_at:at]), 0
        if qos:
            mid = arrived[at] << 8 | arrived[at + 1]
            at += 2
        if self._has_properties:
            at = sum(_length(arrived, at))
        if at > end:
            raise ValueError("a message that is longer than its packet")
        return Message(name, bytes(arrived[at:end]), qos, mid)


class StreamingClient(paho.Client):
    """paho's client, whose socket is a `Stream`: the place at which paho itself puts websockets in between."""

    stream: Stream

    def _create_socket(self) -> Stream:
        has_properties = self.protocol is MQTTProtocolVersion.MQTTv5
        self.stream = Stream(super()._create_socket(), has_properties=has_properties)
        return self.stream


def _bounds(packets: bytearray, at: int) -> tuple[int, int]:
    """Return where the packet at `at` has its content and its end, behind all that has arrived if that is open."""
    try:
        start, size = _length(packets, at + 1)
    except IndexError:
        return len(packets), len(packets) + 1
    return start, start + size


def _length(packets: bytearray, at: int) -> tuple[int, int]:
    """Read a variable byte integer (MQTT 5.0, 1.5.5); return the place behind it and its value.

    Raises IndexError where it is not all there, ValueError where it is too long.
    """
    value = packets[at]
    if value < _MORE:
        return at + 1, value
    value &= _MORE - 1
    for place in range(1, _LONGEST_LENGTH):
        byte = packets[at + place]
        value |= (byte & _MORE - 1) << 7 * place
        if byte < _MORE:
            return at + place + 1, value
    raise ValueError("a length of more than four bytes")
