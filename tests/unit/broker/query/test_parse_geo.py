"""The NGSI-LD geo-query language (4.10) and ordering language (4.23)."""

import json

import pytest

from services.broker.query.entity_query import Order
from services.broker.query.parse_geo import parse_ld_geo
from services.broker.query.parse_order import LdOrdering, parse_ld_order
from services.broker.query.tree import AttributeTarget, EntityTarget, GeoFilter, GeoRelation
from services.kernel.errors import BadData, TooComplex

POINT = '{"type":"Point","coordinates":[8,40]}'
SQUARE = "[[[0,0],[1,0],[1,1],[0,1],[0,0]]]"


@pytest.mark.clause("4.10")
def test_near_has_one_limit_in_metres() -> None:
    near = GeoRelation.NEAR
    assert parse_ld_geo("near;maxDistance==2000", "Point", "[8,40]", "x:l") == GeoFilter(
        near, POINT, "x:l", maximum_m=2000
    )
    assert parse_ld_geo("near;minDistance==1.5e3", "Point", "[8,40]", "x:l") == GeoFilter(
        near, POINT, "x:l", minimum_m=1500
    )
    assert parse_ld_geo("near;maxDistance==1", "LineString", "[[0,0],[1,1]]", "x:l").relation is near


@pytest.mark.clause("4.10")
@pytest.mark.parametrize("relation", ["within", "contains", "intersects", "equals", "disjoint", "overlaps"])
def test_every_relation_is_read(relation: str) -> None:
    found = parse_ld_geo(relation, "Polygon", SQUARE, "x:l")
    assert (found.relation, json.loads(found.geometry)["coordinates"]) == (relation, json.loads(SQUARE))


@pytest.mark.clause("4.10")
@pytest.mark.parametrize(
    "georel",
    [
        "near",
        "near;maxDistance==0",
        "near;maxDistance==-1",
        "near;maxDistance==inf",
        "near;maxDistance==1e400",
        "near;maxDistance==5;minDistance==1",
        "near;maxDistance:5",
        "near;maxDistance==",
        "touches",
        "",
        "coveredBy",
    ],
)
def test_what_is_no_relation_is_refused(georel: str) -> None:
    with pytest.raises(BadData) as refusal:
        parse_ld_geo(georel, "Point", "[8,40]", "x:l")
    assert refusal.value.field == "georel"


@pytest.mark.clause("4.10")
@pytest.mark.parametrize(
    ("geometry", "coordinates", "field"),
    [
        ("Circle", "[8,40]", "geometry"),
        ("GeometryCollection", "[]", "geometry"),
        ("point", "[8,40]", "geometry"),
        ("Point", "8,40", "coordinates"),
        ("Point", "[8]", "coordinates"),
        ("Point", "[8,40,1,2]", "coordinates"),
        ("Point", '["8",40]', "coordinates"),
        ("Point", "[true,40]", "coordinates"),
        ("Point", "[NaN,40]", "coordinates"),
        ("Point", "[181,40]", "coordinates"),
        ("Point", "[8,91]", "coordinates"),
        ("Point", "{}", "coordinates"),
        ("LineString", "[[0,0]]", "coordinates"),
        ("LineString", "[0,0]", "coordinates"),
        ("MultiLineString", "[[[0,0],[1,1]],[[0,0]]]", "coordinates"),
        ("Polygon", "[[[0,0],[1,0],[0,0]]]", "coordinates"),
        ("Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]", "coordinates"),
        ("Polygon", "[]", "coordinates"),
        ("MultiPolygon", SQUARE, "coordinates"),
    ],
)
def test_what_is_no_geometry_is_refused(geometry: str, coordinates: str, field: str) -> None:
    with pytest.raises(BadData) as refusal:
        parse_ld_geo("within", geometry, coordinates, "x:l")
    assert refusal.value.field == field


def test_a_geometry_that_is_too_much_is_refused() -> None:
    with pytest.raises(TooComplex):
        parse_ld_geo("within", "MultiPoint", "[" + "[0,0]," * 60_000 + "[0,0]]", "x:l")


def ordered(order_by: str, **more: str) -> tuple[Order, ...]:
    return parse_ld_order(LdOrdering(order_by, **more), lambda name: f"x:{name}")


@pytest.mark.clause("4.23")
def test_keys_are_read_one_after_the_other() -> None:
    name = Order(AttributeTarget("x:name"), collation="und", missing_last=True)
    age = Order(AttributeTarget("x:age"), descending=True, collation="und", missing_last=True)
    assert ordered("name,age;desc") == (name, age)
    assert ordered("name;asc") == (name,)
    assert ordered("id") == (Order(EntityTarget("uri"), collation="und", missing_last=True),)
    assert ordered("name.observedAt")[0].target == AttributeTarget("x:name", member="observedAt")
    assert ordered("a.b[c.d];desc")[0].target == AttributeTarget("x:a", ("x:b",), keys=("c", "d"))
    assert ordered("name", collation="de-u-co-phonebk")[0].collation == "de-u-co-phonebk"


@pytest.mark.clause("4.23")
def test_distance_is_measured_from_the_reference() -> None:
    place = AttributeTarget("x:location")
    assert ordered("location;dist-desc", order_from="[8,40]") == (
        Order(place, descending=True, distance_from=POINT, missing_last=True),
    )
    line = ordered("location;dist-asc", order_from="[[8,40],[9,42]]", order_geometry="LineString")
    assert json.loads(str(line[0].distance_from))["type"] == "LineString"


@pytest.mark.clause("4.23")
@pytest.mark.parametrize(
    ("order_by", "more", "field"),
    [
        ("", {}, "orderBy"),
        ("name,", {}, "orderBy"),
        ("name;up", {}, "orderBy"),
        ("name asc", {}, "orderBy"),
        ("a{b}", {}, "orderBy"),
        ("location;dist-asc", {}, "orderFrom"),
        ("location;dist-asc", {"order_from": "8,40"}, "orderFrom"),
        ("location;dist-asc", {"order_from": "[8,40]", "order_geometry": "Circle"}, "geometry"),
        ("id;dist-asc", {"order_from": "[8,40]"}, "orderBy"),
        ("a.b;dist-asc", {"order_from": "[8,40]"}, "orderBy"),
        ("name", {"collation": "!!nope"}, "collation"),
        ("name", {"collation": "not a bcp47 tag!!"}, "collation"),
    ],
)
def test_what_is_no_ordering_is_refused(order_by: str, more: dict[str, str], field: str) -> None:
    with pytest.raises(BadData) as refusal:
        ordered(order_by, **more)
    assert refusal.value.field == field
