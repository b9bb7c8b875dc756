"""A query's tree as SQL: index first, then verification; every condition is two-valued."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal, not_, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from services.catalog.domain import search_terms
from services.catalog.domain.audience import EVERY_TENANT, Audience, Reach
from services.catalog.domain.dataset import Access, Box, State
from services.catalog.domain.publisher_slug import DEFAULT_TENANT_SLUG
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
    Slice,
    SortKey,
    Words,
)
from services.catalog.domain.tag import tag_name
from services.catalog.store.tables import BOX, dataset, tenant
from services.kernel.identity.grant import SUBTREE

Clause = ColumnElement[bool]

_EXACT = 2
"""A word of so many characters is a gram itself: the index alone decides."""

_SORTED: Mapping[SortKey, ColumnElement[Any]] = {
    SortKey.SCORE: dataset.c.fresh_at,
    SortKey.NAME: dataset.c.name,
    SortKey.TITLE: dataset.c.heading,
    SortKey.CREATED: dataset.c.created_at,
    SortKey.MODIFIED: dataset.c.updated_at,
    SortKey.IDENTIFIER: dataset.c.dataset_id,
    SortKey.DUE: dataset.c.due_at,
}
_MOMENTS = {Moment.CREATED: dataset.c.created_at, Moment.MODIFIED: dataset.c.updated_at}
_ARRAYS = {Field.TAG: dataset.c.tags, Field.THEME: dataset.c.themes, Field.FORMAT: dataset.c.formats}
SLUG = case((tenant.c.name == "", DEFAULT_TENANT_SLUG), else_=tenant.c.name)
_TEXTS = {
    Field.NAME: dataset.c.name,
    Field.ORGANIZATION: SLUG,
    Field.LICENCE: dataset.c.licence,
    Field.KIND: dataset.c.kind,
    Field.ENTITY_TYPE: dataset.c.type_name,
    Field.SPATIAL: dataset.c.spatial,
    Field.STATE: dataset.c.state,
    Field.ACCESS: dataset.c.access,
    Field.UNIT: dataset.c.unit,
    Field.DATA_CLASS: dataset.c.data_class,
    Field.SERIES: dataset.c.series,
}


def visible(audience: Audience) -> Clause:
    """Return what a caller may see: of active tenants what is published and public, and what is granted."""
    granted = true() if audience.everything else tenant.c.name.in_(sorted(audience.tenants))
    edited = or_(false(), *map(_within, sorted(audience.edits, key=lambda each: (each.tenant, each.path))))
    published = and_(dataset.c.state == State.PUBLISHED, or_(dataset.c.access == Access.PUBLIC, granted, edited))
    withdrawn = and_(dataset.c.state == State.WITHDRAWN, granted)
    shown = or_(published, edited, withdrawn) if audience.sees_hidden else published
    return and_(tenant.c.status == "active", shown)


def _within(reach: Reach) -> Clause:
    """Return the data sets of the units that a grant reaches."""
    owned = true() if reach.tenant == EVERY_TENANT else tenant.c.name == reach.tenant.removesuffix(SUBTREE)
    if reach.path == SUBTREE:
        return owned
    base = reach.path.removesuffix(SUBTREE)
    below = dataset.c.unit.startswith(f"{base}/", autoescape=True) if reach.path.endswith(SUBTREE) else false()
    return and_(owned, or_(dataset.c.unit == base, below))


def clause(condition: Condition) -> Clause:
    """Compile a condition; never NULL, so that NOT is the complement."""
    match condition:
        case Not(inner):
            return not_(clause(inner))
        case AllOf(conditions):
            return and_(true(), *map(clause, conditions))
        case AnyOf(conditions):
            return or_(false(), *map(clause, conditions))
        case Words(phrase):
            return _contains(dataset.c.document, phrase, indexed=True)
        case Is(field, value, is_prefix):
            return func.coalesce(_prefix(field, value) if is_prefix else _equals(field, value), false())
        case Exists(field):
            return _exists(field)
        case _:
            return _measured(condition)


def _measured(condition: Between | Intersects | During | LateAt) -> Clause:
    """Compile a condition on times and places."""
    match condition:
        case Between(moment, start, end):
            column = _MOMENTS[moment]
            return and_(column >= start if start else true(), column <= end if end else true())
        case Intersects(box):
            return _intersects(box)
        case During(start, end):
            return _during(start, end)
        case LateAt(instant):
            return func.coalesce(dataset.c.due_at < instant, false())


def _intersects(box: Box) -> Clause:
    west, south, east, north = box
    if west > east:
        return or_(_intersects((west, south, 180.0, north)), _intersects((-180.0, south, east, north)))
    wanted = func.box(func.point(west, south), func.point(east, north))
    return func.coalesce(BOX.op("&&")(wanted), false())


def _during(start: datetime | None, end: datetime | None) -> Clause:
    """Compare the coverage, of which one end may be open; a data set that states none is not found."""
    stated = or_(dataset.c.covers_from.is_not(None), dataset.c.covers_to.is_not(None))
    begins = or_(dataset.c.covers_from.is_(None), dataset.c.covers_from <= end) if end else true()
    lasts = or_(dataset.c.covers_to.is_(None), dataset.c.covers_to >= start) if start else true()
    return and_(stated, begins, lasts)


def order(part: Slice) -> Sequence[ColumnElement[object]]:
    """Return the order of rows; without words to score by, the best is the freshest.

    The name, which is unique, comes last, so that pages never overlap.
    """
    keys = [_SORTED[sort.key].desc() if sort.is_descending else _SORTED[sort.key].asc() for sort in part.order]
    return [*keys, dataset.c.name.asc()]


def _contains(column: ColumnElement[str], phrase: str, *, indexed: bool = False) -> Clause:
    plain = search_terms.normalise(phrase)
    if not plain:
        return true()
    verified = func.strpos(column, plain) > 0
    if not indexed:
        return verified
    grams = dataset.c.terms.contains(literal(sorted(search_terms.required_grams(plain)), ARRAY(Text)))
    return grams if len(plain) <= _EXACT else and_(grams, verified)


def _equals(field: Field, value: str) -> Clause:
    if field in _ARRAYS:
        return _ARRAYS[field].contains(literal([_as_stored(field, value)], ARRAY(Text)))
    if field is Field.IDENTIFIER:
        identifier = _uuid(value)
        return dataset.c.dataset_id == identifier if identifier else false()
    if field in {Field.TITLE, Field.NOTES}:
        column = dataset.c.heading if field is Field.TITLE else dataset.c.document
        return _contains(column, value, indexed=True)
    return _TEXTS[field] == value


def _prefix(field: Field, value: str) -> Clause:
    if field in _ARRAYS:
        each = func.unnest(_ARRAYS[field]).table_valued("value").render_derived(name="each")
        begins = each.c.value.startswith(_as_stored(field, value), autoescape=True)
        return select(literal(1)).select_from(each).where(begins).exists()
    if field in _TEXTS:
        return _TEXTS[field].startswith(value, autoescape=True)
    return _equals(field, value)


def _exists(field: Field) -> Clause:
    if field in _ARRAYS:
        return func.cardinality(_ARRAYS[field]) > 0
    column = _TEXTS.get(field)
    return true() if column is None else column.is_not(None)


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
