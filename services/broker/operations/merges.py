"""NGSI-LD's own mutations of several attributes: merge patch (5.6.17) and update with deletions (5.6.2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.broker.domain.attribute import Attributes, Instance, find_instance, is_one_for_one, stamp
from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.selection import LdRef
from services.broker.operations.merging import is_void, merged, settled
from services.broker.operations.mutation import NotUpdated, Outcome, Wanted, choose, wanted_by
from services.broker.operations.writes import AppendAttributes
from services.kernel.clock import to_iso_millis
from services.kernel.values import frozen

_MISSING = "The attribute does not exist"


@frozen
class Head:
    """What a fragment says of the entity itself; None or empty: nothing."""

    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None
    expires_at: datetime | None = None
    clears_scope: bool = False
    clears_expiry: bool = False

    def onto(self, entity: Entity) -> Entity:
        """Return the entity with this head: types united (4.16), scopes and expiry replaced or cleared."""
        if self is NO_HEAD or self == NO_HEAD:
            return entity
        scopes = entity.scopes if self.scopes is None else self.scopes
        expires_at = entity.expires_at if self.expires_at is None else self.expires_at
        return entity.with_(
            types=tuple(dict.fromkeys((*entity.types, *self.types))),
            scopes=None if self.clears_scope else scopes,
            expires_at=None if self.clears_expiry else expires_at,
        )


NO_HEAD = Head()


@frozen
class MergeEntity:
    """Merge a fragment into an entity (5.6.17, 5.6.20): what is there and not named stays.

    `observed_at` becomes the `observedAt` of written attributes that have had one and do not bring another.
    """

    ref: LdRef
    attributes: Attributes
    head: Head = NO_HEAD
    observed_at: str | None = None

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return wanted_by(self.ref)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Merge into the entity. Raises NotFound."""
        there = choose(self.ref, present)
        instant = to_iso_millis(now)
        attrs = dict(there.attrs)
        for name, instances in self.attributes.items():
            attrs[name] = self._merged(attrs.get(name, []), instances, instant)
            if not attrs[name]:
                del attrs[name]
        after = self.head.onto(there).with_(attrs=attrs, modified_at=now)
        return Outcome((Change(there, after, frozenset(self.attributes)),), updated=tuple(self.attributes))

    def _merged(self, there: list[Instance], incoming: list[Instance], now: str) -> list[Instance]:
        result = list(there)
        for instance in incoming:
            existing = find_instance(result, instance.get("datasetId"))
            if "deleted" in instance:
                result = [each for each in result if each is not existing]
            elif existing is None:
                if "kind" in instance:
                    result.append(stamp(settled(None, instance), now))
            else:
                new = merged(existing, instance, deep=True)
                if self.observed_at is not None and "observedAt" not in instance and "observedAt" in existing:
                    new["observedAt"] = self.observed_at
                result[result.index(existing)] = stamp(new, now, existing.get("createdAt"))
        return [each for each in result if not is_void(each)]


@frozen
class AppendScoped(AppendAttributes):
    """Append attributes; without `overwrite` scopes are added to those that are there (5.6.3, 4.18)."""

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Append to the entity. Raises NotFound, Ambiguous."""
        there = choose(self.ref, present)
        scopes = self.scopes
        if scopes is not None and there.scopes and not self.overwrite:
            scopes = tuple(dict.fromkeys((*there.scopes, *scopes)))
        return self.onto(there, now, added_types=self.types, scopes=scopes)


@frozen
class PatchAttributes:
    """Replace attributes, add those that are not there, delete those that NGSI-LD Null stands for (5.6.2, 5.5.8).

    Only what has nothing to delete is not updated, and a scope where the entity has none (4.18).
    """

    ref: LdRef
    attributes: Attributes
    head: Head = NO_HEAD

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return wanted_by(self.ref)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Update the entity. Raises NotFound."""
        there = choose(self.ref, present)
        instant = to_iso_millis(now)
        attrs = dict(there.attrs)
        updated, refused = [], []
        for name, incoming in self.attributes.items():
            if name not in attrs and all("deleted" in each for each in incoming):
                refused.append(NotUpdated(name, _MISSING))
                continue
            left = _patched(attrs.get(name, []), incoming, instant)
            if left:
                attrs[name] = left
            else:
                del attrs[name]
            updated.append(name)
        head = self.head
        if head.scopes is not None and there.scopes is None:
            refused.append(NotUpdated("https://uri.etsi.org/ngsi-ld/scope", "The entity has no scope"))
            head = replace(head, scopes=None)
        if not updated and head == NO_HEAD:
            return Outcome(not_updated=tuple(refused))
        change = Change(there, head.onto(there).written(attrs, now), frozenset(updated))
        return Outcome((change,), updated=tuple(updated), not_updated=tuple(refused))


def _patched(there: list[Instance], incoming: list[Instance], now: str) -> list[Instance]:
    if is_one_for_one(there, incoming) and "deleted" not in incoming[0]:
        return [stamp(settled(there[0], incoming[0]), now, there[0].get("createdAt"))]
    result = list(there)
    for instance in incoming:
        existing = find_instance(result, instance.get("datasetId"))
        if "deleted" in instance:
            result = [each for each in result if each is not existing]
            continue
        new = settled(existing, instance)
        if existing is None:
            result.append(stamp(new, now))
        else:
            result[result.index(existing)] = stamp(new, now, existing.get("createdAt"))
    return result
