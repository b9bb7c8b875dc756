"""Payloads of UltraLight 2.0.

payload := group *( "#" group )
group   := [ time "|" ] key "|" value *( "|" key "|" value )
result  := device "@" command "|" value
question := ( "configuration" / "subscription" ) *( "|" attribute )

A value is what it is in JSON (number, true, null, list…), else the text as it stands.
"""

from typing import Any

import orjson

from services.ingest.domain.attribute import TIME_NAME
from services.ingest.domain.refusal import MeasureRefused, Reason

GROUPS = "#"
_SEPARATOR = "|"
_DEVICE_END = "@"


def read_groups(payload: bytes) -> list[tuple[dict[str, Any], str]]:
    """Return the measures of a payload, each with the text that would send it alone. Raises MeasureRefused."""
    text = _text(payload)
    return [(_read_group(group), group) for group in text.split(GROUPS)]


def read_value(payload: bytes) -> Any:
    """Return the value of a payload that is one value. Raises MeasureRefused."""
    return _native(_text(payload))


def read_results(payload: bytes, device_id: str) -> dict[str, Any]:
    """Return the results of commands, by command. Raises MeasureRefused where one is of another device."""
    results: dict[str, Any] = {}
    for each in _text(payload).split(GROUPS):
        head, separator, value = each.partition(_SEPARATOR)
        device, at, command = head.partition(_DEVICE_END)
        if not (separator and at and command):
            raise _malformed("a result is <device>@<command>|<value>")
        if device.strip() != device_id:
            raise _malformed(f"the result is of device {device.strip()!r:.80}")
        results[command.strip()] = value
    return results


def read_question(payload: bytes) -> dict[str, Any]:
    """Return what a device asks of its configuration, as it would ask in JSON. Raises MeasureRefused."""
    kind, *fields = (part.strip() for part in _text(payload).split(_SEPARATOR))
    return {"type": kind, "fields": fields}


def write_command(device_id: str, command: str, value: Any) -> str:
    """Write a command: an object as `key=value` joined by `|`, anything else as text."""
    if isinstance(value, dict):
        written = _SEPARATOR.join(f"{key}={_written(each)}" for key, each in value.items())
    else:
        written = _written(value)
    return f"{device_id}{_DEVICE_END}{command}{_SEPARATOR}{written}"


def _read_group(group: str) -> dict[str, Any]:
    parts = group.split(_SEPARATOR)
    values: dict[str, Any] = {}
    if len(parts) % 2:
        values[TIME_NAME] = parts.pop(0).strip()
    if not parts:
        raise _malformed("a group of measures is <key>|<value>, with a time before it or none")
    for key, value in zip(parts[::2], parts[1::2], strict=True):
        if not key.strip():
            raise _malformed("a key is empty")
        values[key.strip()] = _native(value)
    return values


def _native(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _written(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _text(payload: bytes) -> str:
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise _malformed("the payload is not UTF-8") from error
    if not text.strip():
        raise MeasureRefused(Reason.EMPTY_VALUE, "The payload is empty")
    return text.strip("\r\n")


def _malformed(words: str) -> MeasureRefused:
    return MeasureRefused(Reason.MALFORMED_ULTRALIGHT, f"The payload is not UltraLight: {words}")
