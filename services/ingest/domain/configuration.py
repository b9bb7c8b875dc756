"""What a device asks of its configuration, attributes of its entity: now, or at each change (IoT agent API)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.ingest.domain.arrival import Key
from services.ingest.domain.refusal import MeasureRefused, Reason

Kind = Literal["configuration", "subscription"]
_KINDS: Mapping[str, Kind] = {"configuration": "configuration", "subscription": "subscription"}
_MOST_FIELDS = 100
_LONGEST_FIELD = 256
_NOT_IN_NAMES = frozenset("<>();'=\"&?/#")


@dataclass(frozen=True, slots=True)
class Question:
    """Which attributes of its entity a device asks for, once or (`subscription`) at each change.

    A subscription without attributes ends those that the device has. `is_ultralight` says how the device is answered.
    """

    key: Key
    kind: Kind
    fields: tuple[str, ...]
    is_ultralight: bool


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a device wants to be told of whenever it changes."""

    key: Key
    fields: tuple[str, ...]
    is_ultralight: bool


def read_question(key: Key, values: Mapping[str, Any], *, is_ultralight: bool) -> Question:
    """Read `{"type": "configuration" or "subscription", "fields": […]}`. Raises MeasureRefused."""
    kind = _KINDS.get(str(values.get("type")))
    if kind is None:
        words = f"type must be {' or '.join(_KINDS)}, not {values.get('type')!r:.40}"
        raise MeasureRefused(Reason.NOT_A_MEASURE, words)
    fields = values.get("fields")
    least = 1 if kind == "configuration" else 0
    if not isinstance(fields, list) or not least <= len(fields) <= _MOST_FIELDS:
        raise MeasureRefused(Reason.NOT_A_MEASURE, f"fields must be a list of {least} to {_MOST_FIELDS} names")
    if not all(map(_is_name, fields)):
        raise MeasureRefused(Reason.NOT_A_MEASURE, "fields must be names of attributes")
    return Question(key, kind, tuple(dict.fromkeys(fields)), is_ultralight)


def _is_name(field: object) -> bool:
    """Tell whether a field can be an attribute's name (NGSIv2, Field syntax restrictions)."""
    return (
        isinstance(field, str)
        and 0 < len(field) <= _LONGEST_FIELD
        and field.isprintable()
        and not _NOT_IN_NAMES & set(field)
    )
