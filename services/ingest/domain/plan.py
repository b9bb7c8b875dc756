"""How one device's measures become entities: provisioning, read once and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from services.ingest.domain.attribute import (
    TIME_NAME,
    ActiveAttribute,
    StaticAttribute,
    active_attribute,
    add_time_metadata,
    static_attribute,
    time_attribute,
)
from services.ingest.domain.command import CommandStatus, status_entity
from services.ingest.domain.conversion import conversion_of
from services.ingest.domain.derivation import RankOfThreshold, derivation
from services.ingest.domain.device import Device, Group, entity_id, inherit, is_ngsi_v2, own_entity
from services.ingest.domain.explicit import ExplicitRule, Kept, read_rule
from services.ingest.domain.expression.compiled import Expression, compile_expression
from services.ingest.domain.instant import find_zone, read_instant
from services.ingest.domain.link import Link, read_link
from services.ingest.domain.ngsi_payload import NGSI_TYPES, Given
from services.ingest.domain.refusal import MeasureRefused, Reason
from services.kernel.clock import to_iso

Entity = dict[str, Any]
UNDEFINED_TYPE = "Text"
"""The type that the agents give attributes which nobody defines (IoT agent API)."""
_RENAMED = {"id": "measure_id", "type": "measure_type", "scope": "measure_scope"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is needed to write a device's measures: names in the hub, conversions, derivations, static values.

    A plan with `is_computed` has expressions, or measures that are NGSI entities: `computation.compute` reads those.
    """

    tenant: str
    path: str
    device_id: str
    entity_id: str
    entity_type: str
    active: Mapping[str, ActiveAttribute]
    time_keys: Sequence[str]
    static: Mapping[str, dict[str, object]]
    static_values: Mapping[str, object]
    derivations: Sequence[RankOfThreshold]
    explicit: ExplicitRule
    zone: tzinfo
    links: Sequence[Link] = ()
    ordered: Sequence[ActiveAttribute] = ()
    computed_static: Sequence[StaticAttribute] = ()
    naming: Expression | None = None
    payload_type: str = ""
    has_time_attribute: bool = False
    is_computed: bool = False
    words: frozenset[str] = field(default_factory=frozenset)
    commands: frozenset[str] = field(default_factory=frozenset)
    identity_key: str | None = None
    decoder: Any = None
    expected_s: float | None = None
    computes_time: bool = False
    is_v2: bool = False
    stores_last: bool = False
    apikey: str = ""

    def entities(self, values: Mapping[str, object], received_at: datetime) -> list[Entity]:
        """Turn a measure into NGSI-LD entities, nearly always one. Raises MeasureRefused for the whole of it."""
        observed_at = self.observed_at(values, received_at)
        found: dict[tuple[str, str], Entity] = {}
        kept = self.explicit.always
        for key, raw in values.items():
            if raw is None or key in self.time_keys:
                continue
            attribute = self.active.get(key)
            if attribute is None:
                if kept.is_explicit:
                    continue
                attribute = undefined(key, labelled=self.is_v2)
            elif not kept.keeps(attribute.name, attribute.key):
                continue
            entity = self.target(found, attribute, self.entity_id)
            entity[attribute.name] = render(attribute, raw, observed_at)
        if self.is_v2:
            self.add_told_time(found, values, observed_at)
        return self.finish(found, self.entity_id, observed_at)

    def results(self, values: Mapping[str, object], received_at: datetime) -> Entity:
        """Turn the results of commands into the device's entity. Raises MeasureRefused for a command it has not."""
        unknown = sorted(set(values) - self.commands)
        if unknown or not values:
            raise MeasureRefused(Reason.UNKNOWN_COMMAND, f"The device has no command {', '.join(unknown) or 'at all'}")
        states = {name: (CommandStatus.OK, value) for name, value in values.items()}
        place = {"id": self.entity_id, "type": self.entity_type}
        is_timed = self.is_v2 and self.has_time_attribute
        return status_entity(place, states, received_at, labelled=self.is_v2, timed=is_timed)

    def finish(self, found: dict[tuple[str, str], Entity], own_id: str, observed_at: str) -> list[Entity]:
        """Add what follows from a measure's entities: derived values, time, links. Raises MeasureRefused."""
        if not found:
            raise MeasureRefused(Reason.EMPTY_MEASURE, "The measure has no value for any attribute of the device")
        own = found.get((own_id, self.entity_type))
        entities = list(found.values())
        if own is not None and self.derivations:
            self._derive(own, observed_at)
        if self.has_time_attribute:
            for entity in entities:
                if self.is_v2:
                    add_time_metadata(entity)
                entity[TIME_NAME] = time_attribute(observed_at)
        if own is not None:
            entities += [entity for link in self.links for entity in link.entities(own)]
        return entities

    def add_told_time(
        self, found: dict[tuple[str, str], Entity], values: Mapping[str, object], observed_at: str
    ) -> None:
        """Add `TimeInstant` where the measure tells it by that name: with NGSIv2 the agents keep it as an attribute."""
        if values.get(TIME_NAME) is not None and not self.explicit.always.is_explicit:
            for entity in found.values():
                entity[TIME_NAME] = time_attribute(observed_at)

    def static_entity(self, own_id: str | None = None, kept: Kept | None = None) -> Entity:
        """Return the entity with its static attributes; the service path is its scope (clause 4.18)."""
        static = {name: each for name, each in self.static.items() if kept is None or kept.keeps(name)}
        entity: Entity = {"id": own_id or self.entity_id, "type": self.entity_type, **static}
        if self.path != "/":
            entity["scope"] = self.path
        return entity

    def is_identified(self, values: Mapping[str, object]) -> bool:
        """Tell whether a measure can be told from all others: by its time, or by the key that provisioning names."""
        if self.identity_key is not None and values.get(self.identity_key) is not None:
            return True
        for key in self.time_keys:
            if values.get(key) is not None:
                return True
        return self.computes_time

    def observed_at(self, values: Mapping[str, object], received_at: datetime) -> str:
        """Return when a measure was observed, else when it came. Raises MeasureRefused."""
        return self.told_time(values) or to_iso(received_at)

    def told_time(self, values: Mapping[str, object]) -> str | None:
        """Return the time that a measure tells itself. Raises MeasureRefused."""
        for key in self.time_keys:
            if values.get(key) is not None:
                return read_instant(values[key], self.zone)
        return None

    def target(
        self, found: dict[tuple[str, str], Entity], attribute: ActiveAttribute, own_id: str, name: str | None = None
    ) -> Entity:
        """Return the entity, new or found, that gets an attribute; `name` is its name where that is computed."""
        kind = attribute.entity_type or self.entity_type
        name = name or attribute.entity_name
        identifier = entity_id(name, kind) if name else own_id
        return found.setdefault((identifier, kind), {"id": identifier, "type": kind})

    def _derive(self, entity: Entity, observed_at: str) -> None:
        measured = {name: each.get("value") for name, each in entity.items() if isinstance(each, dict)}
        for each in self.derivations:
            value = each.derive(measured, self.static_values)
            if value is not None:
                entity[each.name] = {"type": "Property", "value": value, "observedAt": observed_at}


