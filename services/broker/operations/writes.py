"""The mutations both faces share. Each docstring names the operations that it carries out."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from itertools import chain

from services.broker.domain.attribute import Attributes
from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.selection import EntityRef, LdRef
from services.broker.operations.attributes import (
    new_attributes,
    replaced_attributes,
    take_incoming,
    without_attribute,
    write_attributes,
)
from services.broker.operations.mutation import Combine, NotUpdated, Outcome, Wanted, choose, wanted_by
from services.kernel.errors import AlreadyExists, NotFound
from services.kernel.values import frozen


class Existing(StrEnum):
    """What becomes of an entity that is there already when it is sent again."""

    REFUSE = "refuse"
    REPLACE = "replace"
    UPDATE = "update"


@frozen
class StoreEntity:
    """Create an entity, or replace or update the one that is there.

    NGSI-LD: create (5.6.1), batch create (5.6.7), batch upsert (5.6.8). NGSIv2: POST /v2/entities with or without
    upsert, op/update append. With `unique_uri` (NGSI-LD) an id is unique in the tenant, else id, type and service
    path together are; one that has the path as its scope counts as there. `correlator` and `forced` go into the change.
    """

    entity: Entity
    existing: Existing = Existing.REFUSE
    unique_uri: bool = True
    combine: Combine = take_incoming
    forced: bool = False

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        if self.unique_uri:
            return Wanted(self.entity.uri, by_uri=True, uri=self.entity.uri)
        return Wanted(self.entity.id, by_uri=False, uri=self.entity.uri)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Create or overwrite. Raises AlreadyExists."""
        there = self._find(present)
        if there is None:
            return self._create(now)
        if self.existing is Existing.REFUSE:
            raise AlreadyExists(f"Entity {self.entity.id} already exists", id=self.entity.id)
        if self.existing is Existing.REPLACE:
            return ReplaceEntity(LdRef(there.uri), self.entity, self.combine).onto(there, now)
        return self._update(there, now)

    def _update(self, there: Entity, now: datetime) -> Outcome:
        entity = self.entity
        after = _united(write_attributes(there, entity.attrs, now, self.combine), entity.types, entity.scopes)
        if entity.expires_at is not None:
            after = after.with_(expires_at=entity.expires_at)
        change = Change(there, after, frozenset(entity.attrs), self.forced)
        return Outcome((change,), updated=tuple(entity.attrs))

    def _find(self, present: Sequence[Entity]) -> Entity | None:
        if self.unique_uri and len(present) == 1:
            return present[0]
        if self.unique_uri:
            return LdRef(self.entity.uri).choose(list(present))
        there = [each for each in present if each.id == self.entity.id and each.type == self.entity.type]
        same = (each for each in there if each.path == self.entity.path)
        scoped = (each for each in there if self.entity.path in each.places)
        return next(chain(same, scoped), None)

    def _create(self, now: datetime) -> Outcome:
        attrs = new_attributes(self.entity.attrs, now, self.combine)
        entity = self.entity.with_(attrs=attrs, created_at=now, modified_at=now)
        change = Change(None, entity, frozenset(attrs), self.forced)
        return Outcome((change,), created=True, updated=tuple(attrs))


def _united(entity: Entity, types: tuple[str, ...], scopes: tuple[str, ...] | None) -> Entity:
    """Return an entity with more types (4.16), and other scopes where some are given."""
    if scopes is None and (types == entity.types or set(types).issubset(entity.types)):
        return entity
    united = tuple(dict.fromkeys((*entity.types, *types)))
    return entity.with_(types=united, scopes=entity.scopes if scopes is None else scopes)


