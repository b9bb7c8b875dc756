"""Topics and payloads of devices."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.codecs import payload as payloads
from services.ingest.codecs.payload import AliasBook, Limits, Part
from services.ingest.codecs.topic import FILTERS, SERVERS, is_command, read_topic, with_protocol_of
from services.ingest.domain.arrival import Address, Arrival
from services.ingest.domain.refusal import MeasureRefused, Reason

LIMITS = Limits(payload_bytes=1000, depth=4)


def read_parts(message: Arrival, limits: Limits) -> list[Part]:
    return payloads.read_parts(message, limits, AliasBook())


def arrival(payload: bytes, attribute: str | None = None, **more: Any) -> Arrival:
    address = Address("key", "dev", attribute)
    return Arrival("mqtt", "t", address, payload, datetime.now(UTC), lambda _: None, **more)


@pytest.mark.parametrize(
    ("topic", "address"),
    [
        ("/json/key/dev/attrs", Address("key", "dev")),
        ("json/key/dev/attrs", Address("key", "dev")),
        ("/key/dev/attrs", Address("key", "dev", protocol="any")),
        ("key/dev/attrs/t", Address("key", "dev", "t", protocol="any")),
        ("/json/key/dev/attrs/t", Address("key", "dev", "t")),
        ("/json/dev/attrs", Address("json", "dev", protocol="any")),
        ("/json/dev/attrs/t", Address("json", "dev", "t", protocol="any")),
        ("/ul/key/dev/attrs", Address("key", "dev", protocol="ul")),
        ("v3/app@ttn/devices/dev/up", Address("app@ttn", "dev", protocol="things-stack")),
        ("application/1/device/0a/event/up", Address("1", "0a", protocol="chirpstack")),
        ("spBv1.0/group/NDATA/node", Address("group", "node", protocol="sparkplug")),
        ("spBv1.0/group/DBIRTH/node/dev", Address("group", "node/dev", protocol="sparkplug")),
        ("/ul/key/dev/cmdexe", Address("key", "dev", protocol="ul", kind="cmdexe")),
        ("/json/key/dev/cmdexe", Address("key", "dev", kind="cmdexe")),
        ("key/dev/cmdexe", Address("key", "dev", protocol="any", kind="cmdexe")),
        ("ul/key/dev/attrs/t", Address("key", "dev", "t", protocol="ul")),
        ("/json/key/dev/configuration/commands", Address("key", "dev", kind="configuration")),
    ],
)
def test_a_topic_names_the_device(topic: str, address: Address) -> None:
    assert read_topic(topic) == address


@pytest.mark.parametrize("topic", ["", "/", "/json/key/dev", "/json/key/dev/cmd", "/json//dev/attrs", "k/d/attrs/a/b"])
def test_another_topic_is_refused(topic: str) -> None:
    with pytest.raises(MeasureRefused) as caught:
        read_topic(topic)
    assert caught.value.refusal.reason is Reason.BAD_TOPIC


def test_the_filters_cover_every_form_of_topic() -> None:
    heads = ("/json/", "json/", "/ul/", "ul/", "/", "")
    ends = ("attrs", "attrs/+", "cmdexe", "configuration/commands")
    assert set(FILTERS) == {f"{head}+/+/{end}" for head in heads for end in ends} | set(SERVERS)


def test_an_object_is_a_measure_and_an_array_is_several() -> None:
    assert [part.values for part in read_parts(arrival(b'{"a":1}'), LIMITS)] == [{"a": 1}]
    parts = read_parts(arrival(b'[{"a":1},{"a":2}]'), LIMITS)
    assert [(part.values, part.payload) for part in parts] == [({"a": 1}, b'[{"a":1}]'), ({"a": 2}, b'[{"a":2}]')]


def test_a_time_beside_the_payload_belongs_to_every_measure() -> None:
    [part] = read_parts(arrival(b'{"a":1}', more={"TimeInstant": "2026"}), LIMITS)
    assert part.values == {"a": 1, "TimeInstant": "2026"}
    assert part.payload == b'[{"a":1,"TimeInstant":"2026"}]'


@pytest.mark.parametrize(
    ("payload", "values"),
    [
        (b"5", [{"t": 5}]),
        (b'"open"', [{"t": "open"}]),
        (b"[1,2]", [{"t": [1, 2]}]),
        (b"\x01\xff", [{"t": "01ff"}]),
        (b"open", [{"t": "6f70656e"}]),
        (b'[{"timestamp":"x","value":1},{"timestamp":"y","value":2}]', [
            {"t": 1, "TimeInstant": "x"},
            {"t": 2, "TimeInstant": "y"},
        ]),
    ],
)  # fmt: skip
def test_a_payload_for_one_attribute_is_its_value(payload: bytes, values: list[dict[str, object]]) -> None:
    assert [part.values for part in read_parts(arrival(payload, "t"), LIMITS)] == values


def test_a_timed_value_can_be_sent_again_alone() -> None:
    first = read_parts(arrival(b'[{"timestamp":"x","value":1},{"timestamp":"y","value":2}]', "t"), LIMITS)[1]
    assert [part.values for part in read_parts(arrival(first.payload, "t"), LIMITS)] == [first.values]
    timed = read_parts(arrival(b"5", "t", more={"TimeInstant": "x"}), LIMITS)[0]
    assert [part.values for part in read_parts(arrival(timed.payload, "t"), LIMITS)] == [timed.values]


def test_text_and_bytes_are_values_as_they_are() -> None:
    assert read_parts(arrival(b"5", "t", form="text"), LIMITS)[0].values == {"t": "5"}
    assert read_parts(arrival(b"5", "t", form="bytes"), LIMITS)[0].values == {"t": "35"}


@pytest.mark.parametrize(
    ("payload", "attribute", "reason"),
    [
        (b"{", None, Reason.MALFORMED_JSON),
        (b"", None, Reason.MALFORMED_JSON),
        (b'{"a":NaN}', None, Reason.MALFORMED_JSON),
        (b'{"a":"\xff"}', None, Reason.MALFORMED_JSON),
        (b"[" * 5000, None, Reason.TOO_LARGE),
        (b'{"a":' * 4 + b"{}" + b"}" * 4, None, Reason.TOO_DEEP),
        (b"[" * 600 + b"]" * 300, None, Reason.MALFORMED_JSON),
        (b"3", None, Reason.NOT_A_MEASURE),
        (b"[]", None, Reason.NOT_A_MEASURE),
        (b'[{"a":1},2]', None, Reason.NOT_A_MEASURE),
        (b"", "t", Reason.EMPTY_VALUE),
    ],
)
def test_a_payload_that_is_no_measure_is_refused(payload: bytes, attribute: str | None, reason: Reason) -> None:
    with pytest.raises(MeasureRefused) as caught:
        read_parts(arrival(payload, attribute), LIMITS)
    assert caught.value.refusal.reason is reason


def test_nesting_up_to_the_limit_is_taken() -> None:
    assert read_parts(arrival(b'{"a":[[1]]}'), Limits(depth=3))[0].values == {"a": [[1]]}
    with pytest.raises(MeasureRefused):
        read_parts(arrival(b'{"a":[[1]]}'), Limits(depth=2))


@given(st.binary(max_size=200), st.sampled_from([None, "t"]))
def test_no_payload_makes_the_codec_fail_otherwise(payload: bytes, attribute: str | None) -> None:
    with contextlib.suppress(MeasureRefused):
        assert read_parts(arrival(payload, attribute), LIMITS) != []


def ultralight(payload: bytes, attribute: str | None = None, **more: Any) -> list[Part]:
    address = Address("key", "dev", attribute, protocol="ul")
    arrival = Arrival("mqtt", "/ul/key/dev/attrs", address, payload, datetime.now(UTC), lambda _: None, **more)
    return read_parts(arrival, LIMITS)


@pytest.mark.parametrize(
    ("payload", "measures"),
    [
        (b"t|15|k|abc", [{"t": 15, "k": "abc"}]),
        (b"t|10|s|true|l|78.8", [{"t": 10, "s": True, "l": 78.8}]),
        (b"gps|1.2/3.4#t|10", [{"gps": "1.2/3.4"}, {"t": 10}]),
        (b"2016-06-13T00:35:30Z|lle|100", [{"TimeInstant": "2016-06-13T00:35:30Z", "lle": 100}]),
        (b'a|[1,2]|b|{"c":1}|d|null', [{"a": [1, 2], "b": {"c": 1}, "d": None}]),
        ("n|I'm a string|水位|3".encode(), [{"n": "I'm a string", "水位": 3}]),
        (b"t|", [{"t": ""}]),
    ],
)
def test_ultralight_groups_are_measures(payload: bytes, measures: list[dict[str, Any]]) -> None:
    assert [part.values for part in ultralight(payload)] == measures


def test_an_ultralight_measure_that_is_parked_can_be_sent_again_alone() -> None:
    parts = ultralight(b"a|1#2020-01-01T00:00:00Z|b|2", more={"TimeInstant": "2026-01-01T00:00:00Z"})
    assert [part.payload for part in parts] == [b"2026-01-01T00:00:00Z|a|1", b"2026-01-01T00:00:00Z|b|2"]
    for part in parts:
        [again] = ultralight(part.payload)
        assert again.values == part.values


@pytest.mark.parametrize("payload", [b"t", b"|1", b"t|1#", b"\xff|1", b"t|1##t|2"])
def test_what_is_no_ultralight_is_refused(payload: bytes) -> None:
    with pytest.raises(MeasureRefused) as caught:
        ultralight(payload)
    assert caught.value.refusal.reason in (Reason.MALFORMED_ULTRALIGHT, Reason.EMPTY_VALUE)


def test_one_value_over_ultralight_has_its_native_type() -> None:
    assert [part.values for part in ultralight(b"70", "h")] == [{"h": 70}]
    assert [part.values for part in ultralight(b"open", "h")] == [{"h": "open"}]


def test_without_a_protocol_the_payload_is_read_as_it_looks() -> None:
    for payload, values in ((b'{"t":1}', {"t": 1}), (b"t|1", {"t": 1})):
        address = Address("key", "dev", protocol="any")
        [part] = read_parts(Arrival("mqtt", "t", address, payload, datetime.now(UTC), lambda _: None), LIMITS)
        assert part.values == values


@given(st.binary(max_size=60))
def test_no_ultralight_payload_breaks_the_stream(payload: bytes) -> None:
    with contextlib.suppress(MeasureRefused):
        for part in ultralight(payload):
            assert part.values


def test_a_letters_protocol_is_that_of_its_topic() -> None:
    plain = Address("key", "dev")
    assert with_protocol_of(plain, "/ul/key/dev/attrs").protocol == "ul"
    assert with_protocol_of(plain, "/iot/d").protocol == "ul"
    assert with_protocol_of(plain, "/iot/json/commands").kind == "cmdexe"
    assert with_protocol_of(plain, "nonsense") == plain


@pytest.mark.parametrize(
    ("topic", "wanted"),
    [
        ("spBv1.0/pumps/NCMD/station-3", True),
        ("spBv1.0/pumps/DCMD/station-3/pump-1", True),
        ("spBv1.0/pumps/NDATA/station-3", False),
        ("/json/NCMD/NCMD/attrs", False),
        ("spBv1.0", False),
    ],
)
def test_commands_of_hosts_are_known_by_their_topic(topic: str, wanted: bool) -> None:
    assert is_command(topic) is wanted


def test_soap_is_an_object_of_lists_by_local_names() -> None:
    body = b"""<soap:Envelope xmlns:soap="urn:s"><soap:Header/>
      <soap:Body><n:event xmlns:n="urn:n" n:id="7">beside<n:Status>Assigned</n:Status><n:Origin/></n:event></soap:Body>
    </soap:Envelope>"""
    event = {"$": {"xmlns:n": "urn:n", "id": "7"}, "Status": ["Assigned"], "Origin": [""], "_": "beside"}
    envelope = {"$": {"xmlns:soap": "urn:s"}, "Header": [""], "Body": [{"event": [event]}]}
    [part] = read_parts(arrival(body, "message", form="xml"), Limits(payload_bytes=1000, depth=16))
    assert (part.values, orjson.loads(part.payload)) == ({"message": {"Envelope": envelope}}, {"Envelope": envelope})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<a>", Reason.MALFORMED_XML),
        (b"", Reason.MALFORMED_XML),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', Reason.MALFORMED_XML),
        (b'<?xml version="1.0" encoding="none-such"?><a/>', Reason.MALFORMED_XML),
        (b"<a>" * 300 + b"</a>" * 300, Reason.TOO_DEEP),
    ],
)
def test_what_is_no_soap_is_refused(body: bytes, reason: Reason) -> None:
    with pytest.raises(MeasureRefused) as caught:
        read_parts(arrival(body, "message", form="xml"), Limits(payload_bytes=10_000, depth=16))
    assert caught.value.refusal.reason is reason


def test_a_text_that_is_kept_is_kept_so_that_it_can_be_sent_again() -> None:
    for form, body, kept in (("text", b"open", b'"open"'), ("bytes", b"\x01", b'"01"'), ("json", b" 1", b" 1")):
        [part] = read_parts(arrival(body, "door", form=form), LIMITS)
        assert part.payload == kept
        [again] = read_parts(arrival(part.payload, "door"), LIMITS)
        assert again.values == part.values
