"""Declared attribute indexes: which there are, their values, and the entities that a comparison can concern."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.broker.query.spans import Span
from services.kernel.postgres import Connection
from services.kernel.sql import Fragment, join, literal, load_statements

_SQL: Final = load_statements("services.broker.store", "sql/attribute_indexes.sql")
_CHUNK: Final = 5000
MOST_FOUND: Final = 1000
"""Where more entities fit, reading them in their order finds a page sooner than the index does."""


@dataclass(frozen=True, slots=True)
class AttributeIndex:
    """An attribute, by its expanded name, that a tenant queries by its value; ready once all values are in."""

    attribute: str
    is_ready: bool
    declared_at: datetime


async def declare(connection: Connection, tenant_id: int, attribute: str) -> bool:
    """Declare an index; False if there is one already."""
    return await connection.fetchval(_SQL["declare"], tenant_id, attribute) is not None


async def find(connection: Connection, tenant_id: int) -> list[AttributeIndex]:
    """Return a tenant's indexes in order of their names."""
    rows = await connection.fetch(_SQL["find"], tenant_id)
    return [AttributeIndex(row["attribute"], row["is_ready"], row["declared_at"]) for row in rows]


async def drop(connection: Connection, tenant_id: int, attribute: str) -> bool:
    """Drop an index and its values; False if there is none."""
    if await connection.fetchval(_SQL["drop"], tenant_id, attribute) is None:
        return False
    await connection.execute(_SQL["drop_values"], tenant_id, attribute)
    return True


async def keep_values(
    connection: Connection, tenant_id: int, numbers: Sequence[int], attributes: Sequence[str]
) -> None:
    """Put the present values of entities' attributes in the place of their earlier ones."""
    await connection.execute(_SQL["keep_values"], tenant_id, numbers, attributes)


async def next_to_build(connection: Connection) -> tuple[int, str] | None:
    """Return a tenant, of all, and the attribute of an index whose values are still to be read in, or None."""
    row: Any = await connection.fetchrow(_SQL["next_to_build"])
    return None if row is None else (row["tenant_id"], row["attribute"])


async def build_chunk(connection: Connection, tenant_id: int, attribute: str, after: int) -> int | None:
    """Read in the values of entities behind a number, in its own transaction; return the last number, None at the end.

    Only one process does so at a time for a tenant; what another one builds is left to it.
    """
    async with connection.transaction():
        if not await connection.fetchval(_SQL["take_building"], tenant_id):
            return None
        numbers = await connection.fetchval(_SQL["numbers_after"], tenant_id, after, _CHUNK)
        if not numbers:
            await connection.execute(_SQL["finish"], tenant_id, attribute)
            return None
        await keep_values(connection, tenant_id, numbers, [attribute])
        return int(numbers[-1])


async def numbers_within(
    connection: Connection, tenant_id: int, attribute: str, spans: Sequence[Span]
) -> list[int] | None:
    """Return the numbers of the entities that can have a value within one of the spans.

    None where the index cannot help: it is not ready or not there, or more than `MOST_FOUND` entities fit.
    """
    found = literal("select array(select distinct seq from (select seq from indexed_value")
    found += literal(" where tenant_id = $1 and attribute = $2 and (", tenant_id, attribute)
    found += join(" or ", map(_within, spans))
    found += literal(") limit $1) as found) from attribute_index", MOST_FOUND + 1)
    found += literal(" where tenant_id = $1 and attribute = $2 and is_ready", tenant_id, attribute)
    numbers: list[int] | None = await connection.fetchval(found.text, *found.parameters)
    return None if numbers is None or len(numbers) > MOST_FOUND else numbers


def _within(span: Span) -> Fragment:
    if span.is_number:
        bounds = [literal("number is not null")]
        bounds += [literal("number >= $1::float8", float(span.low))] if span.low is not None else []
        bounds += [literal("number <= $1::float8", float(span.high))] if span.high is not None else []
    else:
        bounds = [literal("word is not null")]
        bounds += [literal("word >= left($1::text, 100)", span.low)] if span.low is not None else []
        bounds += [literal("word <= left($1::text, 100)", span.high)] if span.high is not None else []
    return literal("(") + join(" and ", bounds) + literal(")")
