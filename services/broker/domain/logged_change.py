"""A change as it stands in the log that streams read, and a reader's place in that log.

The log is ordered by transactions: what a transaction logged is readable once no older one is under way, and is told in
the order of writing. A place holds when all before `start` was told, and of the transactions from `start` to `end` what
was written up to `seq`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from services.broker.domain.change import Change, ChangeKind
from services.broker.domain.entity import Entity
from services.broker.domain.notice import entity_document, entity_from_document

_PLACE: Final = re.compile(r"(\d{1,18})-(\d{1,18})-(\d{1,18})\Z", re.ASCII)


class Place(NamedTuple):
    """A reader's place; transactions are numbered by PostgreSQL."""

    start: int
    end: int
    seq: int

    def __str__(self) -> str:
        """Write it as an event's id."""
        return f"{self.start}-{self.end}-{self.seq}"


def read_place(text: str) -> Place | None:
    """Read an event's id; None where it is not one of ours."""
    found = _PLACE.match(text)
    if found is None:
        return None
    place = Place(*map(int, found.groups()))
    return place if place.start <= place.end else None


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """A change, the transaction that wrote it and its number in the log."""

    xid: int
    seq: int
    created_at: datetime
    change: Change


def change_document(change: Change) -> dict[str, Any]:
    """Write a change as JSON: the entity, and of what was before only the attributes that differ."""
    before = change.before.attrs if change.before else {}
    after = change.after.attrs if change.after else {}
    touched = [] if change.kind is not ChangeKind.UPDATED else before.keys() | after.keys()
    return {
        "kind": str(change.kind),
        "entity": entity_document(change.entity),
        "previous": {name: before.get(name) for name in touched if before.get(name) is not after.get(name)},
        "written": sorted(change.written),
        "forced": change.forced,
    }


def change_from_document(document: dict[str, Any], created_at: datetime) -> Change:
    """Read what `change_document` wrote."""
    entity = entity_from_document(document["entity"])
    written, forced = frozenset(document["written"]), document["forced"]
    match document["kind"]:
        case ChangeKind.CREATED:
            return Change(None, entity, written, forced)
        case ChangeKind.DELETED:
            return Change(entity, None, written, forced, deleted_at=created_at)
        case _:
            return Change(_before(entity, document["previous"]), entity, written, forced)


def _before(after: Entity, previous: dict[str, Any]) -> Entity:
    kept = {name: each for name, each in after.attrs.items() if name not in previous}
    return after.with_(attrs={**kept, **{name: each for name, each in previous.items() if each is not None}})
