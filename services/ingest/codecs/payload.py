"""Messages read into measures, whichever protocol they are in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from services.ingest.codecs import json_payload, sparkplug, ultralight
from services.ingest.codecs.aliases import AliasBook
from services.ingest.codecs.json_payload import Limits, Part
from services.ingest.codecs.lorawan import read_chirpstack, read_things_stack
from services.ingest.codecs.thingsboard import read_devices
from services.ingest.domain.arrival import Address, Arrival
from services.ingest.domain.attribute import TIME_NAME
from services.ingest.domain.refusal import MeasureRefused, Reason

__all__ = ["AliasBook", "Limits", "Part", "is_ultralight", "read_parts"]
_SERVERS = {"things-stack": read_things_stack, "chirpstack": read_chirpstack}


def read_parts(arrival: Arrival, limits: Limits, aliases: AliasBook) -> list[Part]:
    """Read the measures of a message, the results of commands, or a question. Raises MeasureRefused if it has none.

    A message of a network server that is no uplink has no parts.
    """
    address, payload = arrival.address, arrival.payload
    if address is None:
        raise MeasureRefused(Reason.BAD_TOPIC, "The topic is not one on which devices send")
    if len(payload) > limits.payload_bytes:
        size = f"{len(payload)} bytes, more than {limits.payload_bytes}"
        raise MeasureRefused(Reason.TOO_LARGE, f"The payload has {size}")
    if address.protocol == "sparkplug":
        return _read_sparkplug(arrival, address, aliases)
    if address.protocol == "thingsboard":  # it came in parts, one for each device, unless it cannot be read
        read_devices(arrival)
        raise MeasureRefused(Reason.NOT_A_MEASURE, "A message of several devices is not taken as a whole")
    if address.protocol in _SERVERS:
        uplink = _SERVERS[address.protocol](json_payload.read_object(payload, limits).values)
        return [] if uplink is None else [Part({**uplink.values, **arrival.more}, payload, uplink.identity)]
    if not is_ultralight(address, payload):
        if address.kind in ("cmdexe", "configuration"):
            return [json_payload.read_object(payload, limits)]
        return json_payload.read_parts(arrival, limits)
    return _read_ultralight(arrival, address)


def _read_ultralight(arrival: Arrival, address: Address) -> list[Part]:
    payload = arrival.payload
    if address.kind == "cmdexe":
        return [Part(ultralight.read_results(payload, address.device_id), payload)]
    if address.kind == "configuration":
        return [Part(ultralight.read_question(payload), payload)]
    if address.attribute is not None:
        return [Part({address.attribute: ultralight.read_value(payload), **arrival.more}, _timed(payload, arrival))]
    groups = ultralight.read_groups(payload)
    return [Part({**values, **arrival.more}, _written(text, values, arrival.more)) for values, text in groups]


def _read_sparkplug(arrival: Arrival, address: Address, aliases: AliasBook) -> list[Part]:
    payload = arrival.payload
    _, kind, *_ = arrival.topic.removeprefix("spBv1.0/").split("/")
    measures = aliases.read(kind, address.key, sparkplug.read_payload(payload))
    whole = payload.hex()
    parts = [
        Part(values, payload, f"{whole}/{place}" if TIME_NAME in values else "")
        for place, values in enumerate(measures)
    ]
    if kind == "NDEATH" and parts:
        parts += [replace(parts[0], device_id=each) for each in aliases.devices_of(address.key)]
    return parts


def is_ultralight(address: Address, payload: bytes) -> bool:
    """Tell whether a message is in UltraLight: by its topic, else by how it looks."""
    if address.protocol != "any":
        return address.protocol == "ul"
    if address.attribute is not None:
        return False
    return payload.lstrip()[:1] not in (b"{", b"[")


def _written(text: str, values: Mapping[str, Any], more: Mapping[str, object]) -> bytes:
    """Return the payload that would send one group with the time that came beside it."""
    if TIME_NAME not in more:
        return text.encode()
    rest = text.partition("|")[2] if TIME_NAME in values else text
    return f"{more[TIME_NAME]}|{rest}".encode()


def _timed(payload: bytes, arrival: Arrival) -> bytes:
    """Return the payload that would send one value again; with a time beside it, as JSON has that."""
    if TIME_NAME not in arrival.more:
        return payload
    value = ultralight.read_value(payload)
    return orjson.dumps([{"timestamp": arrival.more[TIME_NAME], "value": value}])
