"""The collection of attributes whose time is over (4.22)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.broker.domain.attribute import is_expired
from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.selection import LdRef
from services.broker.operations.mutation import Outcome, Wanted, choose, wanted_by


@dataclass(frozen=True)
class DropExpired:
    """Delete the instances of an entity's attributes that have expired."""

    ref: LdRef

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return wanted_by(self.ref)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Drop what expired. Raises NotFound."""
        there = choose(self.ref, present)
        left = {
            name: [each for each in instances if not is_expired(each, now)] for name, instances in there.attrs.items()
        }
        touched = frozenset(name for name, instances in there.attrs.items() if len(left[name]) < len(instances))
        if not touched:
            return Outcome()
        attrs = {name: left[name] if name in touched else there.attrs[name] for name in left if left[name]}
        return Outcome((Change(there, there.written(attrs, now), touched),), updated=tuple(sorted(touched)))
