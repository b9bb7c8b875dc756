"""Which entity types and attributes a tenant has (NGSI-LD 5.7.5-5.7.10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL: Final = load_statements("services.broker.store", "sql/discovery.sql")


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
    rows = await connection.fetch(_SQL["types_and_attributes"], tenant_id)
    return [
        TypeAttribute(row["type"], row["entities"], row["attribute"], row["count"], tuple(row["kinds"])) for row in rows
    ]
