"""What a mutation is: a value that says which entities it needs and what becomes of them. No I/O in it.

The writer locks and loads what `wanted` names, calls `apply`, and stores the changes; one mutation that raises a
`HubError` changes nothing and fails nobody else.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from services.broker.domain.attribute import Instance
from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.selection import EntityRef, LdRef
from services.kernel.values import frozen

Combine: TypeAlias = Callable[[Instance | None, Instance], Instance]
"""How an incoming attribute instance joins the one that is there (None: it is new). Raises HubError."""


@frozen
class Wanted:
    """Which entities a mutation needs: an id as one of the faces names it, and the URI it may be created under."""

    name: str
    by_uri: bool
    uri: str | None = None

    @property
    def locks(self) -> tuple[str, ...]:
        """The names to lock, so that of two creations one sees the other."""
        return (self.name,) if self.uri in (None, self.name) else (self.name, str(self.uri))


@frozen
class NotUpdated:
    """An attribute that was not written, and why (NGSI-LD 5.2.19)."""

    name: str
    reason: str


@frozen
class Outcome:
    """What a mutation did. `updated` and `not_updated` hold expanded attribute names, in the request's order."""

    changes: tuple[Change, ...] = ()
    created: bool = False
    updated: tuple[str, ...] = ()
    not_updated: tuple[NotUpdated, ...] = ()


class Mutation(Protocol):
    """A write to the entities stored under one id."""

    @property
    def wanted(self) -> Wanted:
        """The entities that `apply` must be given."""
        ...

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Return what becomes of the entities stored under the wanted id. Raises HubError."""
        ...


def wanted_by(ref: EntityRef) -> Wanted:
    """Return what a mutation of one existing entity needs."""
    return Wanted(ref.uri, by_uri=True, uri=ref.uri) if isinstance(ref, LdRef) else Wanted(ref.id, by_uri=False)


def choose(ref: EntityRef, present: Sequence[Entity]) -> Entity:
    """Return the entity that a reference means. Raises NotFound, Ambiguous."""
    entity = ref.choose(list(present))
    if entity is None:
        raise ref.missing()
    return entity
