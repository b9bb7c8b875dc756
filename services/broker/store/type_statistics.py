"""What is known of each entity type: when one last changed, where they lie, how their values look."""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.broker.domain.observed_attribute import ObservedAttribute, observe
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

SAMPLE: Final = 200
"""Of so many entities of a type, the newest, the values are looked at."""
_SQL: Final = load_statements("services.broker.store", "sql/type_statistics.sql")
_LISTS: Final = ("values", "units", "types", "languages")


@dataclass(frozen=True, slots=True)
class TypeStatistics:
    """What is known of a type. `bounds` are west, south, east, north in degrees; None where no entity has a place."""

    modified_at: datetime
    bounds: tuple[float, float, float, float] | None
    attributes: Mapping[str, ObservedAttribute]


async def touch(connection: Connection, touched: Sequence[tuple[int, str, datetime]]) -> None:
    """Store when types last changed, widen their boxes by their new entities, and let the feed tell of them."""
    tenants, types, instants = (list(each) for each in zip(*touched, strict=True))
    async with connection.transaction():
        await connection.execute(_SQL["lock"])
        await connection.execute(_SQL["touch"], tenants, types, instants)
        await connection.execute(_SQL["widen"], tenants, types)


async def due(connection: Connection) -> list[tuple[int, str]]:
    """Return the tenants and types that should be examined now, 101 at most."""
    return [(row["tenant_id"], row["type"]) for row in await connection.fetch(_SQL["due"])]


async def examine(connection: Connection, tenant_id: int, name: str, now: datetime) -> None:
    """Find anew where the entities of a type lie, and how the values of the newest look."""
    started = time.perf_counter()
    extent = await connection.fetchrow(_SQL["extent"], tenant_id, name)
    rows = await connection.fetch(_SQL["newest"], tenant_id, name, SAMPLE)
    if len(rows) < SAMPLE:
        rows += await connection.fetch(_SQL["newest_of_several"], tenant_id, name, SAMPLE - len(rows))
    observed = {key: _document(each) for key, each in observe(row["attrs"] for row in rows).items()}
    taken_s = time.perf_counter() - started
    async with connection.transaction():
        await connection.execute(_SQL["lock"])
        await connection.execute(_SQL["keep"], tenant_id, name, *extent.values(), observed, taken_s, now)


async def postpone(connection: Connection, tenant_id: int, name: str, now: datetime, taken_s: float) -> None:
    """Let a type that takes too long to examine wait for as long as one that takes so many seconds."""
    await connection.execute(_SQL["postpone"], tenant_id, name, now, taken_s)


async def position(connection: Connection) -> int:
    """Return the version of the last change."""
    return int(await connection.fetchval(_SQL["position"]))


async def changed(connection: Connection, after: int, limit: int) -> list[tuple[int, int]]:
    """Return the tenants whose types changed after a version, each with that of its last change, in its order."""
    return [(row["tenant_id"], row["version"]) for row in await connection.fetch(_SQL["changed"], after, limit)]


async def of_tenant(connection: Connection, tenant_id: int) -> Mapping[str, TypeStatistics]:
    """Return what is known of each type of a tenant, those without entities included."""
    return {row["type"]: _statistics(row) for row in await connection.fetch(_SQL["of_tenant"], tenant_id)}


def _statistics(row: Any) -> TypeStatistics:
    bounds = row["west"], row["south"], row["east"], row["north"]
    attributes = {name: _observed(each) for name, each in row["observed"].items()}
    return TypeStatistics(row["modified_at"], None if None in bounds else bounds, attributes)


def _document(attribute: ObservedAttribute) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(attribute).items() if value}


def _observed(document: Mapping[str, Any]) -> ObservedAttribute:
    values, units, types, languages = (tuple(document.get(name, ())) for name in _LISTS)
    return ObservedAttribute(values, units, types, languages, bool(document.get("is_observed")))
