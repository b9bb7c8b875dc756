"""An `EntityQuery` as conditions on rows of the entity table.

Geo-queries are only narrowed here, by the boxes that their matches touch; `geometry` decides.
"""

from dataclasses import dataclass
from typing import Final

from services.broker.query.entity_query import EntityQuery
from services.broker.query.geometry import search_box
from services.broker.query.sql_filter import filter_sql, living
from services.broker.query.sql_selection import names_of, paths_sql, scope_sql, selector_sql
from services.broker.query.sql_view import view_sql
from services.broker.query.tree import GeoFilter
from services.kernel.sql import Fragment, join, literal

_MOST_BRANCHES = 8
_CREATED: Final = literal("seq")
_TYPED: Final = literal("type, seq")


def where(query: EntityQuery, tenant_id: int) -> Fragment:
    """Return the condition that a tenant's living entities meet the query. Raises BadData, TooComplex."""
    conditions = _conditions(query, tenant_id)
    if query.selectors:
        conditions.append(literal("(") + join(" or ", map(selector_sql, query.selectors)) + literal(")"))
    return join(" and ", conditions)


@dataclass(frozen=True, slots=True)
class Branch:
    """A condition, and what gives the rows that meet it in the order of creation."""

    condition: Fragment
    order: Fragment = _CREATED


def branches(query: EntityQuery, tenant_id: int) -> list[Branch]:
    """Return conditions that no entity meets two of and that together are `where`.

    A query for a type becomes one condition for each type, which an index gives in order of creation, and one for the
    entities that have the type among several.
    """
    names = _listed_types(query)
    if not names or len(names) > _MOST_BRANCHES:
        return [Branch(where(query, tenant_id))]
    common = join(" and ", _conditions(query, tenant_id))
    selected = selector_sql(query.selectors[0], with_types=False)
    several = literal("types && $1::text[] and type <> all($1::text[])", list(names))
    typed = [Branch(join(" and ", [common, _is_typed(name), selected]), _TYPED) for name in names]
    return [*typed, Branch(join(" and ", [common, several, selected]))]


def _is_typed(name: str) -> Fragment:
    # Not `=`: PostgreSQL would drop the constant type from the order, take the index of all entities by their number
    # for it, and wade through the other types.
    return literal("type >= $1 and type <= $1", name)


def _listed_types(query: EntityQuery) -> tuple[str, ...] | None:
    if len(query.selectors) != 1:
        return None
    selector = query.selectors[0]
    return None if selector.ids or selector.types is None else names_of(selector.types)


def _conditions(query: EntityQuery, tenant_id: int) -> list[Fragment]:
    conditions = [living(tenant_id), *map(_touches, query.geo)]
    if query.numbers is not None:
        conditions.append(literal("seq = any($1::bigint[])", list(query.numbers)))
    if query.view is not None:
        conditions.append(view_sql(query.view))
    if query.paths:
        conditions.append(paths_sql(query.paths))
    if query.attributes:
        conditions.append(literal("attrs ?| $1::text[]", list(query.attributes)))
    if query.scope is not None:
        conditions.append(scope_sql(query.scope))
    if query.filter is not None:
        conditions.append(filter_sql(query.filter, tenant_id))
    return conditions


def _touches(geo: GeoFilter) -> Fragment:
    box = search_box(geo)
    if box is None:
        return literal("area is not null")
    return literal("area && box(point($1, $2), point($3, $4))", *box)
