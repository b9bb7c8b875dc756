"""The mutations that NGSIv2 alone has: updates of one entity's attributes with their admission rules, and expiry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.broker.domain.attribute import GEO_PROPERTY, Attributes
from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.selection import V2Ref
from services.broker.operations.attributes import new_attributes, replaced_attributes, write_attributes
from services.broker.operations.mutation import Combine, NotUpdated, Outcome, Wanted, choose
from services.broker.operations.update_operators import leaves_out
from services.broker.operations.v2_combine import start_anew, stick_metadata
from services.kernel.errors import HubError, NotFound


class TooManyLocations(HubError):
    """An entity can have one location; mark the others with the metadata ignoreType"""


class Admit(StrEnum):
    """Which attributes an update may write."""

    ANY = "any"
    NEW = "new"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Expiry:
    """When the entity ends (`dateExpires`); None: never."""

    at: datetime | None


def count_locations(attributes: Attributes) -> int:
    """Count the attributes that NGSIv2 wrote as the entity's location."""
    return sum(
        each["kind"] == GEO_PROPERTY and "type" in each for instances in attributes.values() for each in instances
    )


def check_locations(attributes: Attributes) -> None:
    """Refuse more than one location. Raises TooManyLocations."""
    if count_locations(attributes) > 1:
        raise TooManyLocations


@dataclass(frozen=True, slots=True)
class UpdateEntity:
    """Write attributes of one entity; with `creation`, create it where it does not exist.

    POST and PATCH …/attrs, PUT …/attrs/{name} and …/value; op/update append, appendStrict and update. Attributes that
    `admit` keeps out are named in `not_updated`, the others are written.
    """

    ref: V2Ref
    attributes: Attributes
    admit: Admit = Admit.ANY
    combine: Combine = stick_metadata
    forced: bool = False
    expiry: Expiry | None = None
    creation: Entity | None = None

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return Wanted(self.ref.id, by_uri=False, uri=self.creation.uri if self.creation else None)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Update or create. Raises NotFound, Ambiguous, TooManyLocations, OperatorMisfit, BadData."""
        there = self.ref.choose(list(present))
        if there is not None:
            return self._update(there, now)
        if self.creation is None:
            raise self.ref.missing()
        return self._create(self.creation, now)

    def _create(self, creation: Entity, now: datetime) -> Outcome:
        wanted = {name: each for name, each in self.attributes.items() if not leaves_out(each[0])}
        attrs = new_attributes(wanted, now, start_anew)
        check_locations(attrs)
        expires_at = self.expiry.at if self.expiry else None
        entity = creation.with_(attrs=attrs, created_at=now, modified_at=now, expires_at=expires_at)
        return Outcome((Change(None, entity, frozenset(attrs), self.forced),), created=True, updated=tuple(attrs))

    def _update(self, there: Entity, now: datetime) -> Outcome:
        writable = self._admitted(there)
        refused = tuple(NotUpdated(name, self.admit) for name in self.attributes if name not in writable)
        if not writable and refused and self.expiry is None:
            return Outcome(not_updated=refused)
        written = {name: each for name, each in writable.items() if name in there.attrs or not leaves_out(each[0])}
        after = write_attributes(there, written, now, self.combine)
        if any(each[0]["kind"] == GEO_PROPERTY for each in written.values()):
            check_locations(after.attrs)
        if self.expiry is not None:
            after = after.with_(expires_at=self.expiry.at)
        change = Change(there, after, frozenset(written), self.forced)
        return Outcome((change,), updated=tuple(written), not_updated=refused)

    def _admitted(self, there: Entity) -> Attributes:
        if self.admit is Admit.ANY:
            return self.attributes
        is_wanted = self.admit is Admit.PRESENT
        return {name: each for name, each in self.attributes.items() if (name in there.attrs) is is_wanted}


@dataclass(frozen=True, slots=True)
class ReplaceAttributes:
    """Replace all attributes of one entity (PUT …/attrs, op/update replace); with `creation`, upsert."""

    ref: V2Ref
    attributes: Attributes
    forced: bool = False
    expires_at: datetime | None = None
    creation: Entity | None = None

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return Wanted(self.ref.id, by_uri=False, uri=self.creation.uri if self.creation else None)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Replace or create. Raises NotFound, Ambiguous, TooManyLocations, OperatorMisfit."""
        wanted = {name: each for name, each in self.attributes.items() if not leaves_out(each[0])}
        there = self.ref.choose(list(present))
        if there is None and self.creation is not None:
            attrs = new_attributes(wanted, now, start_anew)
            entity = self.creation.with_(attrs=attrs, created_at=now, modified_at=now, expires_at=self.expires_at)
            return Outcome((Change(None, entity, frozenset(attrs), self.forced),), created=True, updated=tuple(attrs))
        there = choose(self.ref, present)
        attrs = replaced_attributes(there.attrs, wanted, now, start_anew)
        check_locations(attrs)
        after = there.with_(attrs=attrs, modified_at=now, expires_at=self.expires_at)
        return Outcome((Change(there, after, frozenset(attrs), self.forced),), updated=tuple(attrs))


@dataclass(frozen=True, slots=True)
class DeleteAttributes:
    """Delete attributes of one entity (DELETE …/attrs/{name}, op/update delete with attributes).

    With `end_of_expiry` the entity's `dateExpires` goes too. Attributes that do not exist are named in `not_updated`.
    """

    ref: V2Ref
    names: tuple[str, ...]
    end_of_expiry: bool = False

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return Wanted(self.ref.id, by_uri=False)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Delete the attributes. Raises NotFound, Ambiguous."""
        there = choose(self.ref, present)
        if self.end_of_expiry and not self.names and there.expires_at is None:
            raise NotFound("The entity does not have such an attribute")
        gone = {name for name in self.names if name in there.attrs}
        refused = tuple(NotUpdated(name, Admit.PRESENT) for name in self.names if name not in gone)
        if not gone and not self.end_of_expiry:
            return Outcome(not_updated=refused)
        attrs = {name: each for name, each in there.attrs.items() if name not in gone}
        expires_at = None if self.end_of_expiry else there.expires_at
        after = there.with_(attrs=attrs, modified_at=now, expires_at=expires_at)
        return Outcome((Change(there, after, frozenset(gone)),), updated=tuple(gone), not_updated=refused)