def make_plan(device: Device, group: Group | None, default_zone: str) -> Plan:
    """Read a device's fields and its group's, which provisioning has checked."""
    fields = inherit(device, group)
    own_id, kind = own_entity(device, fields)
    is_v2 = is_ngsi_v2(fields)
    active = [active_attribute(each, labelled=is_v2) for each in fields.get("attributes") or ()]
    told = [each for each in fields.get("static_attributes") or () if "value" in each or each.get("expression")]
    statics = [static_attribute(each, labelled=is_v2) for each in told]
    times = [each.key for each in active if each.name == TIME_NAME]
    known = {each.key for each in active}
    rule = read_rule(fields.get("explicitAttrs"))
    naming = compile_expression(fields["entityNameExp"]) if fields.get("entityNameExp") else None
    payload_type = str(fields.get("payloadType") or "").lower()
    computed_static = [each for each in statics if each.is_computed]
    computed = [each for each in active if each.is_computed]
    static = {each.name: each.render() for each in statics if not each.is_computed}
    links = [read_link(each) for each in fields.get("static_attributes") or ()]
    return Plan(
        tenant=device.tenant,
        path=device.path,
        device_id=device.device_id,
        apikey=device.apikey,
        entity_id=own_id,
        entity_type=kind,
        active={each.key: each for each in active if each.name != TIME_NAME},
        time_keys=(*times, *(key for key in (TIME_NAME, "timestamp") if key not in known)),
        static=static,
        static_values={each.name: static.get(each.name, {}).get("value", each.value) for each in statics},
        derivations=[derivation(each) for each in fields.get("derivations") or ()],
        explicit=rule,
        zone=find_zone(fields.get("timezone") or default_zone),
        links=[each for each in links if each is not None],
        ordered=active,
        computed_static=computed_static,
        naming=naming,
        payload_type=payload_type if payload_type in NGSI_TYPES else "",
        has_time_attribute=fields.get("timestamp") is True,
        is_computed=bool(computed or computed_static or naming or rule.expression or payload_type in NGSI_TYPES),
        identity_key=fields.get("identity") or None,
        decoder=fields.get("decoder"),
        expected_s=fields.get("expectedInterval"),
        is_v2=is_v2,
        stores_last=fields.get("storeLastMeasure") is True,
        computes_time=any(each.name == TIME_NAME and each.expression for each in active),
        commands=frozenset(each["name"] for each in fields.get("commands") or ()),
        words=_words(computed, computed_static, (naming, rule.expression)),
    )


def _words(
    active: Sequence[ActiveAttribute], static: Sequence[StaticAttribute], more: Sequence[Expression | None]
) -> frozenset[str]:
    """Return the names that a device's expressions use, so that what none uses need not be kept."""
    used: list[Expression | None] = [*more, *(each.naming for each in active)]
    used += [each.expression for each in active] + [each.expression for each in static]
    used += [expression for each in active for expression in each.computed.values()]
    used += [expression for each in static for expression in each.computed.values()]
    return frozenset(name for each in used if each is not None for name in each.names)


def renamed(key: str) -> str:
    """Return the attribute's name for a key that no attribute defines. Raises MeasureRefused."""
    if not key or key.startswith("@"):
        raise MeasureRefused(Reason.BAD_NAME, f"{key!r:.80} cannot be the name of an attribute")
    return _RENAMED.get(key, key)


def undefined(key: str, given: Given | None = None, *, labelled: bool = False) -> ActiveAttribute:
    """Make the attribute of a key that provisioning does not define; `labelled`: of the agents' type for such.

    Raises MeasureRefused.
    """
    name = renamed(key)
    kind, extras = ("", {}) if given is None else (given.type, given.extras)
    if labelled and not kind:
        extras = {"valueType": UNDEFINED_TYPE, **extras}
    return ActiveAttribute(name, name, conversion_of(kind), extras)


def render(attribute: ActiveAttribute, raw: object, observed_at: str) -> dict[str, object]:
    """Write an attribute. Raises MeasureRefused naming it."""
    try:
        return attribute.render(raw, observed_at)
    except MeasureRefused as error:
        refusal = error.refusal
        raise MeasureRefused(refusal.reason, f"Attribute {attribute.name}: {refusal.detail}") from error
