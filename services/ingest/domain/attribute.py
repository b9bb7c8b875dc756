"""Attributes as provisioning defines them: active ones that measures fill, static ones with a value of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.ingest.domain.conversion import Conversion, conversion_of

Fields = Mapping[str, Any]
TIME_NAME = "TimeInstant"


@dataclass(frozen=True, slots=True)
class ActiveAttribute:
    """Which key of a measure becomes which attribute, of which entity (none: the device's own)."""

    key: str
    name: str
    conversion: Conversion
    extras: Mapping[str, object]
    entity_name: str | None = None
    entity_type: str | None = None

    def render(self, raw: object, observed_at: str) -> dict[str, object]:
        """Write the attribute in NGSI-LD's normalized form. Raises MeasureRefused."""
        conversion = self.conversion
        value = conversion.read(raw)
        return {"type": conversion.kind, conversion.member: value, **self.extras, "observedAt": observed_at}


def active_attribute(fields: Fields) -> ActiveAttribute:
    """Read one of `attributes`: of `object_id` and `name` the one given stands for both."""
    name = fields.get("name") or fields["object_id"]
    return ActiveAttribute(
        key=fields.get("object_id") or name,
        name=name,
        conversion=conversion_of(fields.get("type") or ""),
        extras=_extras(fields),
        entity_name=fields.get("entity_name"),
        entity_type=fields.get("entity_type"),
    )


def undefined_attribute(key: str) -> ActiveAttribute:
    """Make the attribute of a key that provisioning does not define: its name is the key, its value as it comes."""
    return ActiveAttribute(key, key, conversion_of(""), {})


def render_static(fields: Fields) -> dict[str, object]:
    """Write one of `static_attributes` in NGSI-LD's normalized form. Raises MeasureRefused."""
    conversion = conversion_of(fields.get("type") or "")
    return {"type": conversion.kind, conversion.member: conversion.read(fields.get("value")), **_extras(fields)}


def merge(own: Sequence[Fields], inherited: Sequence[Fields]) -> list[Fields]:
    """Add a group's attributes to a device's own where the device defines neither their key nor their name."""
    keys = {each.get("object_id") or each.get("name") for each in own}
    names = {each.get("name") or each.get("object_id") for each in own}
    added = [
        each
        for each in inherited
        if (each.get("object_id") or each.get("name")) not in keys
        and (each.get("name") or each.get("object_id")) not in names
    ]
    return [*own, *added]


def _extras(fields: Fields) -> dict[str, object]:
    """Turn `unitCode` and `metadata` into members of the attribute; metadata are sub-properties (clause 4.5.2)."""
    extras: dict[str, object] = {}
    for name, metadata in (fields.get("metadata") or {}).items():
        value = metadata.get("value") if isinstance(metadata, Mapping) else metadata
        extras[name] = value if name == "unitCode" else {"type": "Property", "value": value}
    if fields.get("unitCode"):
        extras["unitCode"] = fields["unitCode"]
    return extras
