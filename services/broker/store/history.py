"""History: one row for each attribute instance written or deleted, in the writer's transaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.broker.domain.attribute import Instance
from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL = load_statements("services.broker.store", "sql/entities.sql")
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The history of changes.

    `replaced` are, by number of the entity, attributes whose only instance took the place of another: nearly all that
    is written. Their history is what is written of the entity. `rows` are the rows of everything else; they go to
    PostgreSQL as one JSON document: measured, it costs the client a third of what arrays cost.
    """

    replaced: Mapping[int, Sequence[str]]
    rows: Sequence[_Row]


def are_born(changes: Sequence[Change], created: Sequence[Entity]) -> bool:
    """Tell whether the history of entities that are created is what they are: nothing else was done to them."""
    ends = {id(each) for each in created}
    births = [each.after for each in changes if each.before is None]
    return len(births) == len(ends) and all(id(each) in ends for each in births)


def recorded(changes: Sequence[Change], written: Sequence[Entity]) -> Recorded:
    """Return the history of changes, whose entities are numbered; `written` are those stored along with it."""
    ends = {id(each) for each in written}
    replaced: dict[int, Sequence[str]] = {}
    rows: list[_Row] = []
    for change in changes:
        if id(change.after) in ends and _only_replaces(change):
            replaced[change.entity.seq] = tuple(change.written)
        else:
            _put_rows(rows, change)
    return Recorded(replaced, rows)


def _only_replaces(change: Change) -> bool:
    """Tell whether each attribute that a change wrote had one instance and has another one now, and none is gone."""
    if change.before is None or change.after is None:
        return False
    before, after = change.before.attrs, change.after.attrs
    for name in change.written:
        there: Sequence[Instance] = before.get(name, ())
        present: Sequence[Instance] = after.get(name, ())
        if not _is_one_for_one(there, present) or there[0] is present[0]:
            return False
    return before.keys() <= after.keys()


def _put_rows(rows: list[_Row], change: Change) -> None:
    before = change.before.attrs if change.before else {}
    after = change.after.attrs if change.after else {}
    entity = change.entity
    recorded_at = entity.modified_at if change.after else change.deleted_at
    touched = change.written if before.keys() <= after.keys() else change.written | change.deleted
    for name in touched:
        there: Sequence[Instance] = before.get(name, ())
        present: Sequence[Instance] = after.get(name, ())
        row = {"uri": entity.uri, "seq": entity.seq, "attribute": name, "recorded_at": recorded_at}
        verb = "updated" if there else "created"
        rows += [
            {**row, "observed_at": instance.get("observedAt"), "change": verb, "instance": instance}
            for instance in present
            if not _is_among(instance, there)
        ]
        if there and not _is_one_for_one(there, present):
            rows += [{**row, "change": "deleted", "instance": each} for each in _gone(there, present)]


def _is_among(instance: Instance, there: Sequence[Instance]) -> bool:
    if len(there) == 1:
        return there[0] is instance
    return any(old is instance for old in there)


def _is_one_for_one(there: Sequence[Instance], present: Sequence[Instance]) -> bool:
    return len(there) == len(present) == 1 and there[0].get("datasetId") == present[0].get("datasetId")


def _gone(there: Sequence[Instance], present: Sequence[Instance]) -> Iterator[Instance | None]:
    """Yield what is left in the history of instances that are no more: their data set."""
    left = {each.get("datasetId") for each in present}
    for old in there:
        if old.get("datasetId") not in left:
            yield {"datasetId": old["datasetId"]} if "datasetId" in old else None


async def make_partitions(connection: Connection, days: int) -> None:
    """Make the history's partitions for today and the days to come; they serve every tenant."""
    await connection.execute(_SQL["make_partitions"], days)
