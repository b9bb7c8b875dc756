"""Topics and payloads of devices."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.codecs.json_payload import Limits, read_parts
from services.ingest.codecs.topic import FILTERS, read_topic
from services.ingest.domain.arrival import Address, Arrival
from services.ingest.domain.refusal import MeasureRefused, Reason

LIMITS = Limits(payload_bytes=1000, depth=4)


def arrival(payload: bytes, attribute: str | None = None, **more: Any) -> Arrival:
    address = Address("key", "dev", attribute)
    return Arrival("mqtt", "t", address, payload, datetime.now(UTC), lambda _: None, **more)


@pytest.mark.parametrize(
    ("topic", "address"),
    [
        ("/json/key/dev/attrs", Address("key", "dev")),
        ("json/key/dev/attrs", Address("key", "dev")),
        ("/key/dev/attrs", Address("key", "dev")),
        ("key/dev/attrs/t", Address("key", "dev", "t")),
        ("/json/key/dev/attrs/t", Address("key", "dev", "t")),
        ("/json/dev/attrs", Address("json", "dev")),
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
    assert set(FILTERS) == {f"{head}+/+/attrs{end}" for head in ("/json/", "json/", "/", "") for end in ("", "/+")}


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
