"""Rows whose search columns were made with other rules, or with another title of their publisher."""

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.store.appearance_tables import tenant_appearance
from services.catalog.store.find import read_in_order
from services.catalog.store.search_columns import ANALYSIS, search_columns
from services.catalog.store.tables import dataset, tenant

_SHOWN = tenant_appearance.c.appearance["names"]
_TITLED = func.nullif(tenant.c.details["title"].astext, "")
_TITLE = func.coalesce(_SHOWN["ja"].astext, _TITLED, func.nullif(tenant.c.name, ""), "default tenant")
_TITLE_EN = func.coalesce(_SHOWN["en"].astext, tenant.c.details["title_en"].astext, "")
_CURRENT = func.concat(ANALYSIS, "\n", _TITLE, "\n", _TITLE_EN)


async def rewrite_stale(connection: AsyncConnection, most: int) -> int:
    """Rewrite the search columns of some such rows; return how many. Rows that are being written are left alone."""
    joined = dataset.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
    joined = joined.outerjoin(tenant_appearance, tenant_appearance.c.tenant_id == tenant.c.tenant_id)
    chosen = select(dataset.c.dataset_id).select_from(joined).where(dataset.c.analysed_as != _CURRENT)
    locked = chosen.order_by(dataset.c.dataset_id).limit(most).with_for_update(of=dataset, skip_locked=True)
    identifiers = tuple((await connection.execute(locked)).scalars())
    for each in await read_in_order(connection, identifiers):
        own = (dataset.c.dataset_id == each.dataset_id) & (dataset.c.tenant_id == each.publisher.tenant_id)
        await connection.execute(update(dataset).where(own).values(search_columns(each)))
    return len(identifiers)
