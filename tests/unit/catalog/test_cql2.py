"""CQL2: both encodings say the same, what is wrong is named with its place, and nothing is read without end."""

import dataclasses
import json

import pytest

from services.catalog.cql2.axes import Axes
from services.catalog.cql2.json_form import read_json
from services.catalog.cql2.text import read_text
from services.catalog.cql2.tree import DEEPEST, LONGEST, MOST_CALLS, Call, Geometry, Interval, Literal, Node, Property
from services.kernel.errors import InvalidRequest

TITLE = {"property": "title"}
TIME = {"property": "time"}
IS_PARK = {"op": "=", "args": [TITLE, "公園"]}
TRIANGLE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
PAIRS: dict[str, object] = {
    "title = '公園'": IS_PARK,
    "'公園' = \"title\"": {"op": "=", "args": ["公園", TITLE]},
    "title = 'it''s' or title='it\\'s'": {"op": "or", "args": [{"op": "=", "args": [TITLE, "it's"]}] * 2},
    "eo:cloud_cover<-1.5e-1": {"op": "<", "args": [{"property": "eo:cloud_cover"}, -0.15]},
    "title <> 'a' AND (title >= 'b' OR NOT title <= 'c') and TRUE": {
        "op": "and",
        "args": [
            {"op": "<>", "args": [TITLE, "a"]},
            {
                "op": "or",
                "args": [
                    {"op": ">=", "args": [TITLE, "b"]},
                    {"op": "not", "args": [{"op": "<=", "args": [TITLE, "c"]}]},
                ],
            },
            True,
        ],
    },
    "title NOT LIKE '100\\%_%'": {"op": "not", "args": [{"op": "like", "args": [TITLE, "100\\%_%"]}]},
    "title is not null": {"op": "not", "args": [{"op": "isNull", "args": [TITLE]}]},
    "title IN ('a', 'b')": {"op": "in", "args": [TITLE, ["a", "b"]]},
    "CASEI(title) IN (CASEI('Οδος'), casei('Straße'))": {
        "op": "in",
        "args": [
            {"op": "casei", "args": [TITLE]},
            [{"op": "casei", "args": ["Οδος"]}, {"op": "casei", "args": ["Straße"]}],
        ],
    },
    "updated BETWEEN DATE('2026-01-01') AND TIMESTAMP('2026-01-02T03:04:05.5Z')": {
        "op": "between",
        "args": [{"property": "updated"}, {"date": "2026-01-01"}, {"timestamp": "2026-01-02T03:04:05.5Z"}],
    },
    "T_FINISHEDBY(INTERVAL(created, updated), INTERVAL('..', '2026-01-01'))": {
        "op": "t_finishedBy",
        "args": [
            {"interval": [{"property": "created"}, {"property": "updated"}]},
            {"interval": ["..", "2026-01-01"]},
        ],
    },
    "S_INTERSECTS(geometry, BBOX(1, 2, -3, 4, 5, 6))": {
        "op": "s_intersects",
        "args": [{"property": "geometry"}, {"bbox": [1, 2, -3, 4, 5, 6]}],
    },
    "S_INTERSECTS(POLYGON Z ((0 0 9, 1 0 9, 1 1 9, 0 0 9)), geometry)": {
        "op": "s_intersects",
        "args": [TRIANGLE, {"property": "geometry"}],
    },
    "s_intersects(geometry, GeometryCollection(MULTIPOINT((1 2), (3 4)), LINESTRING (1 2,3 4)))": {
        "op": "s_intersects",
        "args": [
            {"property": "geometry"},
            {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]},
                    {"type": "LineString", "coordinates": [[1, 2], [3, 4]]},
                ],
            },
        ],
    },
}
WRONG_TEXTS = {
    "": "a value is missing, at character 1",
    "title = ": "a value is missing, at character 9",
    "title = '公園' AND": "a value is missing, at character 17",
    "title = '公園": "a quotation mark is not closed, at character 9",
    "title LIKE 'a' x": "x is not expected, at character 16",
    "(title = 'a'": ") is missing, at character 13",
    "title NOT = 'a'": "like, between or in is missing, at character 11",
    "title = 1 ; drop": "; is not expected, at character 11",
    "title BETWEEN 'a'": "and is missing, at character 18",
    "updated > DATE('2026-02-30')": "2026-02-30 is no date as 2026-11-21, at character 11",
    "updated > TIMESTAMP('2026')": "2026 is no timestamp as 2026-11-21T09:00:00Z, at character 11",
    "T_AFTER(time, INTERVAL('2026-01-02','2026-01-01'))": "this interval ends before it starts, at character 15",
    "T_AFTER(time, INTERVAL('2026-01-02'))": "an interval has two ends, at character 15",
    "S_INTERSECTS(geometry, BBOX(1,2,3))": "a box has west, south, east and north in degrees, at character 24",
    "S_INTERSECTS(geometry, BBOX(1,2,3,'4'))": "a box has numbers, at character 35",
    "S_INTERSECTS(geometry, POINT(1 95))": "this geometry has places that are not on earth, at character 24",
    "S_INTERSECTS(geometry, POINT(nan 1))": "this geometry has places that are not on earth, at character 24",
    "S_INTERSECTS(geometry, POINT(1 2)": ") is missing, at character 34",
    "title = 'a\0'": "this character is not allowed, at character 11",
}
WRONG_JSON = {
    "{": "filter is no JSON",
    "null": "this is neither a value nor an operator with args, at $",
    '{"op": "=", "args": ["title", []]}': "this is neither a value nor an operator with args, at $.args[1]",
    '{"op": "in", "args": ["a", [{"date": 5}]]}': "this is no value that filters have, at $.args[1][0]",
    '{"op": "=", "args": ["a\\u0000"]}': "a text has a character that is not allowed, at $.args[0]",
    '{"op": "t_after", "args": [{"interval": [5, ".."]}]}': "at $.args[0].interval[0]",
    '{"type": "Polygon", "coordinates": [[[0,0],[1,1]]]}': "this is no geometry",
}


