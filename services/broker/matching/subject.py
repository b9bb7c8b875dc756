"""Whether an entity is one that a subscription is about: id, type, service path."""

from services.broker.domain.entity import Entity
from services.broker.domain.selection import (
    ScopeAll,
    ScopeAny,
    ScopeExpression,
    ScopeIs,
    TypeAll,
    TypeAny,
    TypeExpression,
    TypeIs,
    path_covers,
)
from services.broker.domain.subscription import Subject, Subscription, SubscriptionFace
from services.broker.query.members import scopes_of
from services.broker.query.pattern import read_pattern


def concerns(subscription: Subscription, entity: Entity) -> bool:
    """Tell whether the entity is a subject of the subscription, in one of its service paths."""
    conditions = subscription.conditions
    if conditions.paths and not any(path_covers(pattern, entity.path) for pattern in conditions.paths):
        return False
    identifier = entity.uri if subscription.face is SubscriptionFace.NGSI_LD else entity.id
    return not conditions.subjects or any(_fits(each, entity, identifier) for each in conditions.subjects)


def _fits(subject: Subject, entity: Entity, identifier: str) -> bool:
    if subject.ids and identifier not in subject.ids:
        return False
    if subject.types is not None and not has_types(subject.types, entity):
        return False
    if subject.id_pattern is not None and not read_pattern(subject.id_pattern).is_in(identifier):
        return False
    return subject.type_pattern is None or read_pattern(subject.type_pattern).is_in(entity.type)


def has_types(expression: TypeExpression, entity: Entity) -> bool:
    """Tell whether an entity's types meet an expression (4.17)."""
    match expression:
        case TypeIs(name):
            return entity.has_type(name)
        case TypeAll(parts):
            return all(has_types(part, entity) for part in parts)
        case TypeAny(parts):
            return any(has_types(part, entity) for part in parts)


def has_scope(expression: ScopeExpression, entity: Entity) -> bool:
    """Tell whether an entity's scopes meet an expression (4.19). NGSIv2's service path counts as a scope."""
    match expression:
        case ScopeIs(levels, below):
            return any(_is_scope(levels, scope.strip("/").split("/"), below=below) for scope in scopes_of(entity))
        case ScopeAll(parts):
            return all(has_scope(part, entity) for part in parts)
        case ScopeAny(parts):
            return any(has_scope(part, entity) for part in parts)


def _is_scope(levels: tuple[str, ...], scope: list[str], *, below: bool) -> bool:
    if len(scope) < len(levels) or (len(scope) > len(levels) and not below):
        return False
    return all(level in ("+", name) for level, name in zip(levels, scope, strict=False))


def types_of(expression: TypeExpression) -> frozenset[str]:
    """Return types of which an entity that meets the expression has at least one."""
    match expression:
        case TypeIs(name):
            return frozenset((name,))
        case TypeAll(parts):
            return min((types_of(part) for part in parts), key=len)
        case TypeAny(parts):
            return frozenset().union(*(types_of(part) for part in parts))
