"""Measures of devices with expressions, and measures that are NGSI entities (IoT agent API, Expression language).

Attributes are computed in the order in which provisioning lists them; each result is seen by those that follow. An
expression without a value (null, NaN, an unknown name) makes no attribute.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.ingest.domain.attribute import TIME_NAME, ActiveAttribute, StaticAttribute, member_of_metadata
from services.ingest.domain.conversion import conversion_of
from services.ingest.domain.device import entity_id
from services.ingest.domain.explicit import Kept
from services.ingest.domain.expression.coercion import is_strictly_equal, to_text
from services.ingest.domain.expression.compiled import Expression, Scope
from services.ingest.domain.instant import read_instant
from services.ingest.domain.ngsi_payload import NgsiMeasure, read_entities
from services.ingest.domain.plan import Entity, Plan, renamed, render, undefined

_PREVIOUS = "oldCtxt"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a measure became: its entities, the device's own entity, what is kept, and what the next one may look at."""

    entities: list[Entity]
    own_id: str
    kept: Kept
    context: Mapping[str, Any] = field(default_factory=dict)


def compute(
    plan: Plan, values: Mapping[str, Any], received_at: datetime, previous: Mapping[str, Any] | None
) -> list[Reading]:
    """Turn a measure into entities; one that is several NGSI entities is several. Raises MeasureRefused."""
    if not plan.payload_type:
        return [_Computation(plan, NgsiMeasure(values, {}), received_at, previous).read()]
    readings: list[Reading] = []
    for measure in read_entities(values, plan.payload_type):
        readings.append(_Computation(plan, measure, received_at, previous).read())
        previous = readings[-1].context
    return readings


