"""Queries about places: an index narrows to candidates by their boxes, GEOS and a geodesic decide, in chunks.

A candidate whose geometries are all one point needs no more than its box; of the others the geometries are read.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from services.broker.domain.attribute import GEO_PROPERTY
from services.broker.domain.entity import Entity
from services.broker.domain.names import LOCATION
from services.broker.query.distance import distances_m
from services.broker.query.entity_query import EntityQuery, Order
from services.broker.query.geometry import Shapes, holds, read_reference, read_shape_lists, search_box
from services.broker.query.jsonpath import quote
from services.broker.query.sql_order import order_sql
from services.broker.query.to_sql import where
from services.broker.query.tree import AttributeTarget
from services.broker.store.rows import COLUMNS, entity_from_row
from services.kernel.postgres import Connection
from services.kernel.sql import Fragment, join, literal, load_statements

_SQL: Final = load_statements("services.broker.store", "sql/queries.sql")
_CHUNK: Final = 5000
_FIRST: Final = 2000
_GEOMETRIES: Final = f'?(@."kind" == "{GEO_PROPERTY}")."value"'

Numbers: TypeAlias = npt.NDArray[np.int64]
Metres: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Hits:
    """Entities that meet the query, by their numbers, and for each order by distance how far they are."""

    numbers: Numbers
    distances: tuple[Metres, ...] = ()


@dataclass(frozen=True, slots=True)
class _Located:
    """The geometries of one attribute of a chunk of candidates, and the place of the candidate each belongs to."""

    shapes: Shapes
    places: npt.NDArray[np.intp]
    size: int

    def meet(self, flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Return which candidates have a geometry that is flagged."""
        met = np.zeros(self.size, dtype=bool)
        met[self.places[flags]] = True
        return met

    def nearest_m(self, order: Order) -> Metres:
        """Return how far each candidate is from where the order starts; NaN where it has no geometry."""
        metres = np.full(self.size, np.nan)
        np.fmin.at(metres, self.places, distances_m(read_reference(str(order.distance_from)), self.shapes))
        return metres


