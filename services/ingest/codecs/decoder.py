"""Decoders that provisioning names: `"cayenne-lpp"`, one that comes with ingest as data, or a tenant's own mapping.

    {"each": "readings", "values": {"temperature": "t / 10", "TimeInstant": "at"}}

`values` are JEXL expressions over the message, by key of the measure; a key without a value is left out. With `each`,
an expression that gives a list, every item of it is a measure, and its members are seen by name; the message is
`message`. `{"jsonata": "…"}` is one expression in JSONata, which gives an object or an array of objects.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from services.ingest.codecs import presets
from services.ingest.codecs.cayenne import read_cayenne
from services.ingest.codecs.jsonata_mapping import JsonataMapping
from services.ingest.codecs.lorawan import RAW, is_without_payload
from services.ingest.domain.attribute import TIME_NAME
from services.ingest.domain.expression.compiled import Expression, Scope, compile_expression
from services.ingest.domain.refusal import MeasureRefused, Reason
from services.kernel.jexl.tree import Fault

CAYENNE: Final = "cayenne-lpp"
_MOST_MEASURES: Final = 1000
_MOST_KEYS: Final = 200


@dataclass(frozen=True, slots=True)
class Decoder:
    """What makes measures of a message: CayenneLPP, or expressions in JEXL or JSONata."""

    is_cayenne: bool = False
    each: Expression | None = None
    values: Mapping[str, Expression] = field(default_factory=dict)
    jsonata: JsonataMapping | None = None

    def decode(self, message: Mapping[str, Any], received_at: datetime) -> list[Mapping[str, Any]]:
        """Return the measures in a message: of an uplink without a payload how it was received.

        Raises MeasureRefused.
        """
        if is_without_payload(message):
            return [_beside_payload({RAW: "", **message})]
        if self.is_cayenne:
            return [{**_beside_payload(message), **read_cayenne(_raw(message))}]
        if self.jsonata is not None:
            return list(self.jsonata.measures(message))
        surroundings = Scope(message, received_at)
        items = [message] if self.each is None else self._items(self.each, surroundings)
        found = [self._mapped(item, surroundings) for item in items]
        return [each for each in found if each]

    def _items(self, each: Expression, surroundings: Scope) -> list[Any]:
        items = each.value(surroundings)
        if not isinstance(items, list) or len(items) > _MOST_MEASURES:
            words = f"The decoder's each gives no list of at most {_MOST_MEASURES} items"
            raise MeasureRefused(Reason.NOT_A_MEASURE, words)
        return items

    def _mapped(self, item: Any, surroundings: Scope) -> dict[str, Any]:
        message, inner = surroundings.values, item if isinstance(item, dict) else {"value": item}
        named = {**message, **inner, "message": message, "item": item}
        scope = Scope(named, surroundings.now, bounds=surroundings.bounds)
        values = {name: expression.value(scope) for name, expression in self.values.items()}
        return {name: value for name, value in values.items() if value is not None}


def read_decoder(value: Any) -> Decoder | None:
    """Read `decoder` of a group or device. Raises ValueError naming what is wrong."""
    if value is None:
        return None
    if value == CAYENNE:
        return Decoder(is_cayenne=True)
    if isinstance(value, str) and value in presets.names():
        return Decoder(jsonata=presets.preset(value))
    if isinstance(value, Mapping) and set(value) == {"jsonata"}:
        return Decoder(jsonata=JsonataMapping(_text(value["jsonata"], "jsonata")))
    if not isinstance(value, Mapping) or set(value) - {"each", "values"}:
        known = ", ".join((CAYENNE, *presets.names()))
        raise ValueError(f"decoder must be one of {known}, an object with values and perhaps each, or one with jsonata")
    texts = value.get("values")
    if not isinstance(texts, Mapping) or not 0 < len(texts) <= _MOST_KEYS:
        raise ValueError(f"decoder: values must be an object of 1 to {_MOST_KEYS} expressions")
    try:
        each = compile_expression(_text(value["each"], "each")) if "each" in value else None
        return Decoder(each=each, values={name: compile_expression(_text(text, name)) for name, text in texts.items()})
    except Fault as error:
        raise ValueError(f"decoder: {error}") from error


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"decoder: {name} must be an expression")
    return value


def _raw(message: Mapping[str, Any]) -> bytes:
    """Return the payload as it was sent: `frm_payload` in base64, else the only value, in hexadecimal digits."""
    try:
        if isinstance(message.get(RAW), str):
            return base64.b64decode(message[RAW], validate=True)
        texts = [value for name, value in message.items() if isinstance(value, str) and name != TIME_NAME]
        if len(texts) == 1:
            return bytes.fromhex(texts[0])
    except (binascii.Error, ValueError) as error:
        raise MeasureRefused(Reason.MALFORMED_CAYENNE, f"The payload cannot be read: {error}") from error
    raise MeasureRefused(Reason.MALFORMED_CAYENNE, f"The message has no {RAW}, nor one value in hexadecimal digits")


def _beside_payload(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return what came with the payload."""
    if RAW in message:
        return {name: value for name, value in message.items() if name != RAW}
    return {name: value for name, value in message.items() if name == TIME_NAME or not isinstance(value, str)}
