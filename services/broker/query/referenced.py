"""Which attributes a query asks about: what a caller may not see, it must not be able to guess by asking."""

from collections.abc import Iterator
from typing import Final

from services.broker.domain.selection import TypeAll, TypeAny, TypeExpression, TypeIs
from services.broker.query.entity_query import EntityQuery
from services.broker.query.tree import (
    All,
    Any,
    AttributeTarget,
    Compare,
    Exists,
    Filter,
    Linked,
    Not,
    Target,
)

_LOCATION: Final = "the default location"
"""Stands for whatever geometry an entity has: no grant over some attributes names it."""


def asks_for_links(part: Filter | None) -> bool:
    """Tell whether a filter looks at entities that others point at (NGSI-LD 4.9)."""
    match part:
        case Linked():
            return True
        case Not(inner):
            return asks_for_links(inner)
        case All(parts) | Any(parts):
            return any(map(asks_for_links, parts))
        case _:
            return False


def attributes_of(query: EntityQuery) -> frozenset[str]:
    """Return the expanded names of the attributes that a query filters, selects or orders by."""
    targets = [name for order in query.orders for name in _named(order.target)]
    places = [geo.attribute or _LOCATION for geo in query.geo]
    return frozenset((*query.attributes, *filtered(query.filter), *places, *targets))


def named_types(query: EntityQuery) -> frozenset[str]:
    """Return the expanded names of the types that a query names."""
    expressions = [each.types for each in query.selectors if each.types is not None]
    return frozenset(name for each in expressions for name in _types(each))


def _types(expression: TypeExpression) -> Iterator[str]:
    match expression:
        case TypeIs(name):
            yield name
        case TypeAll(parts) | TypeAny(parts):
            for each in parts:
                yield from _types(each)


def filtered(part: Filter | None) -> Iterator[str]:
    """Yield the attributes that a filter looks at."""
    match part:
        case Exists(target) | Compare(target):
            if isinstance(target, AttributeTarget):
                yield target.attribute
        case Not(inner):
            yield from filtered(inner)
        case All(parts) | Any(parts):
            for each in parts:
                yield from filtered(each)
        case Linked(attribute):
            yield attribute
        case None:
            return


def _named(target: Target | None) -> Iterator[str]:
    if target is None:
        yield _LOCATION
    elif isinstance(target, AttributeTarget):
        yield target.attribute
