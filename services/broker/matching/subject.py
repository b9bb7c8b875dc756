"""Whether an entity is one that a subscription is about: id, type, service path."""

from services.broker.domain.entity import Entity
from services.broker.domain.selection import TypeAll, TypeAny, TypeExpression, TypeIs
from services.broker.domain.subscription import Subject, Subscription, SubscriptionFace
from services.broker.query.entity_query import EntitySelector
from services.broker.query.selection import in_paths, is_selected


def concerns(subscription: Subscription, entity: Entity) -> bool:
    """Tell whether the entity is a subject of the subscription, in one of its service paths."""
    conditions = subscription.conditions
    if not in_paths(conditions.paths, entity):
        return False
    return not conditions.subjects or any(
        is_selected(selector_of(each, subscription.face), entity) for each in conditions.subjects
    )


def selector_of(subject: Subject, face: SubscriptionFace) -> EntitySelector:
    """Return the selector that a query would have for a subject."""
    by_uri = face is SubscriptionFace.NGSI_LD
    return EntitySelector(subject.ids, subject.id_pattern, subject.types, subject.type_pattern, by_uri)


def types_of(expression: TypeExpression) -> frozenset[str]:
    """Return types of which an entity that meets the expression has at least one."""
    match expression:
        case TypeIs(name):
            return frozenset((name,))
        case TypeAll(parts):
            return min((types_of(part) for part in parts), key=len)
        case TypeAny(parts):
            return frozenset().union(*(types_of(part) for part in parts))
