"""Which entities are selected by type, scope, service path, id and attributes, in Python; `sql_selection` alike."""

from collections.abc import Sequence

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
from services.broker.query.entity_query import EntityQuery, EntitySelector
from services.broker.query.geometry import meets_geo
from services.broker.query.matches import NO_LINKS, Links, matches
from services.broker.query.members import scopes_of
from services.broker.query.pattern import escape, read_pattern


def meets(query: EntityQuery, entity: Entity, links: Links = NO_LINKS) -> bool:
    """Tell whether an entity is one of those that a query asks for, wherever in the result it may stand."""
    return (
        (query.view is None or bool(query.view.parts_of(entity)))
        and (not query.selectors or any(is_selected(each, entity) for each in query.selectors))
        and (not query.attributes or not entity.attrs.keys().isdisjoint(query.attributes))
        and (query.scope is None or in_scope(query.scope, entity))
        and in_paths(query.paths, entity)
        and (query.filter is None or matches(query.filter, entity, links))
        and all(meets_geo(each, entity.attrs) for each in query.geo)
    )


def is_selected(selector: EntitySelector, entity: Entity) -> bool:
    """Tell whether id and type fit a selector."""
    name = entity.uri if selector.by_uri else entity.id
    return (
        (not selector.ids or name in selector.ids)
        and (selector.id_pattern is None or read_pattern(selector.id_pattern, "idPattern").is_in(name))
        and (selector.types is None or has_types(selector.types, entity.types))
        and (selector.type_pattern is None or read_pattern(selector.type_pattern, "typePattern").is_in(entity.type))
    )


def has_types(expression: TypeExpression, types: Sequence[str]) -> bool:
    """Tell whether types meet a type selection (4.17)."""
    match expression:
        case TypeIs(name):
            return name in types
        case TypeAll(parts):
            return all(has_types(part, types) for part in parts)
        case TypeAny(parts):
            return any(has_types(part, types) for part in parts)


def in_scope(expression: ScopeExpression, entity: Entity) -> bool:
    """Tell whether the scopes of an entity meet a scope query (4.19)."""
    match expression:
        case ScopeIs():
            return any(map(read_pattern(scope_pattern(expression), "scopeQ").is_in, scopes_of(entity)))
        case ScopeAll(parts):
            return all(in_scope(part, entity) for part in parts)
        case ScopeAny(parts):
            return any(in_scope(part, entity) for part in parts)


def scope_pattern(scope: ScopeIs) -> str:
    """Return the pattern of the scopes that are meant; the slash in front may be missing from a scope (4.18)."""
    levels = ["[^/]+" if level == "+" else escape(level) for level in scope.levels]
    if not levels:
        return "."
    return "^/?" + "/".join(levels) + ("(/.*)?$" if scope.below else "$")


def in_paths(patterns: Sequence[str], entity: Entity) -> bool:
    """Tell whether an entity's service path, or one of its scopes, is covered by one of the patterns."""
    if not patterns:
        return True
    return any(path_covers(pattern, place) for pattern in patterns for place in entity.places)
