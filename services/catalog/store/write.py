"""Writing data sets. Names are given one at a time in the whole catalogue, so that none is given twice."""

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import delete as delete_from
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain import slug
from services.catalog.domain.dataset import Dataset
from services.catalog.store.rows import dataset_row, distribution_rows
from services.catalog.store.tables import dataset, distribution, tenant
from services.kernel.tenancy.room import require_room

_NAMING = 0x6E616D65  # "name": the advisory lock of the catalogue's names
_AT_ONCE = 500


async def lock_names(connection: AsyncConnection) -> None:
    """Wait until no other transaction gives names; held to the end of this one."""
    await connection.execute(select(func.pg_advisory_xact_lock(_NAMING)))


async def taken_names(connection: AsyncConnection, wishes: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Return which of the candidates for (wish, tenant, key) are taken, each with the tenant that has it."""
    asked = sorted({name for wish in wishes for name in slug.candidates(*wish)})
    taken: dict[str, str] = {}
    for start in range(0, len(asked), _AT_ONCE):
        statement = (
            select(dataset.c.name, tenant.c.name)
            .join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
            .where(dataset.c.name.in_(asked[start : start + _AT_ONCE]))
        )
        rows = await connection.execute(statement)
        taken |= {str(name): str(owner) for name, owner in rows}
    return taken


async def make_room(connection: AsyncConnection, tenant_id: int, more: int) -> None:
    """Refuse data sets that the tenant's quota has no room for; those of live types count, but come by themselves.

    Raises QuotaReached.
    """
    await require_room(connection, "datasets", (dataset,), tenant_id, more)


async def add(connection: AsyncConnection, datasets: Sequence[Dataset]) -> None:
    """Insert data sets with their distributions. Raises AlreadyExists."""
    for start in range(0, len(datasets), _AT_ONCE):
        part = datasets[start : start + _AT_ONCE]
        await connection.execute(insert(dataset), [dataset_row(each) for each in part])
        await _add_distributions(connection, part)


async def replace(connection: AsyncConnection, changed: Dataset) -> None:
    """Write all that a data set says anew; its name, tenant and identifier stay."""
    row = dataset_row(changed)
    own = (dataset.c.dataset_id == changed.dataset_id) & (dataset.c.tenant_id == changed.publisher.tenant_id)
    await connection.execute(update(dataset).where(own).values(row))
    theirs = (distribution.c.dataset_id == changed.dataset_id) & (
        distribution.c.tenant_id == changed.publisher.tenant_id
    )
    await connection.execute(delete_from(distribution).where(theirs))
    await _add_distributions(connection, (changed,))


async def remove(connection: AsyncConnection, tenant_id: int, dataset_id: uuid.UUID) -> None:
    """Delete a tenant's data set with its distributions."""
    own = (dataset.c.dataset_id == dataset_id) & (dataset.c.tenant_id == tenant_id)
    await connection.execute(delete_from(dataset).where(own))


async def _add_distributions(connection: AsyncConnection, datasets: Iterable[Dataset]) -> None:
    rows = [row for each in datasets for row in distribution_rows(each)]
    if rows:
        await connection.execute(insert(distribution), rows)
