"""How many entities of each shape a tenant has: differences that writers append, folded now and then."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from services.broker.domain.shape import Shape, shape_of
from services.broker.store.rows import entity_from_row
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL: Final = load_statements("services.broker.store", "sql/shapes.sql")


async def keep(connection: Connection, tenant_id: int, counts: Mapping[Shape, int]) -> None:
    """Append by how much the numbers of entities change, in the transaction that changes them."""
    shapes = [_document(shape) for shape in counts]
    await connection.execute(_SQL["keep"], tenant_id, shapes, list(counts.values()))


async def living(connection: Connection, tenant_id: int) -> Mapping[Shape, int]:
    """Return how many living entities of each shape a tenant has."""
    counts: Counter[Shape] = Counter()
    for row in await connection.fetch(_SQL["find"], tenant_id):
        counts[_shape(row["shape"])] += row["entities"]
    for row in await connection.fetch(_SQL["find_expired"], tenant_id):
        counts[shape_of(entity_from_row(row))] -= 1
    return {shape: count for shape, count in counts.items() if count > 0}


async def fold(connection: Connection) -> None:
    """Put the differences of each tenant, of all, into one row a shape."""
    for row in await connection.fetch(_SQL["to_fold"]):
        await connection.execute(_SQL["fold"], row["tenant_id"])


def _document(shape: Shape) -> dict[str, Any]:
    return {"path": shape.path, "types": shape.types, "attributes": dict(shape.attributes)}


def _shape(document: dict[str, Any]) -> Shape:
    return Shape(document["path"], tuple(document["types"]), tuple(sorted(document["attributes"].items())))
