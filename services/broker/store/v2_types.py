"""The entity types of a tenant and examples of their attributes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.broker.domain.attribute import Instance
from services.broker.store import shapes
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL: Final = load_statements("services.broker.store", "sql/v2_types.sql")


@dataclass(frozen=True, slots=True)
class AttributeSample:
    """One instance of an attribute for each form in which entities of a type have it."""

    type: str
    attribute: str
    instance: Instance


def _patterns(paths: Sequence[str]) -> tuple[list[str], list[bool]]:
    """Split service-path patterns into paths and whether what is below them counts."""
    return [path.removesuffix("/#") for path in paths], [path.endswith("/#") for path in paths]


async def count_types(
    connection: Connection, tenant_id: int, paths: Sequence[str], type_name: str | None
) -> list[tuple[str, int]]:
    """Return the first types of living entities in these service paths, and how many entities have each."""
    counts: Counter[str] = Counter()
    for shape, count in (await shapes.living(connection, tenant_id)).items():
        if type_name in (None, shape.types[0]) and _is_within(shape.path, paths):
            counts[shape.types[0]] += count
    return list(counts.items())


async def name_attributes(
    connection: Connection, tenant_id: int, paths: Sequence[str], type_name: str | None
) -> list[tuple[str, str]]:
    """Return the types of living entities in these service paths, each with the name of an attribute."""
    named = {
        (shape.types[0], attribute)
        for shape in await shapes.living(connection, tenant_id)
        if type_name in (None, shape.types[0]) and _is_within(shape.path, paths)
        for attribute, _ in shape.attributes
    }
    return sorted(named)


def _is_within(path: str, patterns: Sequence[str]) -> bool:
    return any(_covers(pattern, path) for pattern in patterns)


def _covers(pattern: str, path: str) -> bool:
    base = pattern.removesuffix("/#")
    return path == base or (base != pattern and (not base or path.startswith(base + "/")))


async def sample_attributes(
    connection: Connection, tenant_id: int, paths: Sequence[str], type_name: str | None
) -> list[AttributeSample]:
    """Return samples of the attributes of living entities in these service paths."""
    rows = await connection.fetch(_SQL["sample_attributes"], tenant_id, *_patterns(paths), type_name)
    return [AttributeSample(row["type"], row["attribute"], row["instance"]) for row in rows]
