"""Conditions of a filter language as SQL; every one is two-valued."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, LiteralString

import orjson

from services.catalog.domain.comparison import (
    Comparator,
    Compared,
    Comparison,
    Edge,
    Instant,
    Located,
    Meets,
    Precedes,
    Said,
    Stated,
    Text,
)
from services.catalog.domain.shape import Area, Line, Position
from services.catalog.domain.tag import tag_name
from services.catalog.store.narrowing import narrowed
from services.kernel.sql import Fragment, enclosed, join, literal

_PREFERRED: Final[LiteralString] = (
    "nullif(coalesce(nullif({0} ->> 'ja', ''), (select value from jsonb_each_text({0}) limit 1)), '')"
)
_TEXTS: Final[Mapping[Text, LiteralString]] = {
    Text.IDENTIFIER: "dataset.dataset_id::text",
    Text.TITLE: _PREFERRED.format("dataset.titles"),
    Text.DESCRIPTION: _PREFERRED.format("dataset.descriptions"),
    Text.KIND: "dataset.kind",
    Text.LICENCE: "dataset.licence",
}
_SEVERAL: Final[Mapping[Text, LiteralString]] = {
    Text.KEYWORD: "dataset.keywords",
    Text.THEME: "dataset.themes",
    Text.FORMAT: "dataset.formats",
}
_OPERATORS: Final[Mapping[Comparator, LiteralString]] = {each: f" {each.value} " for each in Comparator}
_EDGES: Final[Mapping[Edge, LiteralString]] = {
    Edge.CREATED: "dataset.created_at",
    Edge.CHANGED: "dataset.updated_at",
    Edge.COVERS_FROM: "coalesce(dataset.covers_from, '-infinity')",
    Edge.COVERS_TO: "coalesce(dataset.covers_to, 'infinity')",
    Edge.EVER_BEFORE: "'-infinity'::timestamptz",
    Edge.EVER_AFTER: "'infinity'::timestamptz",
}
_BOX: Final[LiteralString] = "box(point(dataset.box[1], dataset.box[2]), point(dataset.box[3], dataset.box[4]))"
_LOCATED: Final = literal("dataset.box is not null")


def compared(condition: Comparison) -> Fragment:
    """Compile a condition; never NULL, so that NOT is the complement."""
    match condition:
        case Compared():
            return _compared(condition)
        case Stated(said):
            several = _SEVERAL.get(said.text)
            return (
                literal("cardinality(" + several + ") > 0") if several else enclosed("(", _text(said), " is not null)")
            )
        case Precedes(former, latter, may_coincide):
            return join(" <= " if may_coincide else " < ", (_instant(former), _instant(latter)))
        case Located():
            return _LOCATED
        case Meets(shape):
            west, south, east, north = shape.box
            near = literal(
                _BOX + " && box(point($1::float8, $2::float8), point($3::float8, $4::float8))", west, south, east, north
            )
            met = [*_points(shape.points), *_edges(shape.edges), *map(_covered, shape.areas)]
            return join(
                "", (literal("("), _LOCATED, literal(" and "), near, enclosed(" and (", join(" or ", met), "))"))
            )


def _compared(condition: Compared) -> Fragment:
    several = _SEVERAL.get(condition.said.text)
    if several is None:
        return narrowed(condition, enclosed("coalesce(", _stands(_text(condition.said), condition), ", false)"))
    if condition.comparator is Comparator.EQUAL and (condition.said.text is Text.FORMAT or not condition.is_folded):
        return _one_of(several, condition)
    stands = _stands(literal("each.value"), condition)
    return narrowed(condition, enclosed("exists (select from unnest(" + several + ") as each (value) where ", stands))


def _one_of(several: LiteralString, condition: Compared) -> Fragment:
    """Return where one of several values is the same, through the index; formats are kept folded."""
    found = literal(several + " @> $1::text[]", [condition.value])
    if condition.said.text is not Text.KEYWORD:
        return found
    return join("", (literal("(dataset.tags @> $1::text[] and ", [tag_name(condition.value)]), found, literal(")")))


def _stands(text: Fragment, condition: Compared) -> Fragment:
    """Compare by code points, whatever language the database is set up for."""
    held = enclosed("casei(", text) if condition.is_folded else text
    ordered = enclosed("(", held, ') collate "C"')
    return join(_OPERATORS[condition.comparator], (ordered, literal("$1::text", condition.value)))


def _text(said: Said) -> Fragment:
    held = literal(_TEXTS[said.text])
    if not said.names:
        return held
    return join("", (literal("($1::text::jsonb ->> ", orjson.dumps(dict(said.names)).decode()), held, literal(")")))


def _instant(instant: Instant) -> Fragment:
    return literal("$1::timestamptz", instant) if isinstance(instant, datetime) else literal(_EDGES[instant])


def _points(points: Iterable[Position]) -> Iterable[Fragment]:
    written = [f"({x!r},{y!r})" for x, y in points]
    if written:
        yield literal(
            "exists (select from unnest($1::text[]) as each (place) where each.place::point <@ " + _BOX + ")", written
        )


def _edges(edges: Iterable[tuple[Position, Position]]) -> Iterable[Fragment]:
    """Return what a stretch of a line or border touches; a box that holds all of it is touched, too."""
    written = [f"[({x!r},{y!r}),({to_x!r},{to_y!r})]" for (x, y), (to_x, to_y) in edges]
    if written:
        yield literal(
            "exists (select from unnest($1::text[]) as each (edge) where each.edge::lseg ?# " + _BOX + ")", written
        )


def _covered(area: Area) -> Fragment:
    """Return what lies within an area, or across its border: where a corner of the box is."""
    inside = [_holds(area.outside), *(enclosed("not ", _holds(hole), "") for hole in area.holes)]
    return enclosed("(", join(" and ", inside))


def _holds(ring: Line) -> Fragment:
    written = ",".join(f"({x!r},{y!r})" for x, y in ring)
    return literal("$1::text::polygon @> point(dataset.box[1], dataset.box[2])", f"({written})")
