"""Which data sets are late and whose entities do not say so, and the other way round."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_or_update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.dataset import State
from services.catalog.store.lateness_tables import told_late
from services.catalog.store.tables import dataset, tenant

_IS_SHOWN = dataset.c.state == State.PUBLISHED


@dataclass(frozen=True, slots=True)
class Untold:
    """A data set whose entity must be written: whose, when it was due, None if it is late no more."""

    tenant_id: int
    tenant: str
    dataset_id: uuid.UUID
    due_at: datetime | None


async def find_untold(connection: AsyncConnection, now: datetime, limit: int) -> list[Untold]:
    """Return data sets that became late, then those that are late no more, of tenants in use; `limit` of each."""
    same = told_late.c.dataset_id == dataset.c.dataset_id
    joined = dataset.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id).outerjoin(told_late, same)
    is_new = or_(told_late.c.dataset_id.is_(None), told_late.c.due_at != dataset.c.due_at)
    late = select(dataset.c.tenant_id, tenant.c.name, dataset.c.dataset_id, dataset.c.due_at).select_from(joined)
    late = late.where(_IS_SHOWN, dataset.c.due_at <= now, tenant.c.status == "active", is_new)
    told = told_late.join(tenant, tenant.c.tenant_id == told_late.c.tenant_id)
    still = and_(same, _IS_SHOWN, dataset.c.due_at <= now)
    over = select(told_late.c.tenant_id, tenant.c.name, told_late.c.dataset_id).select_from(told)
    over = over.where(tenant.c.status == "active", ~select(dataset.c.dataset_id).where(still).exists())
    began = (await connection.execute(late.order_by(dataset.c.due_at).limit(limit))).all()
    ended = (await connection.execute(over.limit(limit))).all()
    return [*(Untold(*row) for row in began), *(Untold(*row, None) for row in ended)]


async def note_told(connection: AsyncConnection, told: Iterable[Untold]) -> None:
    """Note what the entities of data sets say now."""
    for each in told:
        if each.due_at is None:
            own = and_(told_late.c.dataset_id == each.dataset_id, told_late.c.tenant_id == each.tenant_id)
            await connection.execute(delete(told_late).where(own))
            continue
        values = {"tenant_id": each.tenant_id, "dataset_id": each.dataset_id, "due_at": each.due_at}
        statement = insert_or_update(told_late).values(values)
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["dataset_id"], set_={"due_at": each.due_at})
        )