def said(node: Node) -> object:
    """Return a tree without its places."""
    match node:
        case Call(operator, arguments):
            return operator, *map(said, arguments)
        case Interval(start, end):
            return start and said(start), end and said(end)
        case _:
            return tuple(getattr(node, each.name) for each in dataclasses.fields(node) if each.name != "place")


@pytest.mark.parametrize("text", PAIRS)
def test_both_encodings_are_read_alike(text: str) -> None:
    assert said(read_text(text, Axes.CRS84)) == said(read_json(json.dumps(PAIRS[text]), Axes.CRS84))


def test_or_binds_less_than_and() -> None:
    found = read_text("a = 1 OR b = 2 AND NOT c = 3", Axes.CRS84)
    assert said(found) == ("or", ("=", ("a",), (1.0,)), ("and", ("=", ("b",), (2.0,)), ("not", ("=", ("c",), (3.0,)))))


@pytest.mark.parametrize(("text", "reason"), WRONG_TEXTS.items())
def test_what_is_wrong_is_refused_with_its_character(text: str, reason: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_text(text, Axes.CRS84)
    assert (refused.value.detail, refused.value.field) == (f"filter: {reason}", "filter")


@pytest.mark.parametrize(("text", "reason"), WRONG_JSON.items())
def test_what_is_wrong_is_refused_with_its_path(text: str, reason: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_json(text, Axes.CRS84)
    assert reason in refused.value.detail
    assert refused.value.field == "filter"


ENDLESS = {
    "long": "title = '" + "a" * LONGEST + "'",
    "parentheses": "(" * (LONGEST - 1),
    "functions": "a(" * (LONGEST // 2),
    "operators": "a=1 OR " * MOST_CALLS + "a=1 OR a=1",
    "collections": "S_INTERSECTS(geometry," + "GEOMETRYCOLLECTION(" * 300 + "POINT(1 2)" + ")" * 301,
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_filters_without_end_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        read_text(text, Axes.CRS84)


def test_filters_in_json_without_end_are_refused() -> None:
    nested = '{"op":"not","args":[' * (DEEPEST + 1) + "true" + "]}" * (DEEPEST + 1)
    with pytest.raises(InvalidRequest, match="nested"):
        read_json(nested, Axes.CRS84)
    with pytest.raises(InvalidRequest):
        read_json("[" * (LONGEST // 2) + "]" * (LONGEST // 2), Axes.CRS84)


def test_axes_tell_which_number_comes_first() -> None:
    written = "s_intersects(geometry, POINT(34 134)) and s_intersects(geometry, BBOX(34, 134, 35, 135))"
    found = read_text(written, Axes.WGS84)
    assert isinstance(found, Call)
    shapes = [each.arguments[1] for each in found.arguments if isinstance(each, Call)]
    point, box = (each.shape for each in shapes if isinstance(each, Geometry))
    assert (point.points, box.box) == (((134.0, 34.0),), (134.0, 34.0, 135.0, 35.0))


def test_a_box_over_the_antimeridian_is_two_areas() -> None:
    found = read_text("S_INTERSECTS(geometry, BBOX(170, 30, -170, 40))", Axes.CRS84)
    assert isinstance(found, Call)
    geometry = found.arguments[1]
    assert isinstance(geometry, Geometry)
    assert [area.outside[0] for area in geometry.shape.areas] == [(170.0, 30.0), (-180.0, 30.0)]


def test_names_of_values_are_properties_where_they_are_quoted() -> None:
    assert said(read_text('"true"', Axes.CRS84)) == said(Property("true", ""))
    assert said(read_text("true", Axes.CRS84)) == said(Literal(value=True, place=""))
