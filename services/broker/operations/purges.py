"""NGSI-LD's purge of attributes (5.6.21): an entity keeps some of its attributes, or loses some."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.selection import LdRef
from services.broker.operations.mutation import Outcome, Wanted, choose, wanted_by


@dataclass(frozen=True)
class KeepAttributes:
    """Delete the attributes in `dropped`, or all but those in `kept` where any are named."""

    ref: LdRef
    kept: frozenset[str]
    dropped: frozenset[str]

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return wanted_by(self.ref)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Delete the attributes. Raises NotFound."""
        there = choose(self.ref, present)
        gone = self.dropped if self.dropped else frozenset(there.attrs) - self.kept
        gone &= there.attrs.keys()
        if not gone:
            return Outcome()
        attrs = {name: instances for name, instances in there.attrs.items() if name not in gone}
        return Outcome((Change(there, there.written(attrs, now), gone),), updated=tuple(sorted(gone)))
