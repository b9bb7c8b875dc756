"""History: one row for each attribute instance written or deleted, in the writer's transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from services.broker.domain.attribute import Instance
from services.broker.domain.change import Change
from services.kernel.clock import from_iso
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL = load_statements("services.broker.store", "sql/entities.sql")
_Row = tuple[str, str, datetime | None, datetime | None, int, str, Instance | None]


async def record(connection: Connection, tenant_id: int, changes: Sequence[Change]) -> None:
    """Insert what the changes wrote, in their order; the changes' entities are numbered."""
    rows = [row for change in changes for row in _rows(change)]
    if rows:
        columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
        await connection.execute(_SQL["insert_history"], tenant_id, *columns)


def _rows(change: Change) -> Iterator[_Row]:
    entity = change.entity
    before = change.before.attrs if change.before else {}
    after = change.after.attrs if change.after else {}
    recorded_at = entity.modified_at if change.after else change.deleted_at
    for name in change.written | change.deleted:
        there = before.get(name, [])
        present = after.get(name, [])
        for instance in present:
            if not any(instance is old for old in there):
                kind = "updated" if name in before else "created"
                observed_at = _observed_at(instance)
                yield entity.uri, name, recorded_at, observed_at, entity.seq, kind, instance
        left = {each.get("datasetId") for each in present}
        for old in there:
            if old.get("datasetId") not in left:
                gone = {"datasetId": old["datasetId"]} if "datasetId" in old else None
                yield entity.uri, name, recorded_at, None, entity.seq, "deleted", gone


def _observed_at(instance: Instance) -> datetime | None:
    text = instance.get("observedAt")
    return from_iso(text) if text else None


async def make_partitions(connection: Connection, days: int) -> None:
    """Make the history's partitions for today and the days to come; they serve every tenant."""
    await connection.execute(_SQL["make_partitions"], days)
