"""Queries over the current state: which entities of a tenant, in which order, which part of them, how many."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.broker.domain.entity import Entity
from services.broker.query.entity_query import EntityQuery
from services.broker.query.sql_order import order_sql
from services.broker.query.to_sql import Branch, branches, where
from services.broker.store.located import find_located
from services.broker.store.rows import COLUMNS, entity_from_row
from services.kernel.paging import Page
from services.kernel.postgres import Connection
from services.kernel.sql import Fragment, join, literal


@dataclass(frozen=True, slots=True)
class Result:
    """The entities of a page, and how many there are in all, if that was asked."""

    entities: list[Entity]
    count: int | None = None


async def find(connection: Connection, tenant_id: int, query: EntityQuery) -> Result:
    """Return the living entities of a tenant that meet a query. Raises BadData, TooComplex."""
    if query.geo or any(order.distance_from is not None for order in query.orders):
        entities, count = await find_located(connection, tenant_id, query)
        return Result(entities, count)
    rows = []
    if query.page.limit:
        statement = _page_statement(query, tenant_id)
        rows = await connection.fetch(statement.text, *statement.parameters)
    entities = [entity_from_row(row) for row in rows]
    if not query.page.count:
        return Result(entities)
    return Result(entities, await _count(connection, tenant_id, query, len(entities)))


async def _count(connection: Connection, tenant_id: int, query: EntityQuery, shown: int) -> int:
    if shown and shown < query.page.limit:
        return query.page.offset + shown
    union = _union(literal("select seq from entity where "), branches(query, tenant_id))
    statement = literal("select count(*) from (") + union + literal(") as found")
    count: int = await connection.fetchval(statement.text, *statement.parameters)
    return count


def _page_statement(query: EntityQuery, tenant_id: int) -> Fragment:
    if query.orders:
        order = order_sql(query.orders)
        table = literal("select ") + Fragment(COLUMNS) + literal(" from entity") + order.joins
        return (
            table + literal(" where ") + where(query, tenant_id) + literal(" order by ") + order.keys + _cut(query.page)
        )
    return _in_order_of_creation(branches(query, tenant_id), query.page)


def _in_order_of_creation(parts: Sequence[Branch], page: Page) -> Fragment:
    select = literal("select ") + Fragment(COLUMNS) + literal(" from entity where ")
    if len(parts) == 1:
        return select + parts[0].condition + literal(" order by ") + parts[0].order + _cut(page)
    # Each branch is cut as well, so that an index gives the first rows of it instead of sorting all.
    end = literal(" limit $1)", page.limit + page.offset)
    ordered = [literal("(") + select + each.condition + literal(" order by ") + each.order + end for each in parts]
    found = join(" union all ", ordered)
    head = literal("select ") + Fragment(COLUMNS) + literal(" from (")
    return head + found + literal(") as found order by seq") + _cut(page)


def _union(select: Fragment, parts: Sequence[Branch]) -> Fragment:
    return join(" union all ", [select + each.condition for each in parts])


def _cut(page: Page) -> Fragment:
    return literal(" limit $1 offset $2", page.limit, page.offset)
