"""What a condition selects: the identifiers of a part in order, how many there are, counts by field; one statement."""

import dataclasses
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, RowMapping, Select, TextClause, and_, func, not_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import Audience
from services.catalog.domain.query import Condition, Field, Slice, Sort, SortKey, phrases
from services.catalog.domain.search_terms import normalise
from services.catalog.store import ranking
from services.catalog.store.conditions import clause, order, visible
from services.catalog.store.facets import ARRAYS, TEXTS, Counts
from services.catalog.store.tables import dataset, tenant

Statement = Select[*tuple[Any, ...]]
_JOINED = dataset.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
_SORTED: Mapping[SortKey, str] = {
    SortKey.NAME: "name",
    SortKey.TITLE: "heading",
    SortKey.CREATED: "created_at",
    SortKey.MODIFIED: "updated_at",
    SortKey.IDENTIFIER: "dataset_id",
    SortKey.DUE: "due_at",
}


_RANKED = ("title_end", "labels_end", "prose_end", "fresh_at")
_SORTED_BY = tuple(dataset.c[name] for name in dict.fromkeys((*_SORTED.values(), *_RANKED)))
_COUNTED: Mapping[Field, ColumnElement[Any]] = {**ARRAYS, **TEXTS}


_PAGE = """(select array_agg(dataset_id)
from (select dataset_id from hits order by {order_by} limit :size offset :start) page) as page"""
_FACET = """(select json_agg(json_build_array(value, number)) from (
    select value, count(*) as number from (select {held} as value from hits) held
    where value is not null group by value order by count(*) desc, value limit :most
) counts) as {label}"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who searches, for what, by which fields the results are counted, and how many values each count names."""

    audience: Audience
    condition: Condition
    fields: tuple[Field, ...] = ()
    values: int = 20

    @property
    def phrases(self) -> tuple[str, ...]:
        """The normalised phrases that results are ranked by."""
        plain = (normalise(phrase) for phrase in phrases(self.condition))
        return tuple(dict.fromkeys(phrase for phrase in plain if phrase))

    @property
    def where(self) -> ColumnElement[bool]:
        """What selects the results."""
        return and_(visible(self.audience), clause(self.condition))


@dataclass(frozen=True, slots=True)
class Hits:
    """How many data sets there are, those of the part that is wanted, and the counts by field."""

    total: int
    identifiers: tuple[uuid.UUID, ...] = ()
    facets: Mapping[Field, Counts] = field(default_factory=dict)


async def few_hits(connection: AsyncConnection, asked: Asked, part: Slice, most: int) -> Hits | None:
    """Return the results in order if there are not more than `most`, else None."""
    row = await _read(connection, asked, _hits(asked, most + 1), part)
    if row["total"] > most:
        return None
    return Hits(row["total"], tuple(row["page"] or ()), _counts(row, asked))


async def count_all(connection: AsyncConnection, asked: Asked) -> Hits:
    """Count all results, and by field, however many there are."""
    row = await _read(connection, asked, _hits(asked, None), None)
    return Hits(row["total"], (), _counts(row, asked))


async def many_hits(connection: AsyncConnection, asked: Asked, part: Slice, most: int) -> tuple[uuid.UUID, ...]:
    """Return a part of many results: those with every phrase in the title first, each kind by freshness.

    Only as many rows are read as the part needs. An order other than by score is kept as it is asked for.
    """
    said = asked.phrases
    if not said or not part.order or part.order[0] != Sort(SortKey.SCORE, is_descending=True):
        return await _walk(connection, asked, part, asked.where)
    titles = await _count_titled(connection, asked, most)
    if titles < most:
        first = await _best_titled(connection, asked, part, most)
    else:
        first = await _walk(connection, asked, part, and_(asked.where, ranking.titled(said, indexed=False)))
        if len(first) < part.limit:
            titles = await _count_titled(connection, asked, None)
    rest = Slice(part.limit - len(first), max(0, part.offset - titles), part.order)
    if not rest.limit:
        return first
    others = and_(asked.where, not_(ranking.titled(said, indexed=False)))
    return first + await _walk(connection, asked, rest, others)


async def _count_titled(connection: AsyncConnection, asked: Asked, most: int | None) -> int:
    """Count the results with every phrase in the title, up to a number."""
    where = and_(asked.where, ranking.titled(asked.phrases, indexed=True))
    found = select(dataset.c.dataset_id).select_from(_JOINED).where(where).limit(most).subquery()
    return int((await connection.execute(select(func.count()).select_from(found))).scalar_one())


async def _best_titled(connection: AsyncConnection, asked: Asked, part: Slice, most: int) -> tuple[uuid.UUID, ...]:
    """Return a part of the results with every phrase in the title, of which there are not many."""
    hits = _hits(asked, most, ranking.titled(asked.phrases, indexed=True))
    row = await _read(connection, dataclasses.replace(asked, fields=()), hits, part)
    return tuple(row["page"] or ())


async def _walk(
    connection: AsyncConnection, asked: Asked, part: Slice, where: ColumnElement[bool]
) -> tuple[uuid.UUID, ...]:
    """Read rows in order until the part is full."""
    statement = select(dataset.c.dataset_id).select_from(_JOINED).where(where).order_by(*order(part))
    return await _identifiers(connection, statement.limit(part.limit).offset(part.offset))


async def _identifiers(connection: AsyncConnection, statement: Statement) -> tuple[uuid.UUID, ...]:
    return tuple((await connection.execute(statement)).scalars())


def _hits(asked: Asked, most: int | None, also: ColumnElement[bool] | None = None) -> CTE:
    """Select what ranking, order and counts need of the results."""
    counted = [column.label(_label(each)) for each, column in _COUNTED.items() if each in asked.fields]
    statement = select(*_SORTED_BY, *ranking.places(asked.phrases), *counted).select_from(_JOINED).where(asked.where)
    if also is not None:
        statement = statement.where(also)
    return (statement if most is None else statement.limit(most)).cte("hits").prefix_with("materialized")


async def _read(connection: AsyncConnection, asked: Asked, hits: CTE, part: Slice | None) -> RowMapping:
    """Run the one statement: the total, the part's identifiers, the counts.

    What stands around the hits is text made of our own words: as expressions it would take longer to build than to run.
    """
    wanted = [text("(select count(*) from hits) as total")]
    if part is not None:
        wanted.append(_page(asked, part))
    wanted += [text(_facet(each)).bindparams(most=asked.values or None) for each in asked.fields]
    return (await connection.execute(select(*wanted).add_cte(hits))).mappings().one()


def _page(asked: Asked, part: Slice) -> TextClause:
    keys = [f"{_key(sort, len(asked.phrases))} {'desc' if sort.is_descending else 'asc'}" for sort in part.order]
    page = text(_PAGE.format(order_by=", ".join([*keys, "name asc"])))
    return page.bindparams(size=part.limit, start=part.offset)


def _key(sort: Sort, phrases: int) -> str:
    return ranking.score(phrases) if sort.key is SortKey.SCORE else _SORTED[sort.key]


def _label(field: Field) -> str:
    return f"by_{field}"


@cache
def _facet(field: Field) -> str:
    """Count the values of a field: the most frequent first, as pairs in JSON."""
    label = _label(field)
    return _FACET.format(label=label, held=f"unnest({label})" if field in ARRAYS else label)


def _counts(row: RowMapping, asked: Asked) -> dict[Field, Counts]:
    return {each: tuple((str(v), int(n)) for v, n in row[_label(each)] or ()) for each in asked.fields}
