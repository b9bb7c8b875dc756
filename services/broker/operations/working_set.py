"""The entities that one transaction of the writer works on: as loaded, and as the mutations leave them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.operations.mutation import Wanted
from services.broker.store.entities import Rewrite

_Key = tuple[str, str, str]


class WorkingSet:
    """Loaded entities by id and by URI, replaced in memory as changes are taken in.

    An entity whose time is over is not shown to mutations and is deleted at the end.
    """

    def __init__(self, loaded: Mapping[int, Entity], now: datetime) -> None:
        self._loaded = loaded
        self._now = now
        self._living: dict[_Key, Entity] = {}
        self._by_uri: dict[str, dict[_Key, None]] = {}
        self._by_id: dict[str, dict[_Key, None]] = {}
        for entity in loaded.values():
            if entity.expires_at is None or entity.expires_at > now:
                self._add(entity)

    def present(self, wanted: Wanted) -> list[Entity]:
        """Return the entities stored under an id at this point."""
        keys = (self._by_uri if wanted.by_uri else self._by_id).get(wanted.name, {})
        return [self._living[key] for key in keys]

    def has(self, wanted: Wanted) -> bool:
        """Tell whether something is stored under an id at this point."""
        return bool((self._by_uri if wanted.by_uri else self._by_id).get(wanted.name))

    def take(self, changes: Iterable[Change]) -> None:
        """Take changes in, so that the next mutation sees them."""
        for change in changes:
            before, after = change.before, change.after
            if before is not None and after is not None and before.uri == after.uri:
                key = after.key
                if before.key == key:
                    self._living[key] = after
                    continue
            if before is not None:
                self._remove(before)
            if after is not None:
                self._add(after)

    def created(self) -> list[Entity]:
        """Return the entities to insert."""
        return [each for each in self._living.values() if each.seq == 0]

    def rewritten(self) -> list[Rewrite]:
        """Return the loaded entities that changed."""
        loaded = self._loaded
        return [
            Rewrite(there, each)
            for each in self._living.values()
            if each.seq and (there := loaded[each.seq]) is not each
        ]

    def deleted(self) -> list[int]:
        """Return the numbers of the loaded entities that are no more."""
        living = {each.seq for each in self._living.values()}
        return [number for number in self._loaded if number not in living]

    def expired(self) -> list[Entity]:
        """Return the loaded entities whose time is over: they are deleted, and no change says so."""
        ends = ((each, each.expires_at) for each in self._loaded.values())
        return [each for each, end in ends if end is not None and end <= self._now]

    def _add(self, entity: Entity) -> None:
        key = entity.key
        self._living[key] = entity
        self._by_uri.setdefault(entity.uri, {})[key] = None
        self._by_id.setdefault(entity.id, {})[key] = None

    def _remove(self, entity: Entity) -> None:
        del self._living[entity.key]
        del self._by_uri[entity.uri][entity.key]
        del self._by_id[entity.id][entity.key]


def numbered(changes: Sequence[Change], numbers: Mapping[_Key, int]) -> Iterator[Change]:
    """Yield the changes with the numbers that their newly stored entities were given."""
    for change in changes:
        yield Change(
            before=_with_number(change.before, numbers),
            after=_with_number(change.after, numbers),
            written=change.written,
            forced=change.forced,
            correlator=change.correlator,
            deleted_at=change.deleted_at,
        )


def _with_number(entity: Entity | None, numbers: Mapping[_Key, int]) -> Entity | None:
    if entity is None or entity.seq:
        return entity
    return entity.with_(seq=numbers.get(entity.key, 0))
