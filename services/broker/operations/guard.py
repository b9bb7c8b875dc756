"""Writes of a caller whose grants do not reach everything: each is held against what the caller may change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.view import View
from services.broker.operations.mutation import Mutation, Outcome, Wanted
from services.broker.operations.stored_answers import Result
from services.broker.operations.writer import Writer
from services.kernel.errors import HubError, NotAllowed
from services.kernel.identity.assurance import insufficient


class GuardedWriter(Writer):
    """The writer as one caller has it: nothing beyond its view is created, changed or deleted.

    It queues nothing itself but hands on to the writer that it guards.
    """

    def __init__(self, writer: Writer, view: View) -> None:
        self._writer = writer
        self._view = view

    async def write_batch(
        self, tenant_id: int, mutations: Sequence[Mutation], *, key: str | None = None, once: Sequence[str] = ()
    ) -> list[Result]:
        """Carry out mutations in order; those beyond the view are answered with NotAllowed."""
        guarded = [_Guarded(mutation, self._view) for mutation in mutations]
        return await self._writer.write_batch(tenant_id, guarded, key=key, once=once)


@dataclass(frozen=True, slots=True)
class _Guarded:
    """A mutation whose changes are held against a view before they are written."""

    mutation: Mutation
    view: View

    @property
    def wanted(self) -> Wanted:
        """The entities that the mutation needs."""
        return self.mutation.wanted

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Return what becomes of the entities. Raises HubError, NotAllowed."""
        try:
            outcome = self.mutation.apply(present, now)
        except HubError:
            for entity in present:  # whether it exists is not to be learned by failing
                if not self.view.parts_of(entity):
                    raise _refusal(self.view, entity) from None
            raise
        for change in outcome.changes:
            check_change(self.view, change)
        return outcome


def check_change(view: View, change: Change) -> None:
    """Refuse a change of an entity, or of attributes, beyond a view, before or after. Raises NotAllowed."""
    touched = change.written | change.created | change.deleted | change.changed
    for entity in (change.before, change.after):
        if entity is not None and not view.allows(entity, touched):
            raise _refusal(view, entity)


def _refusal(view: View, entity: Entity) -> HubError:
    asked = view.shortage(entity)
    if asked is not None:
        return insufficient(asked, f"Entity {entity.id}")
    return NotAllowed(f"The caller has no grant to change this of entity {entity.id}", id=entity.id)
