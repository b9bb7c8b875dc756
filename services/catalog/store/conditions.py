"""A query's tree as SQL: index first, then verification; every condition is two-valued.

The fragments speak of the tables `dataset` and `tenant`, joined. A bare comparison stands for a column that is never
NULL; wrapped in `coalesce` it would be hidden from the indexes.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final, LiteralString

from services.catalog.domain import search_terms
from services.catalog.domain.audience import EVERY_TENANT, Audience, Reach
from services.catalog.domain.dataset import Box
from services.catalog.domain.publisher_slug import tenant_of_slug
from services.catalog.domain.query import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    During,
    Exists,
    Field,
    Intersects,
    Is,
    LateAt,
    Moment,
    Not,
    Words,
)
from services.catalog.domain.tag import tag_name
from services.catalog.store.comparisons import compared
from services.catalog.store.narrowing import having
from services.kernel.identity.grant import SUBTREE
from services.kernel.sql import Fragment, enclosed, join, literal

TRUE: Final = literal("true")
FALSE: Final = literal("false")

_MOMENTS: Mapping[Moment, LiteralString] = {
    Moment.CREATED: "dataset.created_at",
    Moment.MODIFIED: "dataset.updated_at",
}
_ARRAYS: Mapping[Field, LiteralString] = {
    Field.TAG: "dataset.tags",
    Field.THEME: "dataset.themes",
    Field.FORMAT: "dataset.formats",
}
_TEXTS: Mapping[Field, LiteralString] = {
    Field.NAME: "dataset.name",
    Field.ORGANIZATION: "case when tenant.name = '' then 'default-tenant' else tenant.name end",
    Field.LICENCE: "dataset.licence",
    Field.KIND: "dataset.kind",
    Field.STATE: "dataset.state",
    Field.ACCESS: "dataset.access",
    Field.UNIT: "dataset.unit",
    Field.DATA_CLASS: "dataset.data_class",
}
_NULLABLE: Mapping[Field, LiteralString] = {
    Field.ENTITY_TYPE: "dataset.type_name",
    Field.SPATIAL: "dataset.spatial",
    Field.SERIES: "dataset.series",
}
COUNTED: Mapping[Field, LiteralString] = {
    **_ARRAYS,
    **{field: _TEXTS[field] for field in (Field.ORGANIZATION, Field.LICENCE, Field.KIND)},
    Field.SPATIAL: "dataset.spatial",
}
"""The columns that results can be counted by."""

_OWNED: Final[LiteralString] = (
    "array[dataset.tenant_id] @> array[coalesce((select tenant_id from tenant where name = $1), 0)]"
)
"""As an array the tenant is in the index that has the words, too; none has number 0."""

ARRAYS: Final = frozenset(_ARRAYS)
"""Those of them that hold several values."""


def all_of(fragments: Iterable[Fragment]) -> Fragment:
    """Return what holds where all of some conditions hold."""
    found = [each for each in fragments if each is not TRUE]
    return enclosed("(", join(" and ", found)) if found else TRUE


def any_of(fragments: Iterable[Fragment]) -> Fragment:
    """Return what holds where one of some conditions holds."""
    found = [each for each in fragments if each is not FALSE]
    return enclosed("(", join(" or ", found)) if found else FALSE


def negated(fragment: Fragment) -> Fragment:
    """Return what holds where a condition does not."""
    return enclosed("(not ", fragment)


def selected(audience: Audience, condition: Condition) -> Fragment:
    """Return what selects the data sets of a condition that a caller may see."""
    return all_of((visible(audience), clause(condition)))


@lru_cache(maxsize=1024)
def visible(audience: Audience) -> Fragment:
    """Return what a caller may see: of active tenants what is published and public, and what is granted."""
    granted = TRUE if audience.everything else _named(sorted(audience.tenants))
    edited = any_of(map(_within, sorted(audience.edits, key=lambda each: (each.tenant, each.path))))
    reached = TRUE if granted is TRUE else any_of((literal("dataset.access = 'public'"), granted, edited))
    published = all_of((literal("dataset.state = 'published'"), reached))
    withdrawn = all_of((literal("dataset.state = 'withdrawn'"), granted))
    shown = any_of((published, edited, withdrawn)) if audience.sees_hidden else published
    return all_of((literal("tenant.status = 'active'"), shown))


def _named(tenants: list[str]) -> Fragment:
    return literal("tenant.name = any($1::text[])", tenants) if tenants else FALSE


def _within(reach: Reach) -> Fragment:
    """Return the data sets of the units that a grant reaches."""
    owned = TRUE if reach.tenant == EVERY_TENANT else literal("tenant.name = $1", reach.tenant.removesuffix(SUBTREE))
    if reach.path == SUBTREE:
        return owned
    base = reach.path.removesuffix(SUBTREE)
    below = literal("starts_with(dataset.unit, $1)", f"{base}/") if reach.path.endswith(SUBTREE) else FALSE
    return all_of((owned, any_of((literal("dataset.unit = $1", base), below))))


def clause(condition: Condition) -> Fragment:
    """Compile a condition; never NULL, so that NOT is the complement."""
    match condition:
        case Not(inner):
            return negated(clause(inner))
        case AllOf(conditions):
            return all_of(map(_of_few if _leave_few(conditions) else clause, conditions))
        case AnyOf(conditions):
            return any_of(map(clause, conditions))
        case Words(phrase):
            return _says(phrase)
        case Is(field, value, is_prefix):
            return _prefix(field, value) if is_prefix else _equals(field, value)
        case Exists(field):
            return _exists(field)
        case Between() | Intersects() | During() | LateAt():
            return _measured(condition)
        case _:
            return compared(condition)


def _leave_few(conditions: Iterable[Condition]) -> bool:
    """Tell whether words within one publisher are asked for."""
    found = {each.field if isinstance(each, Is) and not each.is_prefix else type(each) for each in conditions}
    return found >= {Words, Field.ORGANIZATION}


def _of_few(condition: Condition) -> Fragment:
    """Compile a condition on few data sets: the index would be read for all others of a format or theme, too."""
    match condition:
        case Is(Field.FORMAT | Field.THEME as field, value, False):
            return literal("$1 = any(" + _ARRAYS[field] + ")", _as_stored(field, value))
        case _:
            return clause(condition)


def _measured(condition: Between | Intersects | During | LateAt) -> Fragment:
    """Compile a condition on times and places."""
    match condition:
        case Between(moment, start, end):
            column = literal(_MOMENTS[moment])
            since = column + literal(" >= $1::timestamptz", start) if start else TRUE
            return all_of((since, column + literal(" <= $1::timestamptz", end) if end else TRUE))
        case Intersects(box):
            return _intersects(box)
        case During(start, end):
            return _during(start, end)
        case LateAt(instant):
            return literal("(dataset.due_at is not null and dataset.due_at < $1::timestamptz)", instant)


def _intersects(box: Box) -> Fragment:
    west, south, east, north = box
    if west > east:
        return any_of((_intersects((west, south, 180.0, north)), _intersects((-180.0, south, east, north))))
    return literal(
        "(dataset.box is not null and box(point(dataset.box[1], dataset.box[2]), point(dataset.box[3], dataset.box[4]))"
        " && box(point($1::float8, $2::float8), point($3::float8, $4::float8)))",
        *(west, south, east, north),
    )


def _during(start: datetime | None, end: datetime | None) -> Fragment:
    """Compare the coverage, of which one end may be open; a data set that states none is not found."""
    begins = literal("(dataset.covers_from is null or dataset.covers_from <= $1::timestamptz)", end) if end else TRUE
    lasts = literal("(dataset.covers_to is null or dataset.covers_to >= $1::timestamptz)", start) if start else TRUE
    stated = literal("(dataset.covers_from is not null or dataset.covers_to is not null)")
    return all_of((stated, begins, lasts))


def _says(phrase: str) -> Fragment:
    """Return the data sets whose text has a phrase."""
    plain = search_terms.normalise(phrase)
    grams = search_terms.required_grams(plain)
    return _verified(grams, literal("strpos(dataset.document, $1) > 0", plain), is_exact=grams == {plain})


def _is_called(phrase: str) -> Fragment:
    """Return the data sets whose titles or name have a phrase."""
    plain = search_terms.normalise(phrase)
    grams = search_terms.required_grams(plain)
    found = literal("strpos(dataset.heading, $1) > 0", plain)
    return _verified(search_terms.in_title(grams), found, is_exact=grams == {plain})


def _verified(grams: Collection[str], found: Fragment, *, is_exact: bool) -> Fragment:
    """Return what has the grams of a phrase, and all of it; where it is a gram itself, the index alone decides."""
    if not grams:
        return TRUE
    return having(grams) if is_exact else all_of((having(grams), found))


def _equals(field: Field, value: str) -> Fragment:
    match field:
        case Field.TAG | Field.THEME | Field.FORMAT:
            return literal(_ARRAYS[field] + " @> $1::text[]", [_as_stored(field, value)])
        case Field.IDENTIFIER:
            identifier = _uuid(value)
            return literal("dataset.dataset_id = $1::uuid", identifier) if identifier else FALSE
        case Field.TITLE:
            return _is_called(value)
        case Field.NOTES:
            return _says(value)
        case Field.ORGANIZATION:
            return literal(_OWNED, tenant_of_slug(value)) if value else FALSE
        case Field.ENTITY_TYPE | Field.SPATIAL | Field.SERIES:
            return literal("(" + _NULLABLE[field] + " is not null and " + _NULLABLE[field] + " = $1)", value)
        case _:
            return literal(_TEXTS[field] + " = $1", value)


def _prefix(field: Field, value: str) -> Fragment:
    if field in _ARRAYS:
        begins = _as_stored(field, value)
        return literal(
            "exists (select from unnest(" + _ARRAYS[field] + ") as each (value) where starts_with(each.value, $1))",
            begins,
        )
    if field in _TEXTS:
        return literal("starts_with(" + _TEXTS[field] + ", $1)", value)
    if field in _NULLABLE:
        return literal("coalesce(starts_with(" + _NULLABLE[field] + ", $1), false)", value)
    return _equals(field, value)


def _exists(field: Field) -> Fragment:
    if field in _ARRAYS:
        return literal("cardinality(" + _ARRAYS[field] + ") > 0")
    return literal(_NULLABLE[field] + " is not null") if field in _NULLABLE else TRUE


def _as_stored(field: Field, value: str) -> str:
    match field:
        case Field.TAG:
            return tag_name(value)
        case Field.FORMAT:
            return value.casefold()
        case _:
            return value.upper()


def _uuid(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None
