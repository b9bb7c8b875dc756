"""History: one row for each attribute instance written or deleted, in the writer's transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL = load_statements("services.broker.store", "sql/entities.sql")
_Row = dict[str, Any]


async def record(connection: Connection, tenant_id: int, changes: Sequence[Change]) -> None:
    """Insert what the changes wrote, in their order; the changes' entities are numbered.

    The rows go as one JSON document: measured, it costs the client a third of what arrays cost.
    """
    rows = [row for change in changes for row in _rows(change)]
    if rows:
        await connection.execute(_SQL["insert_history"], tenant_id, rows)


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
                observed_at = instance.get("observedAt")
                row = _row(entity, name, recorded_at)
                yield {**row, "observed_at": observed_at, "change": _verb(there), "instance": instance}
        left = {each.get("datasetId") for each in present}
        for old in there:
            if old.get("datasetId") not in left:
                gone = {"datasetId": old["datasetId"]} if "datasetId" in old else None
                yield {**_row(entity, name, recorded_at), "change": "deleted", "instance": gone}


def _row(entity: Entity, name: str, recorded_at: datetime | None) -> _Row:
    return {"uri": entity.uri, "seq": entity.seq, "attribute": name, "recorded_at": recorded_at}


def _verb(there: Sequence[object]) -> str:
    return "updated" if there else "created"


async def make_partitions(connection: Connection, days: int) -> None:
    """Make the history's partitions for today and the days to come; they serve every tenant."""
    await connection.execute(_SQL["make_partitions"], days)
