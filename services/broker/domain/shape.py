"""The shape of an entity: its types, its service path, and which attributes it has of which kind. Values have no part in it.

A tenant has few shapes however many entities it has, and nearly all writes change none: so the writer can count them.
"""  # noqa: E501

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity


@dataclass(frozen=True, slots=True)
class Shape:
    """What discovery tells of an entity. `attributes` are expanded names, each with the kind of its first instance."""

    path: str
    types: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]


def shape_of(entity: Entity) -> Shape:
    """Return the shape of an entity."""
    attributes = sorted((name, str(instances[0]["kind"])) for name, instances in entity.attrs.items())
    return Shape(entity.path, entity.types, tuple(attributes))


def count_shapes(changes: Iterable[Change], gone: Iterable[Entity] = ()) -> dict[Shape, int]:
    """Return how many entities of each shape there are more, or fewer, after changes; `gone` are none any more."""
    counts: Counter[Shape] = Counter()
    for change in changes:
        if _keeps_its_shape(change):
            continue
        if change.before is not None:
            counts[shape_of(change.before)] -= 1
        if change.after is not None:
            counts[shape_of(change.after)] += 1
    for entity in gone:
        counts[shape_of(entity)] -= 1
    return {shape: count for shape, count in counts.items() if count}


def _keeps_its_shape(change: Change) -> bool:
    before, after = change.before, change.after
    if before is None or after is None or before.types != after.types or before.path != after.path:
        return False
    if before.attrs.keys() != after.attrs.keys():
        return False
    there, present = before.attrs, after.attrs
    return all(
        there[name][0]["kind"] == present[name][0]["kind"] for name in present if there[name] is not present[name]
    )
