"""What a change did, attribute by attribute, computed once for all the subscriptions it is held against."""

from dataclasses import dataclass
from functools import cached_property

from services.broker.domain.attribute import Instance, is_same_json
from services.broker.domain.change import Change, ChangeKind
from services.broker.domain.entity import Entity
from services.broker.domain.subscription import Subscription, SubscriptionFace, Trigger

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Effect:
    """A change, and the attributes that it touched by kind of trigger."""

    change: Change

    @cached_property
    def created(self) -> frozenset[str]:
        """Attributes that were not there before."""
        return self.change.created

    @cached_property
    def deleted(self) -> frozenset[str]:
        """Attributes that are there no more."""
        return self.change.deleted

    @cached_property
    def changed(self) -> frozenset[str]:
        """Attributes that were there and are another now; all that were written, where the request forces it."""
        return self.updated if self.change.forced else self.change.changed

    @cached_property
    def updated(self) -> frozenset[str]:
        """Attributes that were there and were written, or are another now."""
        if self.change.before is None or self.change.after is None:
            return _NONE
        there = self.change.before.attrs.keys() & self.change.after.attrs.keys()
        return frozenset((self.change.written | self.change.changed) & there)

    @cached_property
    def changed_in_value(self) -> frozenset[str]:
        """Attributes of `changed` whose value or type is another now, not their metadata alone."""
        before, after = self.change.before, self.change.after
        if self.change.forced or before is None or after is None:
            return self.changed
        return frozenset(name for name in self.changed if not _same_values(before.attrs[name], after.attrs[name]))

    @cached_property
    def reduced(self) -> frozenset[str]:
        """Attributes that lost an instance, told by its datasetId (NGSI-LD 4.5.5), or all of them."""
        before, after = self.change.before, self.change.after
        if before is None or after is None:
            return self.deleted
        there = (name for name in self.change.changed if not _data_sets(before, name) <= _data_sets(after, name))
        return self.deleted.union(there)

    @cached_property
    def touched(self) -> frozenset[str]:
        """Attributes under which subscriptions are looked up: created, updated or deleted."""
        return self.created | self.updated | self.deleted

    def due(self, subscription: Subscription) -> frozenset[str] | None:
        """Return the watched attributes for which a subscription's triggers are met, or None if they are not.

        A deleted entity is notified whatever is watched (NGSIv2 alterationTypes; NGSI-LD 5.2.12 entityDeleted). In
        NGSI-LD its attributes are deleted with it, which attributeDeleted asks for.
        """
        triggers = subscription.conditions.triggers
        watched = subscription.conditions.watched
        match self.change.kind:
            case ChangeKind.DELETED:
                return self._due_by_deletion(subscription)
            case ChangeKind.CREATED:
                if not _is_triggered_by_creation(subscription):
                    return None
                due = self.created
            case ChangeKind.UPDATED:
                due = self._due_by_update(subscription)
                if not watched and Trigger.ENTITY_UPDATED in triggers:
                    return due
        if watched:
            due = due.intersection(watched)
            return due or None
        return due if due or (Trigger.ENTITY_CREATED in triggers and self.change.before is None) else None

    def _due_by_deletion(self, subscription: Subscription) -> frozenset[str] | None:
        triggers, watched = subscription.conditions.triggers, subscription.conditions.watched
        if Trigger.ENTITY_DELETED in triggers:
            return self.deleted
        if subscription.face is not SubscriptionFace.NGSI_LD or Trigger.ATTRIBUTE_DELETED not in triggers:
            return None
        return (self.deleted.intersection(watched) if watched else self.deleted) or None

    def _due_by_update(self, subscription: Subscription) -> frozenset[str]:
        triggers = subscription.conditions.triggers
        if Trigger.ENTITY_UPDATED in triggers:
            return self.touched
        due = _NONE
        if Trigger.ATTRIBUTE_CREATED in triggers:
            due |= self.created
        if Trigger.ATTRIBUTE_UPDATED in triggers:
            due |= self.updated
        elif Trigger.ATTRIBUTE_CHANGED in triggers:
            due |= self.changed if subscription.conditions.metadata_counts else self.changed_in_value
        if Trigger.ATTRIBUTE_DELETED in triggers:
            due |= self.reduced if subscription.face is SubscriptionFace.NGSI_LD else self.deleted
        return due


def _data_sets(entity: Entity, name: str) -> set[str | None]:
    return {each.get("datasetId") for each in entity.attrs[name]}


def _is_triggered_by_creation(subscription: Subscription) -> bool:
    """In NGSI-LD the creation of an entity creates its attributes; NGSIv2's entityChange does not mean it."""
    triggers = subscription.conditions.triggers
    if Trigger.ENTITY_CREATED in triggers:
        return True
    return subscription.face is SubscriptionFace.NGSI_LD and Trigger.ATTRIBUTE_CREATED in triggers


def _same_values(before: list[Instance], after: list[Instance]) -> bool:
    return len(before) == len(after) and all(
        is_same_json(one.get("value"), other.get("value"))
        and one.get("type") == other.get("type")
        and one.get("datasetId") == other.get("datasetId")
        for one, other in zip(before, after, strict=True)
    )
