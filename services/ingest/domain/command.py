"""Commands: what a city asks of a device through an attribute of its entity (IoT agent API, Command execution)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import orjson

from services.ingest.domain.attribute import add_time_metadata
from services.ingest.domain.conversion import free_value
from services.ingest.domain.expression.compiled import Expression, Scope, compile_expression
from services.kernel.clock import to_iso
from services.kernel.jexl.tree import Fault

PAYLOAD_TYPES = ("binaryfromstring", "binaryfromhex", "binaryfromjson", "text", "json", "")
_TOLD = (("status", "commandStatus"), ("info", "commandResult"))


class CommandStatus(StrEnum):
    """What `<command>_status` of the entity says."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    OK = "OK"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"


class CommandFault(ValueError):
    """The command's value cannot be written as its payload type says"""


@dataclass(frozen=True, slots=True)
class CommandDefinition:
    """One of a device's `commands`."""

    name: str
    type: str = "command"
    expression: Expression | None = None
    payload_type: str = ""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    qos: int = 1
    retain: bool = False

    @property
    def is_binary(self) -> bool:
        """Whether its payload is bytes that the value only tells, in UltraLight too."""
        return self.payload_type in ("binaryfromhex", "binaryfromjson")

    def value(self, asked: Any, scope: Scope) -> Any:
        """Return what is sent for the value that was asked for."""
        return asked if self.expression is None else self.expression.value(scope)

    def raw(self, value: Any) -> bytes | None:
        """Return the payload where its type says that it is the value alone; else None. Raises CommandFault."""
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        try:
            match self.payload_type:
                case "binaryfromstring" | "text":
                    return text.encode()
                case "binaryfromhex":
                    return bytes.fromhex(text)
                case "binaryfromjson":
                    return bytes(orjson.loads(text))
                case _:
                    return None
        except (ValueError, TypeError) as error:
            raise CommandFault(f"The value of {self.name} is not {self.payload_type}: {error}") from error


@dataclass(frozen=True, slots=True)
class Command:
    """A command that was given: `state` is where it is on its way."""

    command_id: int
    device_key: int
    name: str
    value: Any
    attempts: int
    created_at: datetime


def read_command(fields: Mapping[str, Any]) -> CommandDefinition:
    """Read one of `commands`. Raises ValueError naming what is wrong."""
    name = fields.get("name")
    if not isinstance(name, str) or not name:
        raise ValueError("a command needs a name")
    payload_type = str(fields.get("payloadType") or "").lower()
    if payload_type not in PAYLOAD_TYPES:
        raise ValueError(f"payloadType of command {name}: must be one of {', '.join(filter(None, PAYLOAD_TYPES))}")
    mqtt = fields.get("mqtt") or {}
    headers = fields.get("headers") or {}
    if not isinstance(mqtt, Mapping) or not isinstance(headers, Mapping):
        raise ValueError(f"mqtt and headers of command {name} must be objects")  # noqa: TRY004  # read as a fault of the body
    qos = str(mqtt.get("qos", 1))
    if qos not in ("0", "1", "2"):
        raise ValueError(f"mqtt.qos of command {name} must be 0, 1 or 2")
    try:
        expression = compile_expression(fields["expression"]) if fields.get("expression") else None
    except Fault as error:
        raise ValueError(f"expression of command {name}: {error}") from error
    return CommandDefinition(
        name=name,
        type=str(fields.get("type") or "command"),
        expression=expression,
        payload_type=payload_type,
        content_type=str(fields.get("contentType") or ""),
        headers={str(key): str(value) for key, value in headers.items()},
        qos=int(qos),
        retain=mqtt.get("retain") is True,
    )


def read_commands(fields: Mapping[str, Any]) -> dict[str, CommandDefinition]:
    """Return a device's commands by name, given its fields with its group's."""
    return {each["name"]: read_command(each) for each in fields.get("commands") or ()}


def computed_text(text: str, scope: Scope) -> str:
    """Return a text that may be an expression: its value where it has one, else the text as it stands."""
    try:
        value = compile_expression(text).value(scope)
    except Fault:
        return text
    return value if isinstance(value, str) and value else text


def is_address(text: str) -> bool:
    """Tell whether a text is a URL at which a device can be called."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def status_entity(
    entity: Mapping[str, Any],
    states: Mapping[str, tuple[str, Any]],
    now: datetime,
    *,
    labelled: bool = False,
    timed: bool = False,
) -> dict[str, Any]:
    """Return an entity, given by its id and type, that tells how commands stand: status, and info where there is one.

    `labelled`: with the types that the agents give them; `timed`: with their time as metadata.
    """
    told = dict(entity)
    at = to_iso(now)
    for name, state in states.items():
        for (what, kind), value in zip(_TOLD, state, strict=True):
            if value is not None:
                label = {"valueType": kind} if labelled else {}
                told[f"{name}_{what}"] = {**free_value(value), "observedAt": at, **label}
    if timed:
        add_time_metadata(told)
    return told
