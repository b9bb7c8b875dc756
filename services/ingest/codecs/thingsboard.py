"""Messages of ThingsBoard's devices and gateways, under a prefix of the MQTT broker that names who sends.

topic   := apikey "/" sender "/v1/" ( "devices/me/" own / "gateway/" others )
own     := "telemetry" / "attributes"
others  := "telemetry" / "attributes" / "connect" / "disconnect"

A gateway speaks for several devices in one message. Each of them has an arrival of its own, in the JSON protocol.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from services.ingest.codecs.aliases import ONLINE
from services.ingest.codecs.topic import read_address
from services.ingest.domain.arrival import Address, Arrival, Outcome
from services.ingest.domain.attribute import TIME_NAME
from services.ingest.domain.refusal import MeasureRefused, Reason

_MOST_BYTES: Final = 1_048_576


def parted(arrival: Arrival) -> Sequence[Arrival]:
    """Return an arrival for each device in a message; the message itself where it cannot be read.

    Arrivals are settled in their order: the last one settles the message.
    """
    try:
        devices = read_devices(arrival)
    except MeasureRefused:
        return (arrival,)
    last = len(devices) - 1
    return [
        replace(
            arrival,
            topic=f"/json/{address.apikey}/{address.device_id}/attrs",
            address=address,
            payload=orjson.dumps(measures),
            settle=arrival.settle if place == last else _wait,
        )
        for place, (address, measures) in enumerate(devices)
    ]


def read_devices(arrival: Arrival) -> Sequence[tuple[Address, Sequence[Mapping[str, Any]]]]:
    """Return the devices in a message and their measures. Raises MeasureRefused."""
    assert arrival.address is not None
    parsed, sender = _parse(arrival.payload), arrival.address
    *_, whose, what = arrival.topic.replace("/me/", "/").split("/")
    if whose == "devices":
        return [(read_address(sender.apikey, sender.device_id), _measures(parsed))]
    if not isinstance(parsed, dict) or not parsed:
        raise MeasureRefused(Reason.NOT_A_MEASURE, "The message is no object of devices")
    if what in ("connect", "disconnect"):
        parsed = {str(parsed.get("device", "")): {ONLINE: what == "connect"}}
    return [(read_address(sender.apikey, name), _measures(told)) for name, told in parsed.items()]


def _parse(payload: bytes) -> Any:
    if len(payload) > _MOST_BYTES:
        raise MeasureRefused(Reason.TOO_LARGE, f"The message has more than {_MOST_BYTES} bytes")
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise MeasureRefused(Reason.MALFORMED_JSON, f"The payload is not JSON: {error}") from error


def _measures(told: Any) -> Sequence[Mapping[str, Any]]:
    """Read one measure or a list of them: `{key: value}`, or `{"ts": milliseconds, "values": {key: value}}`."""
    return [_measure(each) for each in told] if isinstance(told, list) else [_measure(told)]


def _measure(told: Any) -> Mapping[str, Any]:
    if isinstance(told, dict) and isinstance(told.get("values"), dict) and "ts" in told:
        return {**told["values"], TIME_NAME: told["ts"]}
    if not isinstance(told, dict):
        raise MeasureRefused(Reason.NOT_A_MEASURE, f"{told!r:.80} is not an object of values")
    return told


def _wait(_: Outcome) -> None:
    """Leave it to the message's last device."""
