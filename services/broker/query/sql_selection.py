"""Conditions on type, scope, service path, id and attributes as SQL; `selection` alike."""

from collections.abc import Sequence

from services.broker.domain.selection import (
    ScopeAll,
    ScopeAny,
    ScopeExpression,
    ScopeIs,
    TypeAll,
    TypeAny,
    TypeExpression,
    TypeIs,
)
from services.broker.query.entity_query import EntitySelector
from services.broker.query.pattern import read_pattern
from services.broker.query.selection import scope_pattern
from services.broker.query.sql_members import SCOPES
from services.kernel.sql import Fragment, join, literal


def selector_sql(selector: EntitySelector, *, with_types: bool = True) -> Fragment:
    """Say that id and type fit a selector; only the id and the pattern of the type, without its types."""
    name = literal("uri") if selector.by_uri else literal("id")
    conditions = []
    if selector.ids:
        conditions.append(name + literal(" = any($1::text[])", list(selector.ids)))
    if selector.id_pattern is not None:
        conditions.append(name + literal(" ~ $1", read_pattern(selector.id_pattern, "idPattern").text))
    if with_types and selector.types is not None:
        conditions.append(types_sql(selector.types))
    if selector.type_pattern is not None:
        conditions.append(literal("type ~ $1", read_pattern(selector.type_pattern, "typePattern").text))
    return literal("(") + join(" and ", conditions) + literal(")") if conditions else literal("true")


def types_sql(expression: TypeExpression) -> Fragment:
    """Say that the types meet a type selection (4.17)."""
    match expression:
        case TypeIs(name):
            return literal("(type = $1 or (types is not null and types @> $2::text[]))", name, [name])
        case TypeAll(parts):
            return literal("(") + join(" and ", map(types_sql, parts)) + literal(")")
        case TypeAny(parts):
            return literal("(") + join(" or ", map(types_sql, parts)) + literal(")")


def names_of(expression: TypeExpression) -> tuple[str, ...] | None:
    """Return the types that a selection lists as alternatives; None where it says more than that."""
    match expression:
        case TypeIs(name):
            return (name,)
        case TypeAny(parts):
            found = [names_of(part) for part in parts]
            names = [name for each in found if each is not None for name in each]
            return None if None in found else tuple(dict.fromkeys(names))
        case _:
            return None


def scope_sql(expression: ScopeExpression) -> Fragment:
    """Say that the scopes meet a scope query (4.19)."""
    match expression:
        case ScopeIs():
            pattern = read_pattern(scope_pattern(expression), "scopeQ").text
            head = literal("exists (select from unnest(") + SCOPES
            return head + literal(") as item (value) where item.value ~ $1)", pattern)
        case ScopeAll(parts):
            return literal("(") + join(" and ", map(scope_sql, parts)) + literal(")")
        case ScopeAny(parts):
            return literal("(") + join(" or ", map(scope_sql, parts)) + literal(")")


def paths_sql(patterns: Sequence[str]) -> Fragment:
    """Say that the service path, or one of the scopes, is covered by one of the patterns."""
    if not patterns or "/#" in patterns:
        return literal("true")
    exact = [pattern.removesuffix("/#") for pattern in patterns]
    below = [pattern.removesuffix("#") for pattern in patterns if pattern.endswith("/#")]
    scope = literal("case when starts_with(item.value, '/') then item.value else '/' || item.value end")
    return (
        literal("(")
        + _covered(literal("path"), exact, below)
        + literal(" or exists (select from unnest(scopes) as item (value) where ")
        + _covered(scope, exact, below)
        + literal("))")
    )


def _covered(place: Fragment, exact: list[str], below: list[str]) -> Fragment:
    condition = place + literal(" = any($1::text[])", exact)
    if not below:
        return condition
    inside = literal("exists (select from unnest($1::text[]) as base (prefix) where starts_with(", below)
    return literal("(") + condition + literal(" or ") + inside + place + literal(", base.prefix)))")
