"""Counting data sets by what they have: facets, publishers, tags."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Publisher
from services.catalog.domain.query import AllOf, Condition, Field, Is
from services.catalog.store.appearance_tables import PUBLISHER
from services.catalog.store.conditions import ARRAYS, COUNTED, selected
from services.catalog.store.expression import expression
from services.catalog.store.rows import publisher_of
from services.catalog.store.tables import dataset, tenant

_JOINED = dataset.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
Counts = tuple[tuple[str, int], ...]
"""Values with how many data sets have them, the most frequent first."""


@dataclass(frozen=True, slots=True)
class PublisherCount:
    """A publisher and how many of its data sets the caller sees."""

    publisher: Publisher
    datasets: int


async def count_by(
    connection: AsyncConnection, audience: Audience, condition: Condition, field: Field, limit: int
) -> list[tuple[str, int]]:
    """Return the most frequent values of a field among the selected data sets; a limit of 0 means all."""
    chosen = expression(selected(audience, condition))
    if field in ARRAYS:
        values = func.unnest(literal_column(COUNTED[field])).table_valued("value").render_derived(name="facet")
        value: ColumnElement[Any] = values.c.value
        statement = select(value, func.count()).select_from(_JOINED.join(values, true())).where(chosen)
    else:
        value = literal_column(COUNTED[field])
        statement = select(value, func.count()).select_from(_JOINED).where(chosen, value.is_not(None))
    ordered = statement.group_by(value).order_by(func.count().desc(), value)
    rows = await connection.execute(ordered.limit(limit) if limit else ordered)
    return [(str(name), int(count)) for name, count in rows]


async def publishers(connection: AsyncConnection, audience: Audience, slug: str | None = None) -> list[PublisherCount]:
    """Return the publishers of which the caller sees a data set, or the one that is named."""
    wanted = AllOf() if slug is None else Is(Field.ORGANIZATION, slug)
    statement = (
        select(tenant.c.tenant_id, *PUBLISHER, func.count().label("datasets"))
        .select_from(_JOINED)
        .where(expression(selected(audience, wanted)))
        .group_by(tenant.c.tenant_id)
        .order_by(tenant.c.name)
    )
    rows = (await connection.execute(statement)).mappings()
    return [PublisherCount(publisher_of(row), row["datasets"]) for row in rows]