class _Computation:
    def __init__(
        self, plan: Plan, measure: NgsiMeasure, received_at: datetime, previous: Mapping[str, Any] | None
    ) -> None:
        self._plan = plan
        self._values = {renamed(key): value for key, value in measure.values.items() if value is not None}
        self._given = {renamed(key): each for key, each in measure.given.items()}
        self._received_at = received_at
        self._skips = False
        self._context = self._surroundings(previous)
        self._scope = Scope(self._context, received_at)

    def read(self) -> Reading:
        plan = self._plan
        own_id = self._own_id()
        self._context["entity_name"] = own_id
        rendered = [(each, self._static_value(each)) for each in plan.computed_static]
        valued = [(each, *self._value(each)) for each in plan.ordered]
        kept = plan.explicit.kept(self._scope)
        observed_at = self._observed_at(valued)
        found: dict[tuple[str, str], Entity] = {}
        for attribute, value, name in valued:
            if attribute.name != TIME_NAME and value is not None and kept.keeps(attribute.name, attribute.key):
                shown = replace(attribute, extras=self._extras(attribute))
                entity = plan.target(found, attribute, own_id, name)
                entity[attribute.name] = render(self._typed(shown), value, self._time_of(attribute.key, observed_at))
        self._add_undefined(found, own_id, kept, observed_at)
        if self._skips and not found:  # what is left out on purpose is no fault of the measure
            found[own_id, plan.entity_type] = {"id": own_id, "type": plan.entity_type}
        if plan.is_v2:
            plan.add_told_time(found, self._values, observed_at)
        entities = plan.finish(found, own_id, observed_at)
        for static, value in rendered:
            if value is not None and kept.keeps(static.name) and entities[0]["id"] == own_id:
                entities[0].setdefault(static.name, replace(static, value=value, extras=self._extras(static)).render())
        context = {name: value for name, value in self._context.items() if name != _PREVIOUS and value is not None}
        return Reading(entities, own_id, kept, context if _PREVIOUS in plan.words else {})

    def _surroundings(self, previous: Mapping[str, Any] | None) -> dict[str, Any]:
        plan = self._plan
        metadata: dict[str, Any] = {}
        for name, extras in (*((each.name, each.extras) for each in plan.ordered), *plan.static.items()):
            inner = {key: _plain(value) for key, value in extras.items() if key not in ("type", "value", "object")}
            metadata.setdefault(name, inner)
        for name, given in self._given.items():
            metadata[name] = {key: _plain(value) for key, value in given.extras.items()}
        identity = {"id": plan.device_id, "type": plan.entity_type, "service": plan.tenant, "subservice": plan.path}
        context = {**self._values, **plan.static_values, "staticAttributes": plan.static_values, **identity}
        context |= {"entity_name": plan.entity_id, "entityType": plan.entity_type, "metadata": metadata}
        return context | ({_PREVIOUS: previous} if previous else {})

    def _own_id(self) -> str:
        plan = self._plan
        name = plan.naming.value(self._scope) if plan.naming else None
        return plan.entity_id if name in (None, "", False) else entity_id(to_text(name), plan.entity_type)

    def _static_value(self, static: StaticAttribute) -> Any:
        value = static.value if static.expression is None else static.expression.value(self._scope)
        self._context[static.name] = value
        return value

    def _value(self, attribute: ActiveAttribute) -> tuple[Any, str | None]:
        """Return an attribute's value, null where it has none, and the computed name of its entity."""
        name = attribute.naming.value(self._scope) if attribute.naming else None
        value = self._values.get(attribute.key)
        self._see(attribute.name, value)
        if attribute.expression is not None:
            computed = attribute.expression.value(self._scope)
            if computed is not None or not self._misses(attribute.expression):
                value = computed
            if attribute.skipped is not None and is_strictly_equal(value, attribute.skipped):
                value, self._skips = None, True
        self._see(attribute.name, value)
        return value, None if name in (None, "", False) else to_text(name)

    def _misses(self, expression: Expression) -> bool:
        """Tell whether the measure lacks something that an expression uses: then its plain value stands."""
        return any(self._context.get(name) is None for name in expression.names)

    def _see(self, name: str, value: Any) -> None:
        if value is None:
            self._context.pop(name, None)
        else:
            self._context[name] = value

    def _observed_at(self, valued: list[tuple[ActiveAttribute, Any, str | None]]) -> str:
        plan = self._plan
        told = next(
            (value for attribute, value, _ in valued if attribute.name == TIME_NAME and value is not None), None
        )
        if told is not None:
            return read_instant(told, plan.zone)
        return plan.observed_at({key: _time_in(self._values.get(key)) for key in plan.time_keys}, self._received_at)

    def _time_of(self, key: str, observed_at: str) -> str:
        given = self._given.get(key)
        if given is None or given.observed_at is None:
            return observed_at
        return read_instant(given.observed_at, self._plan.zone)

    def _extras(self, attribute: ActiveAttribute | StaticAttribute) -> dict[str, object]:
        key = attribute.key if isinstance(attribute, ActiveAttribute) else attribute.name
        given = self._given.get(key)
        extras = {**(given.extras if given else {}), **attribute.extras}
        for name, expression in attribute.computed.items():
            value = expression.value(self._scope)
            if value is not None:
                extras[name] = member_of_metadata(name, value)
        return extras

    def _typed(self, attribute: ActiveAttribute) -> ActiveAttribute:
        """Give an attribute that provisioning leaves without a type that of the payload."""
        given = self._given.get(attribute.key)
        if given is None or not given.type or attribute.conversion is not conversion_of(""):
            return attribute
        return replace(attribute, conversion=conversion_of(given.type))

    def _add_undefined(self, found: dict[tuple[str, str], Entity], own_id: str, kept: Kept, observed_at: str) -> None:
        if kept.is_explicit:
            return
        plan = self._plan
        for key, value in self._values.items():
            if key not in plan.active and key not in plan.time_keys:
                attribute = undefined(key, self._given.get(key), labelled=plan.is_v2)
                entity = plan.target(found, attribute, own_id)
                entity[attribute.name] = render(attribute, value, self._time_of(key, observed_at))


def _plain(member: object) -> object:
    return member.get("value") if isinstance(member, Mapping) else member


def _time_in(value: Any) -> Any:
    """Return a time as it was sent; NGSI-LD's typed values hold it as `@value`."""
    return value["@value"] if isinstance(value, Mapping) and "@value" in value else value
