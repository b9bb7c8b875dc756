"""NGSI-LD's mutations of one attribute: partial update (5.6.4) and replacement (5.6.19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.broker.domain.attribute import Instance, find_instance, stamp
from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.selection import LdRef
from services.broker.operations.merging import merged, settled
from services.broker.operations.mutation import Outcome, Wanted, choose, wanted_by
from services.kernel.clock import to_iso_millis
from services.kernel.errors import BadData, NotFound


@dataclass(frozen=True)
class PartialUpdate:
    """Write some members of one attribute instance; the others stay (5.6.4, PATCH …/attrs/{name}).

    `instance` is a fragment: its kind may be missing, then that of what is there holds.
    """

    ref: LdRef
    name: str
    instance: Instance

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return wanted_by(self.ref)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Update the instance. Raises NotFound, BadData where the kind would change."""
        entity = choose(self.ref, present)
        there = _instance_of(entity, self.name, self.instance.get("datasetId"))
        if "deleted" in self.instance:
            return _outcome(entity, self.name, (there, None), now)
        kind = self.instance.get("kind")
        if kind not in (None, there["kind"]) and "implied" not in self.instance:
            raise BadData(f"The attribute is a {there['kind']} and cannot become a {kind}", field="type")
        new = stamp(merged(there, self.instance, deep=False), to_iso_millis(now), there.get("createdAt"))
        return _outcome(entity, self.name, (there, new), now)


@dataclass(frozen=True)
class ReplaceAttribute:
    """Replace one attribute instance (5.6.19, PUT …/attrs/{name})."""

    ref: LdRef
    name: str
    instance: Instance

    @property
    def wanted(self) -> Wanted:
        """What is stored under the id."""
        return wanted_by(self.ref)

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Replace the instance. Raises NotFound."""
        entity = choose(self.ref, present)
        there = _instance_of(entity, self.name, self.instance.get("datasetId"))
        new = stamp(settled(there, self.instance), to_iso_millis(now), there.get("createdAt"))
        return _outcome(entity, self.name, (there, new), now)


def _instance_of(entity: Entity, name: str, dataset_id: str | None) -> Instance:
    there = find_instance(entity.attrs.get(name, []), dataset_id)
    if there is None:
        which = f" with datasetId {dataset_id}" if dataset_id else ""
        raise NotFound(f"Entity {entity.uri} has no attribute {name}{which}", field=name)
    return there


def _outcome(entity: Entity, name: str, swap: tuple[Instance, Instance | None], now: datetime) -> Outcome:
    old, new = swap
    instances = [new if each is old else each for each in entity.attrs[name] if each is not old or new is not None]
    attrs = {**entity.attrs, name: [each for each in instances if each is not None]}
    if not attrs[name]:
        del attrs[name]
    after = entity.with_(attrs=attrs, modified_at=now)
    return Outcome((Change(entity, after, frozenset({name})),), updated=(name,))
