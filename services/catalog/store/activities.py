"""What happened to data sets: their published versions, the latest first, of all that a caller sees."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import Audience
from services.catalog.domain.query import Condition, Slice
from services.catalog.domain.version import Version, content_of
from services.catalog.store.conditions import selected
from services.catalog.store.expression import expression
from services.catalog.store.tables import dataset, tenant
from services.catalog.store.version_tables import dataset_version


@dataclass(frozen=True, slots=True)
class Period:
    """Which versions: published after an instant, before another, by somebody; first ones, later ones, or both."""

    after: datetime | None = None
    before: datetime | None = None
    by: str | None = None
    first: bool = True
    later: bool = True


async def activities(
    connection: AsyncConnection, audience: Audience, condition: Condition, period: Period, part: Slice
) -> list[tuple[uuid.UUID, Version]]:
    """Return versions with the identifier of their data set."""
    own = dataset_version.c.dataset_id == dataset.c.dataset_id
    joined = dataset_version.join(dataset, own & (dataset_version.c.tenant_id == dataset.c.tenant_id))
    joined = joined.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
    seen = expression(selected(audience, condition))
    chosen = select(dataset_version).select_from(joined).where(*_within(period), seen)
    ordered = chosen.order_by(dataset_version.c.published_at.desc(), dataset_version.c.dataset_id)
    return [_read(row) for row in (await connection.execute(ordered.limit(part.limit).offset(part.offset))).mappings()]


def _within(period: Period) -> list[Any]:
    version = dataset_version.c
    wanted: list[Any] = []
    if period.after is not None:
        wanted.append(version.published_at > period.after)
    if period.before is not None:
        wanted.append(version.published_at < period.before)
    if period.by is not None:
        wanted.append(version.published_by == period.by)
    if not (period.first and period.later):
        wanted.append(version.number == 1 if period.first else version.number > 1)
    return wanted


def _read(row: Any) -> tuple[uuid.UUID, Version]:
    told = (row["number"], row["published_at"], row["published_by"], row["note"])
    return row["dataset_id"], Version(*told, content_of(row["content"]))
