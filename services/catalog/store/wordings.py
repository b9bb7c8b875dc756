"""The words that data sets use: titles and keywords."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import preferred
from services.catalog.domain.query import Condition
from services.catalog.store.conditions import selected
from services.catalog.store.expression import expression
from services.catalog.store.tables import dataset, tenant

Wording = tuple[str, Sequence[str]]
"""The title of a data set and its keywords."""


async def wordings(connection: AsyncConnection, audience: Audience, condition: Condition, most: int) -> list[Wording]:
    """Return titles and keywords of some of the data sets that a condition selects."""
    joined = dataset.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
    statement = select(dataset.c.titles, dataset.c.keywords).select_from(joined)
    chosen = statement.where(expression(selected(audience, condition))).limit(most)
    return [(preferred(titles), keywords) for titles, keywords in await connection.execute(chosen)]