async def find_located(connection: Connection, tenant_id: int, query: EntityQuery) -> tuple[list[Entity], int | None]:
    """Return the page of entities and, if asked, their number; both from one snapshot."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        hits = await _find_hits(connection, tenant_id, query)
        rows = await _fetch_page(connection, tenant_id, query, hits)
    entities = [entity_from_row(row) for row in rows]
    return entities, len(hits.numbers) if query.page.count else None


async def _find_hits(connection: Connection, tenant_id: int, query: EntityQuery) -> _Hits:
    enough = None if query.page.count or query.orders else query.page.offset + query.page.limit
    if enough is not None and enough <= _FIRST:
        # A wide place meets many of the first entities: then nothing needs to be sorted.
        rows = await _fetch(connection, _statement(query, tenant_id, _first(tenant_id)))
        hits = _decide(query, rows)
        if len(hits.numbers) >= enough:
            return hits
    found = [_decide(query, ())]
    async for rows in _candidates(connection, tenant_id, query):
        found.append(_decide(query, rows))
        if enough is not None and sum(len(each.numbers) for each in found) >= enough:
            break
    columns = zip(*(each.distances for each in found), strict=True)
    return _Hits(np.concatenate([each.numbers for each in found]), tuple(map(np.concatenate, columns)))


def _distances(query: EntityQuery) -> list[Order]:
    return [order for order in query.orders if order.distance_from is not None]


def _attributes(query: EntityQuery) -> list[str | None]:
    names = [geo.attribute for geo in query.geo] + [_attribute_of(order) for order in _distances(query)]
    return list(dict.fromkeys(names))


def _attribute_of(order: Order) -> str | None:
    return order.target.attribute if isinstance(order.target, AttributeTarget) else None


async def _candidates(connection: Connection, tenant_id: int, query: EntityQuery) -> AsyncIterator[Sequence[Any]]:
    """Yield candidates in order of creation, in chunks of rows (number, x, y, geometries…)."""
    if any(search_box(geo) for geo in query.geo):
        # PostgreSQL is to plan for all candidates, by their boxes, not for the first few in order.
        await connection.execute(_SQL["plan_for_all"])
    statement = _statement(query, tenant_id, literal("entity"))
    cursor = await connection.cursor(statement.text, *statement.parameters)
    while rows := await cursor.fetch(_CHUNK):
        yield rows


def _statement(query: EntityQuery, tenant_id: int, table: Fragment) -> Fragment:
    return (
        literal("select seq, (area[0])[0], (area[0])[1], ")
        + join(", ", map(_geometries, _attributes(query)))
        + literal(" from ")
        + table
        + literal(" where ")
        + where(query, tenant_id)
        + literal(" order by seq")
    )


def _first(tenant_id: int) -> Fragment:
    return literal("(select * from entity where tenant_id = $1 order by seq limit $2) as entity", tenant_id, _FIRST)


async def _fetch(connection: Connection, statement: Fragment) -> Sequence[Any]:
    rows: Sequence[Any] = await connection.fetch(statement.text, *statement.parameters)
    return rows


def _geometries(attribute: str | None) -> Fragment:
    """Select the geometries of an attribute as a JSON array; null where they are the point that the box is."""
    point = literal("(area[0])[0] = (area[1])[0] and (area[0])[1] = (area[1])[1]")
    if attribute is None:
        every = literal("jsonb_path_query_array(attrs, $1::jsonpath)", "$.*" + _GEOMETRIES)
        default = literal("nullif(") + _array_of(LOCATION) + literal(", '[]')")
        return _unless(point, literal("coalesce(") + default + literal(", ") + every + literal(")"))
    kind = literal(" and attrs #>> $1::text[] = $2", [attribute, "0", "kind"], GEO_PROPERTY)
    return _unless(point + kind, _array_of(attribute))


def _array_of(attribute: str) -> Fragment:
    return literal("jsonb_path_query_array(attrs, $1::jsonpath)", f"$.{quote(attribute)}{_GEOMETRIES}")


def _unless(condition: Fragment, value: Fragment) -> Fragment:
    return literal("case when ") + condition + literal(" then null else ") + value + literal("::text end")


def _decide(query: EntityQuery, rows: Sequence[Any]) -> _Hits:
    if not rows:
        return _Hits(np.empty(0, dtype=np.int64), tuple(np.empty(0) for _ in _distances(query)))
    number, x, y, *texts = zip(*(tuple(row) for row in rows), strict=True)
    points = shapely.points(np.array(x, dtype=float), np.array(y, dtype=float))
    located = {name: _read(points, column) for name, column in zip(_attributes(query), texts, strict=True)}
    hit = np.ones(len(rows), dtype=bool)
    for geo in query.geo:
        about = located[geo.attribute]
        hit &= about.meet(holds(geo, about.shapes))
    distances = [located[_attribute_of(order)].nearest_m(order)[hit] for order in _distances(query)]
    return _Hits(np.array(number, dtype=np.int64)[hit], tuple(distances))


def _read(points: Shapes, texts: Sequence[str | None]) -> _Located:
    simple = np.array([each is None for each in texts])
    others = np.flatnonzero(~simple)
    if not len(others):
        return _Located(points, np.arange(len(points)), len(points))
    shapes, owners = read_shape_lists([each for each in texts if each is not None])
    places = np.concatenate([np.flatnonzero(simple), others[owners]])
    return _Located(np.concatenate([points[simple], shapes]), places, len(points))


async def _fetch_page(connection: Connection, tenant_id: int, query: EntityQuery, hits: _Hits) -> Sequence[Any]:
    page = query.page
    if not query.orders:
        numbers = hits.numbers[page.offset : page.offset + page.limit].tolist()
        return await _fetch(connection, Fragment(_SQL["by_numbers"], (tenant_id, numbers))) if numbers else []
    order = order_sql(query.orders)
    statement = (
        literal("select ")
        + Fragment(COLUMNS)
        + literal(" from ")
        + _hit_relation(query, hits)
        + literal(" join entity on tenant_id = $1 and seq = hit.number", tenant_id)
        + order.joins
        + literal(" order by ")
        + order.keys
        + literal(" limit $1 offset $2", page.limit, page.offset)
    )
    return await _fetch(connection, statement)


def _hit_relation(query: EntityQuery, hits: _Hits) -> Fragment:
    names = [f"key{place}" for place, order in enumerate(query.orders) if order.distance_from is not None]
    arrays = [literal("$1::bigint[]", hits.numbers.tolist())]
    arrays += [literal("$1::float8[]", [None if np.isnan(m) else m for m in each.tolist()]) for each in hits.distances]
    columns = Fragment(", ".join(["number", *names]))
    return literal("unnest(") + join(", ", arrays) + literal(") as hit (") + columns + literal(")")
