"""What is known of live data sets' entities, kept and read."""

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.live_statistics import LiveAttribute, LiveStatistics
from services.catalog.store.live_tables import live_statistics
from services.catalog.store.tables import dataset

_TOLD = ("entities", "changed_at", "box", "attributes")
_LISTS = ("kinds", "values", "units", "types", "languages")


async def keep_statistics(
    connection: AsyncConnection, tenant_id: int, statistics: Mapping[str, LiveStatistics]
) -> None:
    """Keep what is known of a tenant's types, by their full names; rows that stay the same are not touched."""
    if not statistics:
        return
    known = select(dataset.c.entity_type, dataset.c.dataset_id).where(
        dataset.c.tenant_id == tenant_id, dataset.c.entity_type.in_(list(statistics))
    )
    datasets = {row.entity_type: row.dataset_id for row in await connection.execute(known)}
    rows = [
        {"tenant_id": tenant_id, "dataset_id": dataset_id, **_columns(statistics[name])}
        for name, dataset_id in datasets.items()
    ]
    if not rows:
        return
    statement = insert(live_statistics).values(rows)
    differs = live_statistics.c.attributes != statement.excluded.attributes
    for name in ("entities", "changed_at", "box"):
        differs |= live_statistics.c[name].is_distinct_from(statement.excluded[name])
    kept = statement.on_conflict_do_update(
        index_elements=["dataset_id"], set_={name: statement.excluded[name] for name in _TOLD}, where=differs
    )
    await connection.execute(kept)


async def statistics_of(connection: AsyncConnection, dataset_id: uuid.UUID) -> LiveStatistics | None:
    """Return what is known of a live data set's entities, None as long as nothing is."""
    found = await connection.execute(select(live_statistics).where(live_statistics.c.dataset_id == dataset_id))
    row = found.mappings().one_or_none()
    if row is None:
        return None
    attributes = tuple(_attribute(each) for each in row["attributes"])
    box = tuple(row["box"]) if row["box"] else None
    return LiveStatistics(row["entities"], attributes, box, row["changed_at"])


def _columns(statistics: LiveStatistics) -> dict[str, Any]:
    return {
        "entities": statistics.count,
        "changed_at": statistics.changed_at,
        "box": list(statistics.box) if statistics.box else None,
        "attributes": [dataclasses.asdict(each) for each in statistics.attributes],
    }


def _attribute(document: Mapping[str, Any]) -> LiveAttribute:
    lists = {name: tuple(document[name]) for name in _LISTS}
    return LiveAttribute(
        document["id"], document["name"], document["count"], **lists, is_observed=document["is_observed"]
    )
