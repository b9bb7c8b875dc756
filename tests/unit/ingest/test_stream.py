"""The stream that takes messages out of what an MQTT broker sends, and leaves the rest to paho."""

import socket
from collections.abc import Iterator

import pytest

from services.ingest.mqtt.stream import Message, Stream

PINGRESP = b"\xd0\x00"
LONG = b"x" * 300


def publish(name: bytes, payload: bytes, mid: int = 0, properties: bytes = b"") -> bytes:
    """Write a PUBLISH packet, with QoS 1 where it has an identifier."""
    content = len(name).to_bytes(2) + name + (mid.to_bytes(2) if mid else b"") + properties + payload
    size = len(content)
    length = bytes((size,)) if size < 128 else bytes((size % 128 | 128, size // 128))
    return bytes((0x32 if mid else 0x30,)) + length + content


def told(messages: list[Message]) -> list[tuple[str, bytes, int]]:
    """Return what messages say."""
    return [(each.topic, each.payload, each.mid) for each in messages]


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return the broker's end of a connection and ours, which does not block."""
    broker, ours = socket.socketpair()
    with broker, ours:
        ours.setblocking(False)
        yield broker, ours


def test_messages_are_taken_out_wherever_their_bytes_are_cut(ends: tuple[socket.socket, socket.socket]) -> None:
    sent = publish(b"a/b", b"1", 7) + PINGRESP + publish(b"c", LONG) + publish("水位".encode(), b"", 65535)
    broker, ours = ends
    for cut in range(len(sent)):
        stream = Stream(ours, has_properties=False)
        for part in (sent[:cut], sent[cut:]):
            broker.sendall(part)
            stream.receive()
        assert told(stream.messages) == [("a/b", b"1", 7), ("c", LONG, 0), ("水位", b"", 65535)]
        assert (stream.recv(1), stream.recv(100)) == (b"\xd0", b"\x00")
        with pytest.raises(BlockingIOError):
            stream.recv(1)


def test_properties_of_mqtt_5_are_skipped(ends: tuple[socket.socket, socket.socket]) -> None:
    broker, ours = ends
    stream = Stream(ours, has_properties=True)
    for_two_bytes = b"\xac\x02" + b"p" * 300
    broker.sendall(publish(b"a", b"1", 1, b"\x00") + publish(b"b", b"2", 2, for_two_bytes))
    stream.receive()
    assert told(stream.messages) == [("a", b"1", 1), ("b", b"2", 2)]


@pytest.mark.parametrize(
    "sent",
    [b"\x30\xff\xff\xff\xff\x01", b"\x30\x04\x00\x09ab", b"\x34\x05\x00\x01a\x00\x01", b"\x32\x03\x00\x01a"],
    ids=["length", "topic", "quality of service", "no identifier"],
)
def test_what_is_not_mqtt_is_refused(ends: tuple[socket.socket, socket.socket], sent: bytes) -> None:
    broker, ours = ends
    broker.sendall(sent)
    with pytest.raises((ValueError, IndexError)):
        Stream(ours, has_properties=False).receive()


def test_acknowledgements_leave_together_in_their_order(ends: tuple[socket.socket, socket.socket]) -> None:
    broker, ours = ends
    stream = Stream(ours, has_properties=False)
    stream.acknowledge(1)
    stream.acknowledge(258)
    assert stream.send(PINGRESP) == 2
    assert broker.recv(100) == b"\x40\x02\x00\x01\x40\x02\x01\x02" + PINGRESP
    assert stream.flush()


def test_what_the_socket_does_not_take_waits(ends: tuple[socket.socket, socket.socket]) -> None:
    broker, ours = ends
    stream = Stream(ours, has_properties=False)
    packet = b"\x30" * 1_000_000
    assert stream.send(packet) == len(packet)
    stream.acknowledge(1)
    assert not stream.flush()
    left = len(packet) + 4
    while left:
        left -= len(broker.recv(left))
        stream.flush()
    assert stream.flush()


def test_the_end_of_the_connection_is_for_paho(ends: tuple[socket.socket, socket.socket]) -> None:
    broker, ours = ends
    stream = Stream(ours, has_properties=False)
    broker.sendall(publish(b"a", b"1", 1))
    broker.close()
    stream.receive()
    stream.receive()
    assert told(stream.messages) == [("a", b"1", 1)]
    assert stream.has_others
    assert stream.recv(1) == b""
