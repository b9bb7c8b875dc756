"""Writing attributes into an entity: the pure steps that the mutations are made of (4.5.5, 5.6.2-5.6.4)."""

from datetime import datetime

from services.broker.domain.attribute import Attributes, Instance, find_instance, is_one_for_one, is_same, stamp
from services.broker.domain.entity import Entity
from services.broker.operations.mutation import Combine
from services.kernel.clock import to_iso_millis


def take_incoming(existing: Instance | None, incoming: Instance) -> Instance:
    """Let the incoming instance take the place of what is there (NGSI-LD)."""
    return incoming


def join_instances(
    existing: list[Instance] | None, incoming: list[Instance], now: str, combine: Combine
) -> list[Instance]:
    """Write instances over those of the same `datasetId` and keep the others; times are stamped.

    An instance that says the same as before keeps its `createdAt` and gets a new `modifiedAt`.
    """
    if existing is not None and is_one_for_one(existing, incoming):
        only = existing[0]
        return [stamp(combine(only, incoming[0]), now, only.get("createdAt"))]
    joined = list(existing or ())
    for instance in incoming:
        there = find_instance(joined, instance.get("datasetId"))
        combined = combine(there, instance)
        if there is None:
            joined.append(stamp(combined, now))
        else:
            joined[joined.index(there)] = stamp(combined, now, there.get("createdAt"))
    return joined


def write_attributes(entity: Entity, incoming: Attributes, now: datetime, combine: Combine) -> Entity:
    """Return the entity with attributes added or written over."""
    instant = to_iso_millis(now)
    written = {
        name: join_instances(entity.attrs.get(name), instances, instant, combine)
        for name, instances in incoming.items()
    }
    return entity.written({**entity.attrs, **written}, now)


def new_attributes(incoming: Attributes, now: datetime, combine: Combine) -> Attributes:
    """Return attributes as they are stored at first."""
    instant = to_iso_millis(now)
    return {name: join_instances(None, each, instant, combine) for name, each in incoming.items()}


def replaced_attributes(existing: Attributes, incoming: Attributes, now: datetime, combine: Combine) -> Attributes:
    """Return only the incoming attributes; one that was there keeps its `createdAt`."""
    instant = to_iso_millis(now)
    kept = {
        name: [each for each in existing.get(name, ()) if find_instance(instances, each.get("datasetId")) is not None]
        for name, instances in incoming.items()
    }
    return {name: join_instances(kept[name], each, instant, combine) for name, each in incoming.items()}


def without_attribute(entity: Entity, name: str, dataset_id: str | None, now: datetime) -> Entity:
    """Return the entity without one instance of an attribute; without the attribute when none is left."""
    left = [each for each in entity.attrs[name] if each.get("datasetId") != dataset_id]
    attrs = {**entity.attrs, name: left}
    if not left:
        del attrs[name]
    return entity.written(attrs, now)


def differ(before: Attributes, after: Attributes) -> bool:
    """Tell whether two sets of attributes differ, times of writing aside."""
    return before.keys() != after.keys() or any(
        len(before[name]) != len(after[name]) or not all(map(is_same, before[name], after[name])) for name in after
    )