@frozen
class ReplaceEntity:
    """Replace everything but identity and time of creation (NGSI-LD 5.6.18; NGSIv2 PUT …/attrs, op/update replace)."""

    ref: EntityRef
    entity: Entity
    combine: Combine = take_incoming
    forced: bool = False

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return wanted_by(self.ref)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Replace the entity. Raises NotFound, Ambiguous."""
        return self.onto(choose(self.ref, present), now)

    def onto(self, there: Entity, now: datetime) -> Outcome:
        """Replace an entity that has been found."""
        attrs = replaced_attributes(there.attrs, self.entity.attrs, now, self.combine)
        after = there.with_(
            types=self.entity.types or there.types,
            scopes=self.entity.scopes,
            attrs=attrs,
            modified_at=now,
            expires_at=self.entity.expires_at,
        )
        change = Change(there, after, frozenset(attrs), self.forced)
        return Outcome((change,), updated=tuple(attrs))


@frozen
class AppendAttributes:
    """Add attributes, and write over those that are there unless `overwrite` is off.

    NGSI-LD: append (5.6.3), POST …/attrs with or without noOverwrite. NGSIv2: POST …/attrs.
    """

    ref: EntityRef
    attributes: Attributes
    overwrite: bool = True
    combine: Combine = take_incoming
    forced: bool = False
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return wanted_by(self.ref)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Append to the entity. Raises NotFound, Ambiguous."""
        return self.onto(choose(self.ref, present), now, added_types=self.types, scopes=self.scopes)

    def onto(
        self, there: Entity, now: datetime, *, added_types: tuple[str, ...], scopes: tuple[str, ...] | None
    ) -> Outcome:
        """Append to an entity that has been found; types are united (4.16), scopes replaced."""
        writable, refused = self._split(there)
        after = _united(write_attributes(there, writable, now, self.combine), added_types, scopes)
        change = Change(there, after, frozenset(writable), self.forced)
        return Outcome((change,), updated=tuple(writable), not_updated=refused)

    def _split(self, there: Entity) -> tuple[Attributes, tuple[NotUpdated, ...]]:
        if self.overwrite:
            return self.attributes, ()
        writable: Attributes = {}
        refused = []
        for name, instances in self.attributes.items():
            present = {each.get("datasetId") for each in there.attrs.get(name, ())}
            fresh = [each for each in instances if each.get("datasetId") not in present]
            if fresh:
                writable[name] = fresh
            if len(fresh) < len(instances):
                refused.append(NotUpdated(name, "The attribute already exists"))
        return writable, tuple(refused)


@frozen
class UpdateAttributes:
    """Write over attributes that are there; others are not added (NGSI-LD 5.6.2; NGSIv2 PATCH …/attrs)."""

    ref: EntityRef
    attributes: Attributes
    combine: Combine = take_incoming
    forced: bool = False
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return wanted_by(self.ref)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Update the entity. Raises NotFound, Ambiguous."""
        there = choose(self.ref, present)
        writable = {name: self.attributes[name] for name in self.attributes if name in there.attrs}
        refused = tuple(
            NotUpdated(name, "The attribute does not exist") for name in self.attributes if name not in there.attrs
        )
        append = AppendAttributes(self.ref, writable, combine=self.combine, forced=self.forced)
        outcome = append.onto(there, now, added_types=self.types, scopes=self.scopes)
        return Outcome(outcome.changes, updated=outcome.updated, not_updated=refused)


@frozen
class DeleteAttribute:
    """Delete one instance of an attribute, or all of them (NGSI-LD 5.6.5; NGSIv2 DELETE …/attrs/{name})."""

    ref: EntityRef
    name: str
    dataset_id: str | None = None
    all_instances: bool = False

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return wanted_by(self.ref)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Delete the instance. Raises NotFound, Ambiguous."""
        there = choose(self.ref, present)
        instances = there.attrs.get(self.name, [])
        fits = self.all_instances or any(each.get("datasetId") == self.dataset_id for each in instances)
        if not instances or not fits:
            raise NotFound(f"Entity {there.id} has no such attribute", field=self.name)
        if self.all_instances:
            left = {name: each for name, each in there.attrs.items() if name != self.name}
            after = there.written(left, now)
        else:
            after = without_attribute(there, self.name, self.dataset_id, now)
        return Outcome((Change(there, after, frozenset({self.name})),), updated=(self.name,))


@frozen
class DeleteEntity:
    """Delete an entity (NGSI-LD 5.6.6; NGSIv2 DELETE /v2/entities/{id})."""

    ref: EntityRef

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return wanted_by(self.ref)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Delete the entity. Raises NotFound, Ambiguous."""
        there = choose(self.ref, present)
        return Outcome((Change(there, None, frozenset(there.attrs), deleted_at=now),))
