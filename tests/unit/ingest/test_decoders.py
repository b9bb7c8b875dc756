"""What payload decoders make of unusual and broken messages."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.codecs.aliases import AliasBook
from services.ingest.codecs.cayenne import read_cayenne
from services.ingest.codecs.decoder import read_decoder
from services.ingest.codecs.lorawan import read_chirpstack, read_things_stack
from services.ingest.codecs.sparkplug import read_payload
from services.ingest.domain.refusal import MeasureRefused, Reason

NOW = datetime(2026, 8, 20, tzinfo=UTC)
ENDS = {"device_id": "d", "application_ids": {"application_id": "a"}}
INFO = {"applicationId": "a", "devEui": "0a"}


def refusal(work: Callable[[], Any]) -> Reason:
    with pytest.raises(MeasureRefused) as caught:
        work()
    return caught.value.refusal.reason


def test_what_a_network_server_leaves_out_since_it_is_0_is_0() -> None:
    uplink = read_things_stack({"end_device_ids": ENDS, "uplink_message": {"session_key_id": "s"}})
    assert uplink is not None
    assert (uplink.values, uplink.identity) == ({"f_port": 0, "f_cnt": 0}, "s/0")
    uplink = read_chirpstack({"deviceInfo": INFO, "data": ""})
    assert uplink is not None
    assert uplink.values == {"f_port": 0, "f_cnt": 0, "frm_payload": ""}


def test_a_gateway_that_does_not_tell_how_well_it_heard_is_not_the_best() -> None:
    heard = [{"gateway_ids": {"gateway_id": "broker"}}, {"gateway_ids": {"gateway_id": "hall"}, "rssi": -97, "snr": -3}]
    uplink = read_things_stack({"end_device_ids": ENDS, "uplink_message": {"rx_metadata": heard}})
    assert uplink is not None
    assert (uplink.values["gateway"], uplink.values["rssi"]) == ("hall", -97)


def test_other_events_of_network_servers_are_no_measures() -> None:
    assert read_things_stack({"end_device_ids": ENDS, "join_accept": {}}) is None
    assert read_chirpstack({"deviceInfo": INFO, "batteryLevel": 88.9}) is None
    assert read_chirpstack({"deviceInfo": INFO, "integrationName": "modem", "object": {"soc": 3}}) is None


@pytest.mark.parametrize("decoder", ["cayenne-lpp", {"values": {"t": "frm_payload|length"}}])
@pytest.mark.parametrize("payload", [{}, {"frm_payload": ""}])
def test_an_uplink_without_a_payload_is_how_it_was_received_whatever_decodes_the_others(
    decoder: Any, payload: dict[str, str]
) -> None:
    heard = [{"gateway_ids": {"gateway_id": "hall"}, "rssi": -97}]
    uplink = read_things_stack(
        {"end_device_ids": ENDS, "uplink_message": {"f_cnt": 3, "rx_metadata": heard, **payload}}
    )
    found = read_decoder(decoder)
    assert uplink is not None
    assert found is not None
    assert found.decode(uplink.values, NOW) == [{"f_port": 0, "f_cnt": 3, "gateway": "hall", "rssi": -97}]


def test_an_uplink_that_does_not_say_of_whom_is_refused() -> None:
    assert refusal(lambda: read_things_stack({"uplink_message": {}})) is Reason.NOT_A_MEASURE
    assert refusal(lambda: read_chirpstack({"deviceInfo": {}, "data": ""})) is Reason.NOT_A_MEASURE
    assert refusal(lambda: read_chirpstack([])) is Reason.NOT_A_MEASURE


def test_what_is_an_uplink_of_another_form_is_no_event_to_be_left() -> None:
    former = {"applicationID": "1", "devEUI": "AQEBAQEBAQE=", "fCnt": 4, "fPort": 1, "data": "AQID", "rxInfo": []}
    assert refusal(lambda: read_chirpstack(former)) is Reason.NOT_A_MEASURE
    assert refusal(lambda: read_things_stack({"end_device_ids": ENDS, "uplink_message": "x"})) is Reason.NOT_A_MEASURE


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ("0167ffff", {"temperature_1": -0.1}),
        ("017104d2fb2e0000", {"accelerometer_1": {"x": 1.234, "y": -1.234, "z": 0}}),
        ("0600010701ff", {"digital_in_6": 1, "digital_out_7": 255}),
        ("0187ff8000", {"colour_1": {"r": 255, "g": 128, "b": 0}}),
        ("01856a960500", {"unixtime_1": 1788216576}),
        ("038200000ce4", {"distance_3": 3.3}),
        ("03670110056700ff", {"temperature_3": 27.2, "temperature_5": 25.5}),
        (
            "3c7001f631be04d232bf010e37bc012c",
            {
                "relative_humidity_60": 50.2,
                "wind_speed_49": 12.34,
                "wind_direction_50": 270,
                "soil_moisture_55": 30.0,
            },
        ),
        ("0a890226d7a0081ee4f2ff8ad0", {"gps_10": {"type": "Point", "coordinates": [136.242418, 36.1, -300.0]}}),
    ],
)
def test_cayenne_values_have_their_type_and_channel(content: str, values: dict[str, Any]) -> None:
    assert read_cayenne(bytes.fromhex(content)) == values


@pytest.mark.parametrize("content", ["01", "0167", "016701", "01ff00", "0188000000"])
def test_cayenne_that_is_cut_off_or_unknown_is_refused(content: str) -> None:
    assert refusal(lambda: read_cayenne(bytes.fromhex(content))) is Reason.MALFORMED_CAYENNE


@given(st.binary(max_size=80))
def test_no_bytes_break_the_binary_decoders(content: bytes) -> None:
    for read in (read_cayenne, lambda payload: AliasBook().read("NBIRTH", ("g", "n"), read_payload(payload))):
        with contextlib.suppress(MeasureRefused):
            read(content)


def test_a_payload_over_another_protocol_is_decoded_from_hexadecimal_digits() -> None:
    decoder = read_decoder("cayenne-lpp")
    assert decoder is not None
    [values] = decoder.decode({"lpp": "016700eb", "TimeInstant": "2026"}, NOW)
    assert values == {"temperature_1": 23.5, "TimeInstant": "2026"}
    assert refusal(lambda: decoder.decode({"a": "00", "b": "00"}, NOW)) is Reason.MALFORMED_CAYENNE
    assert refusal(lambda: decoder.decode({"frm_payload": "!"}, NOW)) is Reason.MALFORMED_CAYENNE


def test_a_mapping_leaves_out_what_has_no_value() -> None:
    decoder = read_decoder({"values": {"a": "x.y", "b": "missing", "c": "message.x.y + 1"}})
    assert decoder is not None
    assert decoder.decode({"x": {"y": 1}}, NOW) == [{"a": 1, "c": 2}]
    listed = read_decoder({"each": "rows", "values": {"v": "value * 2", "n": "item"}})
    assert listed is not None
    assert listed.decode({"rows": [1, 2]}, NOW) == [{"v": 2, "n": 1}, {"v": 4, "n": 2}]
    assert refusal(lambda: listed.decode({"rows": 5}, NOW)) is Reason.NOT_A_MEASURE


@pytest.mark.parametrize(
    "value",
    ["lpp", 5, {}, {"values": {}}, {"values": {"a": "("}}, {"values": {"a": 5}}, {"values": {"a": "b"}, "x": 1}],
)
def test_a_decoder_that_is_none_is_refused_when_it_is_written(value: Any) -> None:
    with pytest.raises(ValueError, match="decoder"):
        read_decoder(value)


def _decoded(expression: str, message: dict[str, Any]) -> list[Any]:
    decoder = read_decoder({"jsonata": expression})
    assert decoder is not None
    return list(decoder.decode(message, NOW))


@pytest.mark.parametrize(
    ("expression", "measures"),
    [
        ("{'t': $number(t), 'none': missing}", [{"t": 21.5}]),
        ("readings.{'v': $}", [{"v": 1}, {"v": 2}]),
        ("missing", []),
        ("{'code': $match(id, /[a-z]+-([0-9]+)/).groups[0]}", [{"code": "42"}]),
        ("$map(readings, function($r) {{'v': $r * 10}})", [{"v": 10}, {"v": 20}]),
    ],
)
def test_jsonata_gives_the_measures_of_a_message(expression: str, measures: list[Any]) -> None:
    assert _decoded(expression, {"t": "21.5", "readings": [1, 2], "id": "gauge-42"}) == measures


def test_jsonata_writes_and_reads_numbers_and_times_by_pictures() -> None:
    expression = """{
        'roman': $formatInteger(2024, 'I'), 'words': 12 ~> $formatInteger('w'), 'year': $parseInteger('MMXXIV', 'I'),
        'price': $formatNumber(1234.5, '#,##0.00'), 'at': $toMillis('2024/02', '[Y]/[M]'), 'day': $fromMillis(0, '[D]')
    }"""
    known = {"roman": "MMXXIV", "words": "twelve", "year": 2024, "price": "1,234.50", "at": 1706745600000, "day": "1"}
    assert _decoded(expression, {}) == [known]


def test_jsonata_takes_each_item_once_in_one_pass() -> None:
    message = {"many": [*range(9_000), 1, True], "rows": [{"a": 1, "b": 2}, {"c": 3}]}
    decoder = read_decoder(
        {"jsonata": "{'n': $count($distinct(many)), 'parts': $spread(rows), 'same': $distinct('a')}"}
    )
    assert decoder is not None
    parts = [{"a": 1}, {"b": 2}, {"c": 3}]
    assert decoder.decode(message, NOW) == [{"n": 9_001, "parts": parts, "same": "a"}]


@pytest.mark.parametrize(
    "text", ["{", "$eval(x)", "[1..5]", "$pad(x, 9)", "", "a" * 20_001, "/(/", "($f := $eval; $f(x))"]
)
def test_jsonata_that_cannot_be_read_or_makes_much_of_little_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="decoder"):
        read_decoder({"jsonata": text})


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("($f := function($n) { $f($n + 1) }; $f(1))", Reason.DECODER_FAILS),
        ("($f := function($n) { 1 + $f($n + 1) }; $f(1))", Reason.DECODER_FAILS),
        ("$reduce($split(long, ''), function($a, $b) { $a & $a })", Reason.DECODER_FAILS),
        ("t / 0", Reason.DECODER_FAILS),
        ("$number('x')", Reason.DECODER_FAILS),
        ("{'at': $fromMillis(1e20)}", Reason.DECODER_FAILS),
        ("{'n': $formatInteger(1, $replace(long, 'x', '#,##'))}", Reason.DECODER_FAILS),
        ("{'n': $parseInteger('1', $replace(long, 'x', '#,##'))}", Reason.DECODER_FAILS),
        ("'a text'", Reason.NOT_A_MEASURE),
        ("[1, 2]", Reason.NOT_A_MEASURE),
    ],
)
def test_jsonata_that_fails_or_never_ends_refuses_the_message(expression: str, reason: Reason) -> None:
    assert refusal(lambda: _decoded(expression, {"t": 1, "long": "x" * 64})) is reason
