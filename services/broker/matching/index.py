"""A tenant's active subscriptions in memory, found by what a change touches instead of one after the other.

Each subscription lies under its subjects' ids, else under their types, else among those for any entity; and there
under each watched attribute, or under `_ANY`. Patterns, filters and geometry are decided for what is found.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias, cast

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.subscription import Subject, Subscription, Trigger
from services.broker.matching.effect import Effect
from services.broker.matching.subject import types_of
from services.broker.query.reach import depth
from services.broker.query.tree import Filter

_ANY: Final = ""
_Shelf: TypeAlias = dict[str, list[int]]


class SubscriptionIndex:
    """The subscriptions of one tenant at one version of its list."""

    def __init__(self, subscriptions: Iterable[Subscription], version: int = 0) -> None:
        self.version = version
        self._subscriptions = tuple(subscriptions)
        self._by_id: dict[str, _Shelf] = {}
        self._by_type: dict[str, _Shelf] = {}
        self._open: _Shelf = {}
        self._linking = frozenset(each.id for each in self._subscriptions if _follows_links(each))
        for position, subscription in enumerate(self._subscriptions):
            for shelf in self._shelves(subscription):
                for name in _watched(subscription):
                    shelf.setdefault(name, []).append(position)

    def __len__(self) -> int:
        return len(self._subscriptions)

    @property
    def asks_for_links(self) -> bool:
        """Tell whether any subscription has a filter on linked entities (NGSI-LD 4.9)."""
        return bool(self._linking)

    def follows_links(self, subscription: Subscription) -> bool:
        """Tell whether a subscription has a filter on linked entities."""
        return subscription.id in self._linking

    def candidates(self, change: Change, effect: Effect) -> list[Subscription]:
        """Return, in order of creation, all subscriptions that the change may concern and some that it does not."""
        touched = (_ANY, *effect.touched)
        found: set[int] = set()
        for shelf in self._shelves_of(change.entity):
            for name in touched:
                found.update(shelf.get(name, ()))
        return [self._subscriptions[position] for position in sorted(found)]

    def _shelves(self, subscription: Subscription) -> list[_Shelf]:
        shelves: dict[int, _Shelf] = {}
        for subject in subscription.conditions.subjects or (Subject(),):
            for shelf in self._shelves_for(subject):
                shelves[id(shelf)] = shelf
        return list(shelves.values())

    def _shelves_for(self, subject: Subject) -> list[_Shelf]:
        if subject.ids:
            return [self._by_id.setdefault(each, {}) for each in subject.ids]
        if subject.types is not None:
            return [self._by_type.setdefault(each, {}) for each in types_of(subject.types)]
        return [self._open]

    def _shelves_of(self, entity: Entity) -> Iterator[_Shelf]:
        yield self._open
        for identifier in {entity.id, entity.uri}:
            yield self._by_id.get(identifier, {})
        for name in entity.types:
            yield self._by_type.get(name, {})


def _follows_links(subscription: Subscription) -> bool:
    condition = subscription.conditions.filter
    return condition is not None and depth(cast("Filter", condition)) > 0


def _watched(subscription: Subscription) -> tuple[str, ...]:
    """Return the attributes to lie under; what deletions trigger lies under `_ANY` too."""
    watched = subscription.conditions.watched
    if not watched:
        return (_ANY,)
    return (*watched, _ANY) if Trigger.ENTITY_DELETED in subscription.conditions.triggers else watched
