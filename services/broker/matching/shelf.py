"""Subscriptions that are looked up together; one whose filter asks for an equal text lies under it, others open."""

from typing import TypeAlias, cast

from services.broker.domain.entity import Entity
from services.broker.domain.subscription import Subscription
from services.broker.query import values
from services.broker.query.tree import All, AttributeTarget, Compare, Filter, OneOf, Operator

_Equality: TypeAlias = tuple[AttributeTarget, tuple[str, ...]]


class Shelf:
    """Numbers of subscriptions. A text is looked for where the filter looks, so that none is overlooked."""

    __slots__ = ("_by_text", "_open")

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._by_text: dict[AttributeTarget, dict[str, set[int]]] = {}

    def __bool__(self) -> bool:
        return bool(self._open or self._by_text)

    def put(self, number: int, subscription: Subscription) -> None:
        """Lay a subscription down."""
        equality = _equality(subscription)
        if equality is None:
            self._open.add(number)
            return
        target, texts = equality
        numbers_of = self._by_text.setdefault(target, {})
        for text in texts:
            numbers_of.setdefault(text, set()).add(number)

    def remove(self, number: int, subscription: Subscription) -> None:
        """Take a subscription away that lies here."""
        equality = _equality(subscription)
        if equality is None:
            self._open.discard(number)
            return
        target, texts = equality
        numbers_of = self._by_text[target]
        for text in texts:
            numbers_of[text].discard(number)
            if not numbers_of[text]:
                del numbers_of[text]
        if not numbers_of:
            del self._by_text[target]

    def find(self, entity: Entity, found: set[int]) -> None:
        """Add the numbers of all subscriptions whose filters an entity may meet, and some others."""
        found |= self._open
        for target, numbers_of in self._by_text.items():
            for text in values.elements(target, entity.attrs):
                if isinstance(text, str) and text in numbers_of:
                    found |= numbers_of[text]


def _equality(subscription: Subscription) -> _Equality | None:
    """Return a place and texts of which one must stand there for the filter to hold, if it has such a part."""
    condition = cast("Filter | None", subscription.conditions.filter)
    for part in condition.parts if isinstance(condition, All) else (condition,):
        match part:
            case Compare(AttributeTarget() as target, Operator.EQUAL, str(text)):
                return target, (text,)
            case Compare(AttributeTarget() as target, Operator.EQUAL, OneOf(items)):
                texts = tuple(dict.fromkeys(each for each in items if isinstance(each, str)))
                if texts and len(texts) == len(set(items)):
                    return target, texts
    return None
