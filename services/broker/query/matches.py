"""Deciding a query over one entity in memory, as `to_sql` lets PostgreSQL decide it (subscriptions, the writer)."""

import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from services.broker.domain.attribute import LIST_RELATIONSHIP, RELATIONSHIP
from services.broker.domain.entity import Entity
from services.broker.query import tree, values
from services.broker.query.members import ORDERS, Bound, compare_member, kind_of, texts_of
from services.broker.query.pattern import read_pattern
from services.broker.query.tree import (
    AttributeTarget,
    Compare,
    EntityTarget,
    Exists,
    Filter,
    Instant,
    Linked,
    Not,
    OneOf,
    Operand,
    Operator,
    Range,
    Scalar,
    Target,
)

Links: TypeAlias = Mapping[str, Sequence[Entity]]

NO_LINKS: Final[Links] = MappingProxyType({})
_DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z\Z", re.ASCII)


def matches(condition: Filter, entity: Entity, links: Links = NO_LINKS) -> bool:
    """Tell whether an entity meets a filter. `links` holds the entities that Relationships point at, by their URI."""
    match condition:
        case tree.All(parts):
            return all(matches(part, entity, links) for part in parts)
        case tree.Any(parts):
            return any(matches(part, entity, links) for part in parts)
        case Not(part):
            return not matches(part, entity, links)
        case Linked():
            return _is_linked(condition, entity, links)
        case Exists(target):
            return _exists(target, entity)
        case Compare(target, sign, operand):
            if isinstance(target, EntityTarget):
                return compare_member(entity, target.member, sign, operand)
            return _compare(target, sign, operand, entity)


def _exists(target: Target, entity: Entity) -> bool:
    if isinstance(target, EntityTarget):
        return bool(texts_of(entity, target.member))
    return bool(values.found(target, entity.attrs))


def linked_uris(condition: Filter, entity: Entity) -> set[str]:
    """Return the URIs that a filter needs the entities of, one Relationship away (4.9)."""
    match condition:
        case tree.All(parts) | tree.Any(parts):
            return set().union(*(linked_uris(part, entity) for part in parts))
        case Not(part):
            return linked_uris(part, entity)
        case Linked():
            return set(_targets(condition, entity))
        case _:
            return set()


def _is_linked(condition: Linked, entity: Entity, links: Links) -> bool:
    return any(
        matches(condition.part, other, links)
        for uri in _targets(condition, entity)
        for other in links.get(uri, ())
        if not condition.types or not set(condition.types).isdisjoint(other.types)
    )


def _targets(condition: Linked, entity: Entity) -> Iterable[str]:
    instances = values.instances_of(entity.attrs, condition.attribute, condition.subs)
    for instance in instances:
        if instance["kind"] in (RELATIONSHIP, LIST_RELATIONSHIP):
            objects = instance["value"] if isinstance(instance["value"], list) else [instance["value"]]
            yield from (each for each in objects if isinstance(each, str))


def _compare(target: AttributeTarget, sign: Operator, operand: Operand, entity: Entity) -> bool:
    match sign:
        case Operator.EQUAL:
            return _equals(target, operand, entity)
        case Operator.UNEQUAL:
            return bool(values.found(target, entity.attrs)) and not _equals(target, operand, entity)
        case Operator.MATCH:
            return any(map(read_pattern(str(operand)).is_in, values.searchable(target, entity.attrs)))
        case Operator.NO_MATCH:
            texts = list(values.searchable(target, entity.attrs))
            return bool(texts) and not any(map(read_pattern(str(operand)).is_in, texts))
        case _:
            return _is_ordered(target, entity, [(ORDERS[sign], operand)])


def _equals(target: AttributeTarget, operand: Operand, entity: Entity) -> bool:
    match operand:
        case OneOf(items):
            return any(_equals(target, item, entity) for item in items)
        case Range(low, high):
            return _is_ordered(target, entity, [(operator.ge, low), (operator.le, high)])
        case Instant(utc):
            return _is_instant(target, entity, [(operator.eq, utc)])
        case _:
            return any(_is_equal(each, operand) for each in values.elements(target, entity.attrs))


def _is_equal(value: Any, operand: Scalar) -> bool:
    if operand is None or isinstance(operand, bool):
        return value is operand
    if isinstance(operand, str):
        return isinstance(value, str) and value == operand
    return kind_of(value) == "number" and bool(value == operand)


def _is_ordered(target: AttributeTarget, entity: Entity, bounds: Sequence[Bound]) -> bool:
    """Tell whether one value stands as required to all bounds; bounds of several kinds are never met."""
    kinds = {kind_of(bound) for _, bound in bounds}
    match kinds.pop() if len(kinds) == 1 else None:
        case "instant":
            return _is_instant(target, entity, [(order, bound.utc) for order, bound in bounds])
        case "string":
            candidates = (each for each in values.orderable(target, entity.attrs) if isinstance(each, str))
        case "number":
            candidates = (each for each in values.elements(target, entity.attrs) if kind_of(each) == "number")
        case _:
            return False
    return any(all(order(each, bound) for order, bound in bounds) for each in candidates)


def _is_instant(target: AttributeTarget, entity: Entity, bounds: Sequence[Bound]) -> bool:
    if target.member is None and not target.keys:
        texts = values.instants(target, entity.attrs)
        return any(all(order(text, utc) for order, utc in bounds) for text in texts)
    moments = [_moment(each) for each in values.elements(target, entity.attrs)]
    limits = [(order, _moment(utc)) for order, utc in bounds]
    return any(moment is not None and all(order(moment, limit) for order, limit in limits) for moment in moments)


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or not _DATE_TIME.match(value):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        return None
