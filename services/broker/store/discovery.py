"""Which entity types and attributes a tenant has (NGSI-LD 5.7.5-5.7.10)."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.broker.domain.shape import Shape
from services.broker.store import shapes
from services.kernel.postgres import Connection


@dataclass(frozen=True, slots=True)
class TypeAttribute:
    """An attribute of the entities of a type, or a type whose entities have none (`attribute` is None).

    Names are expanded. `entities` counts the entities of the type, `count` those that have the attribute; an entity
    with several types counts for each. `kinds` are those of the attributes' first instances.
    """

    type: str
    entities: int
    attribute: str | None = None
    count: int = 0
    kinds: tuple[str, ...] = ()


async def types_and_attributes(connection: Connection, tenant_id: int) -> Sequence[TypeAttribute]:
    """Return all types of a tenant's living entities with their attributes, in order of their names."""
    return _listed(await shapes.living(connection, tenant_id))


def _listed(counts: Mapping[Shape, int]) -> list[TypeAttribute]:
    entities: Counter[str] = Counter()
    having: Counter[tuple[str, str]] = Counter()
    kinds: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for shape, count in counts.items():
        for name in shape.types:
            entities[name] += count
            for attribute, kind in shape.attributes:
                having[name, attribute] += count
                kinds[name, attribute].add(kind)
    bare = [TypeAttribute(name, entities[name]) for name in entities.keys() - {name for name, _ in having}]
    rows = [
        TypeAttribute(key[0], entities[key[0]], key[1], count, tuple(sorted(kinds[key])))
        for key, count in having.items()
    ]
    return sorted([*bare, *rows], key=lambda row: (row.type, row.attribute or ""))
