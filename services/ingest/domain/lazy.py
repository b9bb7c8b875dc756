"""Lazy attributes: a device is asked for them when somebody reads its entity (IoT agent API, lazy).

A device is asked for keys (`object_id`, else the name); what it answers is converted as a measure is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.ingest.domain.computation import compute
from services.ingest.domain.device import Device
from services.ingest.domain.plan import Entity, Plan, make_plan

_UNUSED = ("derivations", "decoder", "entityNameExp", "payloadType", "timestamp")


@dataclass(frozen=True, slots=True)
class LazyPlan:
    """How a device's answers become attributes of its entity."""

    plan: Plan

    def keys(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the keys that the device is asked for, of all lazy attributes where none is named."""
        wanted = frozenset(names)
        return tuple(dict.fromkeys(each.key for each in self.plan.ordered if not wanted or each.name in wanted))

    def entity(self, values: Mapping[str, Any], now: datetime) -> Entity:
        """Return the device's entity with the lazy attributes that an answer has. Raises MeasureRefused."""
        plan = self.plan
        if plan.is_computed:
            entities = [each for reading in compute(plan, values, now, None) for each in reading.entities]
        else:
            entities = plan.entities(values, now)
        lazy = {each.name for each in plan.ordered}
        own: Entity = next((each for each in entities if each["id"] == plan.entity_id), {})
        return {"id": plan.entity_id, "type": plan.entity_type, **{name: own[name] for name in own if name in lazy}}


def lazy_plan(device: Device, fields: Mapping[str, Any], entity_id: str, zone: str) -> LazyPlan:
    """Read the lazy attributes of a device whose fields, with its group's, are given. Raises Fault."""
    kept = {name: value for name, value in fields.items() if name not in _UNUSED}
    kept |= {"attributes": fields.get("lazy") or [], "explicitAttrs": True, "entity_name": entity_id}
    return LazyPlan(make_plan(replace(device, fields=kept), None, zone))
