"""What becomes of the messages of ThingsBoard's devices and gateways."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from services.ingest.codecs.payload import AliasBook, Limits, read_parts
from services.ingest.codecs.thingsboard import parted
from services.ingest.codecs.topic import THINGSBOARD, read_topic
from services.ingest.domain.arrival import Arrival, Outcome
from services.ingest.domain.refusal import MeasureRefused, Reason

NOW = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)
SEEN = [
    {"ts": 1787187600000, "values": {"temperature": 42, "id": "x"}},
    {"ts": 1787187660000, "values": {"temperature": 43}},
]


def arrival(what: str, payload: Any, settled: list[Outcome] | None = None) -> Arrival:
    topic = f"rivers/gw-1/v1/{what}"
    content = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    settle = [].append if settled is None else settled.append
    return Arrival("mqtt", topic, read_topic(topic), content, NOW, settle)


def measures(what: str, payload: Any) -> dict[str, list[Any]]:
    found = {}
    for each in parted(arrival(what, payload)):
        assert each.address is not None
        assert each.address.apikey == "rivers"
        assert read_topic(each.topic) == each.address
        found[each.address.device_id] = [dict(part.values) for part in read_parts(each, Limits(), AliasBook())]
    return found


@pytest.mark.parametrize(
    ("what", "payload", "expected"),
    [
        (
            "gateway/telemetry",
            {"Device A": SEEN, "Device B": [{"humidity": 40}]},
            {
                "Device A": [
                    {"temperature": 42, "id": "x", "TimeInstant": 1787187600000},
                    {"temperature": 43, "TimeInstant": 1787187660000},
                ],
                "Device B": [{"humidity": 40}],
            },
        ),
        ("gateway/attributes", {"Device A": {"version": "1.0"}}, {"Device A": [{"version": "1.0"}]}),
        ("gateway/connect", {"device": "Device A", "type": "gauge"}, {"Device A": [{"online": True}]}),
        ("gateway/disconnect", {"device": "Device A"}, {"Device A": [{"online": False}]}),
        ("devices/me/telemetry", {"level": 1, "values": 2}, {"gw-1": [{"level": 1, "values": 2}]}),
        ("devices/me/telemetry", SEEN[1], {"gw-1": [{"temperature": 43, "TimeInstant": 1787187660000}]}),
        ("devices/me/attributes", {"version": "1.0"}, {"gw-1": [{"version": "1.0"}]}),
    ],
)
def test_each_device_in_a_message_has_its_own_measures(what: str, payload: Any, expected: Any) -> None:
    assert measures(what, payload) == expected


def test_a_message_is_settled_with_the_last_of_its_devices() -> None:
    settled: list[Outcome] = []
    first, last = parted(arrival("gateway/telemetry", {"A": [{"v": 1}], "B": [{"v": 2}]}, settled))
    first.settle(Outcome(1))
    assert settled == []
    last.settle(Outcome(1))
    assert settled == [Outcome(1)]


@pytest.mark.parametrize(
    ("what", "payload", "reason"),
    [
        ("gateway/telemetry", b"{", Reason.MALFORMED_JSON),
        ("gateway/telemetry", [], Reason.NOT_A_MEASURE),
        ("gateway/telemetry", {}, Reason.NOT_A_MEASURE),
        ("gateway/telemetry", {"A": [1]}, Reason.NOT_A_MEASURE),
        ("gateway/telemetry", {"A" * 201: [{"v": 1}]}, Reason.BAD_TOPIC),
        ("gateway/connect", {"type": "gauge"}, Reason.BAD_TOPIC),
        ("devices/me/telemetry", 5, Reason.NOT_A_MEASURE),
        ("gateway/telemetry", b" " * 1_100_000, Reason.TOO_LARGE),
    ],
)
def test_a_message_that_cannot_be_read_is_refused_as_a_whole(what: str, payload: Any, reason: Reason) -> None:
    message = arrival(what, payload)
    assert parted(message) == (message,)
    with pytest.raises(MeasureRefused) as caught:
        read_parts(message, Limits(payload_bytes=2_000_000), AliasBook())
    assert caught.value.refusal.reason is reason


def test_other_topics_of_thingsboard_are_none_of_ours() -> None:
    assert all(read_topic(f"k/d/{each}").protocol == "thingsboard" for each in THINGSBOARD)
    for topic in ("k/d/v1/gateway/rpc", "k/d/v1/devices/me/rpc/request/1", "v1/gateway/telemetry"):
        with pytest.raises(MeasureRefused):
            read_topic(topic)
