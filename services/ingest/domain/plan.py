"""How one device's measures become entities: provisioning, read once and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from services.ingest.domain.attribute import (
    TIME_NAME,
    ActiveAttribute,
    active_attribute,
    render_static,
    undefined_attribute,
)
from services.ingest.domain.derivation import RankOfThreshold, derivation
from services.ingest.domain.device import DEFAULT_TYPE, Device, Group, entity_id, inherit
from services.ingest.domain.instant import find_zone, read_instant
from services.ingest.domain.refusal import MeasureRefused, Reason
from services.kernel.clock import to_iso

Entity = dict[str, Any]
_RENAMED = {"id": "measure_id", "type": "measure_type", "scope": "measure_scope"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is needed to write a device's measures: names in the hub, conversions, derivations, static values."""

    tenant: str
    path: str
    entity_id: str
    entity_type: str
    active: Mapping[str, ActiveAttribute]
    time_keys: Sequence[str]
    static: Mapping[str, dict[str, object]]
    static_values: Mapping[str, object]
    derivations: Sequence[RankOfThreshold]
    is_explicit: bool
    zone: tzinfo

    def entities(self, values: Mapping[str, object], received_at: datetime) -> list[Entity]:
        """Turn a measure into NGSI-LD entities, nearly always one. Raises MeasureRefused for the whole of it."""
        observed_at = self._observed_at(values, received_at)
        found: dict[tuple[str, str], Entity] = {}
        for key, raw in values.items():
            if raw is None or key in self.time_keys:
                continue
            attribute = self.active.get(key)
            if attribute is None:
                if self.is_explicit:
                    continue
                attribute = _undefined(key)
            entity = self._target(found, attribute)
            entity[attribute.name] = _render(attribute, raw, observed_at)
        if not found:
            raise MeasureRefused(Reason.EMPTY_MEASURE, "The measure has no value for any attribute of the device")
        own = found.get((self.entity_id, self.entity_type))
        if own is not None and self.derivations:
            self._derive(own, observed_at)
        return list(found.values())

    def static_entity(self) -> Entity:
        """Return the entity with its static attributes; the service path is its scope (clause 4.18)."""
        entity: Entity = {"id": self.entity_id, "type": self.entity_type, **self.static}
        if self.path != "/":
            entity["scope"] = self.path
        return entity

    def _observed_at(self, values: Mapping[str, object], received_at: datetime) -> str:
        for key in self.time_keys:
            if values.get(key) is not None:
                return read_instant(values[key], self.zone)
        return to_iso(received_at)

    def _target(self, found: dict[tuple[str, str], Entity], attribute: ActiveAttribute) -> Entity:
        kind = attribute.entity_type or self.entity_type
        name = entity_id(attribute.entity_name, kind) if attribute.entity_name else self.entity_id
        return found.setdefault((name, kind), {"id": name, "type": kind})

    def _derive(self, entity: Entity, observed_at: str) -> None:
        measured = {name: each.get("value") for name, each in entity.items() if isinstance(each, dict)}
        for each in self.derivations:
            value = each.derive(measured, self.static_values)
            if value is not None:
                entity[each.name] = {"type": "Property", "value": value, "observedAt": observed_at}


def make_plan(device: Device, group: Group | None, default_zone: str) -> Plan:
    """Read a device's fields and its group's, which provisioning has checked."""
    fields = inherit(device, group)
    kind = fields.get("entity_type") or DEFAULT_TYPE
    active = [active_attribute(each) for each in fields.get("attributes") or ()]
    static = {each["name"]: render_static(each) for each in fields.get("static_attributes") or ()}
    times = [each.key for each in active if each.name == TIME_NAME]
    known = {each.key for each in active}
    return Plan(
        tenant=device.tenant,
        path=device.path,
        entity_id=entity_id(device.fields.get("entity_name") or device.device_id, kind),
        entity_type=kind,
        active={each.key: each for each in active if each.name != TIME_NAME},
        time_keys=(*times, *(key for key in (TIME_NAME, "timestamp") if key not in known)),
        static=static,
        static_values={name: each.get("value") for name, each in static.items()},
        derivations=[derivation(each) for each in fields.get("derivations") or ()],
        is_explicit=fields.get("explicitAttrs") is True,
        zone=find_zone(fields.get("timezone") or default_zone),
    )


def _undefined(key: str) -> ActiveAttribute:
    if not key or key.startswith("@"):
        raise MeasureRefused(Reason.BAD_NAME, f"{key!r:.80} cannot be the name of an attribute")
    return undefined_attribute(_RENAMED.get(key, key))


def _render(attribute: ActiveAttribute, raw: object, observed_at: str) -> dict[str, object]:
    try:
        return attribute.render(raw, observed_at)
    except MeasureRefused as error:
        refusal = error.refusal
        raise MeasureRefused(refusal.reason, f"Attribute {attribute.name}: {refusal.detail}") from error
