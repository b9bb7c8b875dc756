"""Working copies as rows."""

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.dialects.postgresql import insert as insert_or_update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.dataset import Dataset, State
from services.catalog.domain.version import content_of, document_of
from services.catalog.domain.working_copy import WorkingCopy
from services.catalog.store.rows import Row
from services.catalog.store.tables import tenant
from services.catalog.store.working_copy_tables import working_copy

_PLAIN = ("changed_by", "changed_at", "submitted_by", "note")


async def find_copy_of(connection: AsyncConnection, dataset: Dataset) -> WorkingCopy | None:
    """Return the working copy of a data set, None if there is none."""
    row = (await connection.execute(select(working_copy).where(_of(dataset)))).mappings().first()
    return _copy(row) if row else None


async def copied_of(connection: AsyncConnection, tenants: Collection[str] | None, limit: int) -> list[uuid.UUID]:
    """Return which data sets of some tenants (None: all) have a working copy, the latest first."""
    statement = select(working_copy.c.dataset_id).join(tenant, tenant.c.tenant_id == working_copy.c.tenant_id)
    if tenants is not None:
        statement = statement.where(tenant.c.name.in_(tenants))
    return list(await connection.scalars(statement.order_by(working_copy.c.changed_at.desc()).limit(limit)))


async def copy_with_form(connection: AsyncConnection, distribution_id: uuid.UUID) -> uuid.UUID | None:
    """Return the data set whose working copy has a distribution."""
    wanted = {"distributions": [{"distribution_id": str(distribution_id)}]}
    statement = select(working_copy.c.dataset_id).where(working_copy.c.content.contains(wanted))
    found: uuid.UUID | None = (await connection.scalars(statement)).first()
    return found


async def keep_copy(connection: AsyncConnection, dataset: Dataset, copy: WorkingCopy) -> None:
    """Write the working copy of a data set, in the place of the one that it had."""
    keys = {"tenant_id": dataset.publisher.tenant_id, "dataset_id": dataset.dataset_id}
    values: dict[str, Any] = {name: getattr(copy, name) for name in _PLAIN}
    values |= {"state": copy.state, "before": document_of(copy.before), "content": document_of(copy.content)}
    statement = insert_or_update(working_copy).values(**keys, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["dataset_id"], set_=values))


async def remove_copy(connection: AsyncConnection, dataset: Dataset) -> None:
    """Delete the working copy of a data set."""
    await connection.execute(delete(working_copy).where(_of(dataset)))


def _of(dataset: Dataset) -> ColumnElement[bool]:
    own = working_copy.c.dataset_id == dataset.dataset_id
    return and_(own, working_copy.c.tenant_id == dataset.publisher.tenant_id)


def _copy(row: Row) -> WorkingCopy:
    plain = {name: row[name] for name in _PLAIN}
    return WorkingCopy(content_of(row["before"]), content_of(row["content"]), state=State(row["state"]), **plain)
