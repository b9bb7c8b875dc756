"""MQTT's packets, as the specification's examples and a second implementation have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from services.ingest.mqtt import packets
from services.ingest.mqtt.packets import Hello, MalformedPacket, Message, Version

VERSIONS = pytest.mark.parametrize("version", Version)


@given(st.lists(st.tuples(st.text(max_size=40), st.binary(max_size=400), st.sampled_from([0, 1])), max_size=8))
def test_messages_come_back_however_the_stream_is_cut(told: list[tuple[str, bytes, int]]) -> None:
    stream = b"".join(
        packets.publish(Message(topic, payload, qos), place + 1, Version.V5)
        for place, (topic, payload, qos) in enumerate(told)
    )
    rest, found = bytearray(), []
    for start in range(0, len(stream), 7):
        rest += stream[start : start + 7]
        whole, used = packets.split(rest)
        del rest[:used]
        found += [packets.read_publish(first, body, Version.V5) for first, body in whole]
    assert not rest
    wanted = [(topic.encode(), place + 1 if qos else 0, payload) for place, (topic, payload, qos) in enumerate(told)]
    assert found == wanted


def test_a_length_of_more_than_four_bytes_is_no_packet() -> None:
    with pytest.raises(MalformedPacket):
        packets.split(b"\x30\xff\xff\xff\xff\x01")
    assert packets.split(b"\x30\xff\xff\xff") == ([], 0)


@VERSIONS
def test_a_session_that_is_kept_is_asked_for(version: Version) -> None:
    content = packets.connect(Hello(version, "ingest", False, 30, "ann", "s", 500))
    assert content[2:9] == b"\x00\x04MQTT" + bytes((version,))
    assert content[9] == 0xC0  # user and password, no clean start
    assert content[10:12] == b"\x00\x1e"
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 0xFFFFFFFF
    properties.ReceiveMaximum = 500
    told = properties.pack() if version is Version.V5 else b""
    assert content[12:] == told + b"\x00\x06ingest\x00\x03ann\x00\x01s"


def test_a_welcome_tells_what_the_broker_wants() -> None:
    properties = Properties(PacketTypes.CONNACK)
    properties.ServerKeepAlive = 10
    properties.AssignedClientIdentifier = "someone"
    properties.UserProperty = ("a", "b")
    properties.TopicAliasMaximum = 5
    properties.MaximumPacketSize = 70000
    welcome = packets.read_welcome(b"\x01\x00" + properties.pack(), Version.V5)
    assert (welcome.reason, welcome.is_session_present, welcome.keepalive_s, welcome.is_of_version_5) == (
        0,
        True,
        10,
        True,
    )
    old = packets.read_welcome(b"\x00\x01", Version.V5)
    assert (old.reason, old.is_of_version_5) == (1, False)


def test_properties_of_a_message_are_passed_over() -> None:
    properties = Properties(PacketTypes.PUBLISH)
    properties.ContentType = "application/json"
    properties.CorrelationData = b"x" * 200
    body = b"\x00\x01t\x00\x07" + properties.pack() + b"payload"
    assert packets.read_publish(0x32, body, Version.V5) == (b"t", 7, b"payload")


@VERSIONS
def test_the_reasons_of_subscriptions_follow_the_filters(version: Version) -> None:
    assert packets.subscribe(3, ["a/+"], version)[0] == 0x82
    properties = b"\x00" if version is Version.V5 else b""
    assert packets.read_granted(b"\x00\x03" + properties + b"\x01\x80", version) == (3, [1, 0x80])


@pytest.mark.parametrize("body", [b"", b"\x00", b"\x00\x05ab", b"\x00\x01t\x00", b"\x00\x01t\x00\x01\x7f"])
def test_a_message_that_ends_too_early_is_told(body: bytes) -> None:
    with pytest.raises((MalformedPacket, IndexError)):
        packets.read_publish(0x32, body, Version.V5)
