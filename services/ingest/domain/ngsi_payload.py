"""Measures that are NGSI entities themselves (`payloadType` `ngsiv2` or `ngsild`).

A device may send one entity, an array, or with NGSIv2 `{"actionType": "append", "entities": […]}`. Each entity is a
measure: attributes are its keys; `id` and `type` become `measure_id` and `measure_type`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.ingest.domain.attribute import TIME_NAME, member_of_metadata
from services.ingest.domain.refusal import MeasureRefused, Reason

NGSI_TYPES = ("ngsiv2", "ngsild")
_VALUE_MEMBERS = ("value", "object", "languageMap", "vocab", "json")
_LD_KINDS = frozenset({"Property", "Relationship", "GeoProperty", "LanguageProperty", "VocabProperty", "JsonProperty"})


@dataclass(frozen=True, slots=True)
class Given:
    """What a payload says of one attribute beside its value: its type, its metadata, when it was observed."""

    type: str = ""
    extras: Mapping[str, object] = field(default_factory=dict)
    observed_at: object = None


@dataclass(frozen=True, slots=True)
class NgsiMeasure:
    """A measure: values by key, and what else was said of them."""

    values: Mapping[str, Any]
    given: Mapping[str, Given]


def read_entities(payload: Mapping[str, Any], payload_type: str) -> list[NgsiMeasure]:
    """Read the entities of a payload as measures. Raises MeasureRefused."""
    entities = payload.get("entities")
    if payload_type == "ngsiv2" and isinstance(entities, list) and "actionType" in payload:
        if payload["actionType"] not in ("append", "update", "appendStrict"):
            raise MeasureRefused(Reason.NOT_A_MEASURE, f"actionType {payload['actionType']!r:.40} adds no values")
        if not entities or not all(isinstance(each, dict) for each in entities):
            raise MeasureRefused(Reason.NOT_A_MEASURE, "entities must be objects")
        return [_read(each, payload_type) for each in entities]
    return [_read(payload, payload_type)]


def _read(entity: Mapping[str, Any], payload_type: str) -> NgsiMeasure:
    values: dict[str, Any] = {}
    given: dict[str, Given] = {}
    read = _read_ld if payload_type == "ngsild" else _read_v2
    for name, attribute in entity.items():
        if name == "@context":
            continue
        if name in ("id", "type") or not isinstance(attribute, Mapping):
            values[name] = attribute
        else:
            values[name], given[name] = read(attribute)
    return NgsiMeasure(values, given)


def _read_v2(attribute: Mapping[str, Any]) -> tuple[Any, Given]:
    if "value" not in attribute:
        return attribute, Given()
    metadata = attribute.get("metadata")
    items = {name: _value_of(each) for name, each in metadata.items()} if isinstance(metadata, Mapping) else {}
    observed_at = items.pop(TIME_NAME, None)
    extras = {name: member_of_metadata(name, value) for name, value in items.items()}
    return attribute["value"], Given(str(attribute.get("type") or ""), extras, observed_at)


def _read_ld(attribute: Mapping[str, Any]) -> tuple[Any, Given]:
    member = next((name for name in _VALUE_MEMBERS if name in attribute), None)
    if member is None:
        return attribute, Given()
    kind = attribute.get("type")
    used = {"type", member, "observedAt"}
    extras = {name: value for name, value in attribute.items() if name not in used}
    known = kind if isinstance(kind, str) and kind in _LD_KINDS else ""
    return attribute[member], Given(known, extras, attribute.get("observedAt"))


def _value_of(metadata: Any) -> Any:
    return metadata.get("value") if isinstance(metadata, Mapping) else metadata
