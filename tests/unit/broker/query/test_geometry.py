"""Geometries: boxes, relations, metres."""

import json
from typing import Any

import pytest
from pyproj import Geod

from services.broker.domain.names import LOCATION
from services.broker.query.distance import box_around, distances_m
from services.broker.query.geometry import area_of, geometries_of, meets_geo, read_reference, read_shapes, search_box
from services.broker.query.tree import GeoFilter, GeoRelation

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]}
HOLED = {"type": "Polygon", "coordinates": [*SQUARE["coordinates"], [[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]]}  # type: ignore[misc]


def point(*position: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(position)}


def line(*positions: list[float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": list(positions)}


def at(geometry: Any, name: str = LOCATION) -> dict[str, Any]:
    return {name: [{"kind": "GeoProperty", "value": geometry}]}


def metres_between(reference: Any, geometry: Any) -> float:
    return float(distances_m(read_reference(json.dumps(reference)), read_shapes([json.dumps(geometry)]))[0])


@pytest.mark.clause("4.10")
@pytest.mark.parametrize(
    ("relation", "geometry", "reference", "holds"),
    [
        ("within", point(2, 2), SQUARE, True),
        ("within", point(2, 2, 99), SQUARE, True),
        ("within", point(4, 2), SQUARE, False),
        ("coveredBy", point(4, 2), SQUARE, True),
        ("within", point(2, 2), HOLED, False),
        ("within", point(0.5, 2), HOLED, True),
        ("within", line([1, 1], [5, 5]), SQUARE, False),
        ("contains", SQUARE, point(1, 1), True),
        ("contains", SQUARE, point(5, 1), False),
        ("intersects", line([1, 1], [5, 5]), SQUARE, True),
        ("intersects", line([5, 1], [5, 5]), SQUARE, False),
        ("disjoint", line([5, 1], [5, 5]), SQUARE, True),
        ("disjoint", point(2, 2), SQUARE, False),
        ("equals", {"type": "MultiPoint", "coordinates": [[1, 2], [1, 2]]}, point(1, 2), True),
        ("equals", line([0, 0], [1, 1]), line([1, 1], [0, 0]), True),
        ("equals", point(1, 2.0001), point(1, 2), False),
        ("overlaps", {"type": "Polygon", "coordinates": [[[3, 3], [5, 3], [5, 5], [3, 5], [3, 3]]]}, SQUARE, True),
        ("overlaps", SQUARE, SQUARE, False),
        ("overlaps", point(1, 1), SQUARE, False),
    ],
)
def test_relations_are_those_of_simple_features(relation: str, geometry: Any, reference: Any, *, holds: bool) -> None:
    geo = GeoFilter(GeoRelation(relation), json.dumps(reference), LOCATION)
    assert meets_geo(geo, at(geometry)) is holds


@pytest.mark.clause("4.10")
def test_an_entity_without_the_geometry_meets_no_relation() -> None:
    for relation in GeoRelation:
        geo = GeoFilter(relation, json.dumps(point(1, 1)), LOCATION, minimum_m=1)
        assert not meets_geo(geo, at(point(9, 9), "x:other"))
        assert not meets_geo(geo, {LOCATION: [{"kind": "Property", "value": point(9, 9)}]})


def test_one_of_several_instances_is_enough() -> None:
    several = {LOCATION: [{"kind": "GeoProperty", "value": point(place, 2), "datasetId": "x"} for place in (9, 2)]}
    assert meets_geo(GeoFilter(GeoRelation.WITHIN, json.dumps(SQUARE), LOCATION), several)


def test_the_default_location_is_location_else_whatever_geometry_there_is() -> None:
    assert geometries_of(at(point(1, 1), "x:place"), None) == [point(1, 1)]
    assert geometries_of({**at(point(1, 1), "x:place"), **at(point(2, 2))}, None) == [point(2, 2)]
    assert geometries_of({"x:a": [{"kind": "Property", "value": point(1, 1)}]}, None) == []


def test_a_polygon_that_crosses_itself_is_repaired() -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    geo = GeoFilter(GeoRelation.INTERSECTS, json.dumps(point(0.5, 1)), LOCATION)
    assert meets_geo(geo, at(bow))
    assert not meets_geo(GeoFilter(GeoRelation.INTERSECTS, json.dumps(point(1, 1.9)), LOCATION), at(bow))


def test_the_area_is_the_box_around_all_geometries() -> None:
    assert area_of({**at(point(134.05, 34.35, 3)), **at(SQUARE, "x:b"), "x:c": [{"kind": "Property", "value": 1}]}) == (
        0.0,
        0.0,
        134.05,
        34.35,
    )
    assert area_of({"x:c": [{"kind": "Property", "value": SQUARE}]}) is None
    assert area_of(at({"type": "MultiPoint", "coordinates": []})) is None


@pytest.mark.clause("4.10")
def test_distances_are_metres_on_the_ellipsoid() -> None:
    takamatsu, okayama = (134.0434, 34.3428), (133.9350, 34.6618)
    expected = Geod(ellps="WGS84").inv(*takamatsu, *okayama)[2]
    assert metres_between(point(*takamatsu), point(*okayama)) == pytest.approx(expected, abs=1e-6)
    assert metres_between(point(0, 85), point(1, 85)) == pytest.approx(9734.4, abs=1)
    assert metres_between(point(179.9, 0), point(-179.9, 0)) == pytest.approx(22_264, abs=1)


@pytest.mark.clause("4.10")
@pytest.mark.parametrize(
    ("reference", "geometry", "expected"),
    [
        (point(0, 85), line([0, 85.6], [1, 85]), 9621.4),
        (point(5, 60.1), line([0, 60], [10, 60]), 11_141.3),
        (line([0, 60], [10, 60]), point(5, 60.1), 11_141.3),
        (line([0, 60], [10, 60]), line([5, 60.1], [5, 61]), 11_141.3),
        (point(2, 2), SQUARE, 0),
        (point(5, 2), SQUARE, 111_252.1),
        (SQUARE, point(2, 2), 0),
        (SQUARE, {"type": "Polygon", "coordinates": [[[5, 1], [6, 1], [6, 3], [5, 3], [5, 1]]]}, 111_168.0),
    ],
)
def test_lines_and_areas_are_near_by_their_nearest_point(reference: Any, geometry: Any, expected: float) -> None:
    assert metres_between(reference, geometry) == pytest.approx(expected, rel=2e-4, abs=0.5)


@pytest.mark.clause("4.10")
def test_near_takes_the_limits_in() -> None:
    reference, place = point(134, 34), point(134.1, 34)
    metres = metres_between(reference, place)
    text = json.dumps(reference)

    def near(minimum_m: float | None, maximum_m: float | None) -> bool:
        geo = GeoFilter(GeoRelation.NEAR, text, LOCATION, minimum_m, maximum_m)
        return meets_geo(geo, at(place))

    assert near(None, metres)
    assert near(metres, None)
    assert near(metres, metres)
    assert not near(None, metres - 0.01)
    assert not near(metres + 0.01, None)


@pytest.mark.parametrize("latitude", [0.0, 34.3, -60.0, 84.0])
@pytest.mark.parametrize("metres", [10.0, 5_000.0, 400_000.0])
def test_a_search_box_holds_everything_within_the_distance(latitude: float, metres: float) -> None:
    west, south, east, north = box_around(read_reference(json.dumps(point(20, latitude))), metres)
    geod = Geod(ellps="WGS84")
    for azimuth in range(0, 360, 5):
        longitude, parallel, _ = geod.fwd(20, latitude, azimuth, metres)
        assert west <= longitude <= east
        assert south <= parallel <= north


def test_a_search_box_spans_all_longitudes_at_a_pole_and_across_the_antimeridian() -> None:
    assert box_around(read_reference(json.dumps(point(20, 89.9))), 50_000)[::2] == (-180.0, 180.0)
    assert box_around(read_reference(json.dumps(point(179.9, 10))), 50_000)[::2] == (-180.0, 180.0)


def test_what_can_be_anywhere_has_no_search_box() -> None:
    text = json.dumps(SQUARE)
    assert search_box(GeoFilter(GeoRelation.DISJOINT, text, LOCATION)) is None
    assert search_box(GeoFilter(GeoRelation.NEAR, text, LOCATION, minimum_m=5)) is None
    assert search_box(GeoFilter(GeoRelation.WITHIN, text, LOCATION)) == (0, 0, 4, 4)
