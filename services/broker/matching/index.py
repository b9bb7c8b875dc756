"""A tenant's active subscriptions in memory, found by what a change touches instead of one after the other.

Each subscription lies under its subjects' ids, else under their types, else among those for any entity; there under
each watched attribute, or under `_ANY`; and there, where its filter asks for a text that a place in the entity equals,
under that text. Patterns, other filters and geometry are decided for what is found.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias, cast

from services.broker.domain.change import Change
from services.broker.domain.subscription import Subject, Subscription, Trigger
from services.broker.matching.effect import Effect
from services.broker.matching.shelf import Shelf
from services.broker.matching.subject import types_of
from services.broker.query.reach import depth
from services.broker.query.tree import Filter

_ANY: Final = ""
_Place: TypeAlias = tuple[str, str, str]
"""Kind of shelf (`id`, `type`, or `_ANY` for any entity), the id or type, and the watched attribute."""


class SubscriptionIndex:
    """The subscriptions of one tenant at one version of its list; each has a number, in order of creation."""

    def __init__(self, subscriptions: Iterable[Subscription] = (), version: int = 0) -> None:
        self.version = version
        self._subscriptions: dict[int, Subscription] = {}
        self._numbers: dict[str, int] = {}
        self._shelves: dict[_Place, Shelf] = {}
        self._linking: set[str] = set()
        for number, subscription in enumerate(subscriptions):
            self.put(number, subscription)

    def __len__(self) -> int:
        return len(self._subscriptions)

    def all(self) -> list[Subscription]:
        """Return all subscriptions in order of creation."""
        return [self._subscriptions[number] for number in sorted(self._subscriptions)]

    @property
    def asks_for_links(self) -> bool:
        """Tell whether any subscription has a filter on linked entities (NGSI-LD 4.9)."""
        return bool(self._linking)

    def follows_links(self, subscription: Subscription) -> bool:
        """Tell whether a subscription has a filter on linked entities."""
        return subscription.id in self._linking

    def put(self, number: int, subscription: Subscription) -> None:
        """Take a subscription in, in the place of the one that had its id."""
        self.remove(subscription.id)
        self._subscriptions[number] = subscription
        self._numbers[subscription.id] = number
        if _follows_links(subscription):
            self._linking.add(subscription.id)
        for place in _places(subscription):
            self._shelves.setdefault(place, Shelf()).put(number, subscription)

    def remove(self, subscription_id: str) -> None:
        """Take a subscription out, if it is there."""
        number = self._numbers.pop(subscription_id, None)
        if number is None:
            return
        subscription = self._subscriptions.pop(number)
        self._linking.discard(subscription_id)
        for place in _places(subscription):
            self._shelves[place].remove(number, subscription)
            if not self._shelves[place]:
                del self._shelves[place]

    def candidates(self, change: Change, effect: Effect) -> list[Subscription]:
        """Return, in order of creation, all subscriptions that the change may concern and some that it does not."""
        entity = change.entity
        keys = [(_ANY, _ANY), ("id", entity.id), *(("type", name) for name in entity.types)]
        if entity.uri != entity.id:
            keys.append(("id", entity.uri))
        found: set[int] = set()
        for name in (_ANY, *effect.touched):
            for kind, key in keys:
                shelf = self._shelves.get((kind, key, name))
                if shelf is not None:
                    shelf.find(entity, found)
        return [self._subscriptions[number] for number in sorted(found)]


def _places(subscription: Subscription) -> Iterable[_Place]:
    """Return the places where a subscription lies; the entities it is about are all found in one of them."""
    keys: dict[tuple[str, str], None] = {}
    for subject in subscription.conditions.subjects or (Subject(),):
        if subject.ids:
            keys.update((("id", each), None) for each in subject.ids)
        elif subject.types is not None:
            keys.update((("type", each), None) for each in types_of(subject.types))
        else:
            keys[_ANY, _ANY] = None
    names = dict.fromkeys(_watched(subscription))
    return [(*key, name) for key in keys for name in names]


def _follows_links(subscription: Subscription) -> bool:
    condition = subscription.conditions.filter
    return condition is not None and depth(cast("Filter", condition)) > 0


def _watched(subscription: Subscription) -> tuple[str, ...]:
    """Return the attributes to lie under; what deletions trigger lies under `_ANY` too."""
    watched = subscription.conditions.watched
    if not watched:
        return (_ANY,)
    return (*watched, _ANY) if Trigger.ENTITY_DELETED in subscription.conditions.triggers else watched
