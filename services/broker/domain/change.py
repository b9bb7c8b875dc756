"""What a write did to one entity: the entity before and after, and which attributes it touched."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from services.broker.domain.attribute import is_same
from services.broker.domain.entity import Entity
from services.kernel.values import frozen


class ChangeKind(StrEnum):
    """How an entity changed."""

    CREATED = "entityCreated"
    UPDATED = "entityUpdated"
    DELETED = "entityDeleted"


@frozen
class Change:
    """One write's effect on one entity.

    `written` names the attributes that the request wrote (with the same value or another); `changed` those whose
    value or metadata differ now. `forced` asks for notification although nothing differs (NGSIv2 forcedUpdate).
    `correlator` is the Fiware-Correlator of the request (self-notification guard). `deleted_at` is the instant of a
    deletion.
    """

    before: Entity | None
    after: Entity | None
    written: frozenset[str] = frozenset()
    forced: bool = False
    correlator: str = ""
    deleted_at: datetime | None = None

    def caused_by(self, correlator: str) -> "Change":
        """Return the change with the correlator of its request."""
        return Change(self.before, self.after, self.written, self.forced, correlator, self.deleted_at)

    @property
    def kind(self) -> ChangeKind:
        """Creation, update or deletion."""
        if self.before is None:
            return ChangeKind.CREATED
        return ChangeKind.DELETED if self.after is None else ChangeKind.UPDATED

    @property
    def entity(self) -> Entity:
        """The entity as it is now; as it was, where it is deleted."""
        entity = self.after or self.before
        assert entity is not None
        return entity

    def rewrites(self, attributes: Iterable[str]) -> bool:
        """Tell whether one of these attributes is written, added or gone."""
        before = self.before.attrs if self.before else {}
        after = self.after.attrs if self.after else {}
        return any(before.get(name) is not after.get(name) for name in attributes)

    @property
    def created(self) -> frozenset[str]:
        """The attributes that did not exist before."""
        before = self.before.attrs if self.before else {}
        return frozenset(self.after.attrs.keys() - before.keys()) if self.after else frozenset()

    @property
    def deleted(self) -> frozenset[str]:
        """The attributes that exist no more."""
        after = self.after.attrs if self.after else {}
        return frozenset(self.before.attrs.keys() - after.keys()) if self.before else frozenset()

    @property
    def changed(self) -> frozenset[str]:
        """The attributes that exist before and after and differ."""
        if self.before is None or self.after is None:
            return frozenset()
        before, after = self.before.attrs, self.after.attrs
        return frozenset(
            name
            for name in before.keys() & after.keys()
            if before[name] is not after[name]
            and (len(before[name]) != len(after[name]) or not all(map(is_same, before[name], after[name])))
        )
