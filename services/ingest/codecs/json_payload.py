"""Payloads of the JSON protocol: an object is a measure, an array of objects is several.

Sent to one attribute (`…/attrs/<name>`) a payload is that attribute's value, or an array of
`{"timestamp": …, "value": …}`; one that is no JSON is written in hexadecimal digits. Where it came as text, bytes or
XML, the payload that would send it alone is its value as JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.ingest.codecs.soap import read_soap
from services.ingest.domain.arrival import Arrival
from services.ingest.domain.attribute import TIME_NAME
from services.ingest.domain.refusal import MeasureRefused, Reason


@dataclass(frozen=True, slots=True)
class Limits:
    """How large and how deep a payload may be."""

    payload_bytes: int = 65536
    depth: int = 16


@dataclass(frozen=True, slots=True)
class Part:
    """One measure of a message, and the payload that would send it alone.

    `identity` tells it from all others where the message says so itself, whatever else is in its payload. `device_id`
    names whose it is where that is not who sent it.
    """

    values: Mapping[str, Any]
    payload: bytes
    identity: str = ""
    device_id: str | None = None


def read_parts(arrival: Arrival, limits: Limits) -> list[Part]:
    """Read the measures of a message. Raises MeasureRefused if it has none."""
    payload = arrival.payload
    assert arrival.address is not None
    if arrival.address.attribute is not None:
        return _read_values(arrival, arrival.address.attribute, limits)
    parsed = _parse(payload)
    _refuse_depth(parsed, limits.depth)
    if isinstance(parsed, dict) and not arrival.more:
        return [Part(parsed, payload)]
    objects = [each for each in (parsed if isinstance(parsed, list) else [parsed]) if isinstance(each, dict)]
    if not objects or (isinstance(parsed, list) and len(objects) < len(parsed)):
        raise MeasureRefused(Reason.NOT_A_MEASURE, "The payload is neither an object nor an array of objects")
    measures = [{**each, **arrival.more} for each in objects]
    return [Part(each, orjson.dumps([each])) for each in measures]


def read_object(payload: bytes, limits: Limits) -> Part:
    """Read a payload that is one object. Raises MeasureRefused."""
    parsed = _parse(payload)
    _refuse_depth(parsed, limits.depth)
    if not isinstance(parsed, dict):
        raise MeasureRefused(Reason.NOT_A_MEASURE, "The payload is not an object")
    return Part(parsed, payload)


def _read_values(arrival: Arrival, attribute: str, limits: Limits) -> list[Part]:
    value = _parse_value(arrival)
    _refuse_depth(value, limits.depth)
    if isinstance(value, list) and value and all(_is_timed(each) for each in value):
        return [Part({attribute: each["value"], TIME_NAME: each["timestamp"]}, orjson.dumps([each])) for each in value]
    if arrival.form != "json" and not arrival.more:
        return [Part({attribute: value}, orjson.dumps(value))]
    if arrival.more:
        timed = [{"timestamp": arrival.more[TIME_NAME], "value": value}]
        return [Part({attribute: value, **arrival.more}, orjson.dumps(timed))]
    return [Part({attribute: value}, arrival.payload)]


def _parse_value(arrival: Arrival) -> object:
    if arrival.form == "bytes":
        return arrival.payload.hex()
    if arrival.form == "xml":
        return read_soap(arrival.payload)
    try:
        return arrival.payload.decode() if arrival.form == "text" else orjson.loads(arrival.payload)
    except UnicodeDecodeError as error:
        raise MeasureRefused(Reason.NOT_A_MEASURE, "The text is not UTF-8") from error
    except orjson.JSONDecodeError:
        if not arrival.payload:
            raise MeasureRefused(Reason.EMPTY_VALUE, "The payload is empty") from None
        return arrival.payload.hex()


def _is_timed(item: object) -> bool:
    return isinstance(item, dict) and item.keys() == {"timestamp", "value"}


def _parse(payload: bytes) -> object:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise MeasureRefused(Reason.MALFORMED_JSON, f"The payload is not JSON: {error}") from error


def _refuse_depth(value: object, limit: int) -> None:
    level = [value]
    for _ in range(limit):
        level = [child for each in level for child in _children(each)]
        if not level:
            return
    raise MeasureRefused(Reason.TOO_DEEP, f"The payload is nested deeper than {limit}")


def _children(value: object) -> list[object]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [each for each in inner if isinstance(each, dict | list)]
