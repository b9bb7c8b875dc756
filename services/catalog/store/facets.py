"""Counting data sets by what they have: facets, publishers, tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Publisher
from services.catalog.domain.query import AllOf, Condition, Field
from services.catalog.store.conditions import SLUG, clause, visible
from services.catalog.store.rows import publisher_of
from services.catalog.store.tables import dataset, tenant

_JOINED = dataset.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
ARRAYS: Mapping[Field, ColumnElement[Any]] = MappingProxyType(
    {Field.TAG: dataset.c.tags, Field.THEME: dataset.c.themes, Field.FORMAT: dataset.c.formats}
)
TEXTS: Mapping[Field, ColumnElement[Any]] = MappingProxyType(
    {
        Field.ORGANIZATION: SLUG,
        Field.LICENCE: dataset.c.licence,
        Field.KIND: dataset.c.kind,
        Field.SPATIAL: dataset.c.spatial,
    }
)
Counts = tuple[tuple[str, int], ...]
"""Values with how many data sets have them, the most frequent first."""
FACETS = frozenset({*ARRAYS, *TEXTS})
"""The fields that can be counted by."""


@dataclass(frozen=True, slots=True)
class PublisherCount:
    """A publisher and how many of its data sets the caller sees."""

    publisher: Publisher
    datasets: int


async def count_by(
    connection: AsyncConnection, audience: Audience, condition: Condition, field: Field, limit: int
) -> list[tuple[str, int]]:
    """Return the most frequent values of a field among the selected data sets; a limit of 0 means all."""
    selected = visible(audience) & clause(condition)
    if field in ARRAYS:
        values = func.unnest(ARRAYS[field]).table_valued("value").render_derived(name="facet")
        value: ColumnElement[Any] = values.c.value
        statement = select(value, func.count()).select_from(_JOINED.join(values, true())).where(selected)
    else:
        value = TEXTS[field]
        statement = select(value, func.count()).select_from(_JOINED).where(selected, value.is_not(None))
    ordered = statement.group_by(value).order_by(func.count().desc(), value)
    rows = await connection.execute(ordered.limit(limit) if limit else ordered)
    return [(str(name), int(count)) for name, count in rows]


async def publishers(connection: AsyncConnection, audience: Audience, slug: str | None = None) -> list[PublisherCount]:
    """Return the publishers of which the caller sees a data set, or the one that is named."""
    statement = (
        select(
            tenant.c.tenant_id,
            tenant.c.name.label("tenant_name"),
            tenant.c.details.label("tenant_details"),
            func.count().label("datasets"),
        )
        .select_from(_JOINED)
        .where(visible(audience), clause(AllOf()))
        .group_by(tenant.c.tenant_id)
        .order_by(tenant.c.name)
    )
    if slug is not None:
        statement = statement.where(SLUG.in_([slug]))
    rows = (await connection.execute(statement)).mappings()
    return [PublisherCount(publisher_of(row), row["datasets"]) for row in rows]
