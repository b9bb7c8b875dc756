"""Locations of entities: what is one, how many there can be, and geographical queries."""

from typing import Any

import httpx
import pytest

from tests.conformance.ngsiv2.answers import is_done, refuses, shows

POINT = {"type": "Point", "coordinates": [2.186447514, 41.3763726]}
RING = [[0, 0], [1, 0], [1, 1], [0, 0]]


async def _store(v2: httpx.AsyncClient, type_name: str, value: Any) -> httpx.Response:
    entity = {"id": "e", "type": "T", "location": {"type": type_name, "value": value}}
    return await v2.post("/v2/entities", json=entity)


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("geo:point", "41.3763726, 2.186447514"),
        ("geo:point", "41,2"),
        ("geo:line", ["2, 2", "8, 7"]),
        ("geo:box", ["40.63913831188419, -8.653321266174316", "40.64013831188419, -8.643321266174316"]),
        ("geo:polygon", ["25.774, -80.190", "18.466, -66.118", "32.321, -64.757", "25.774, -80.190"]),
        ("geo:json", POINT),
        ("geo:json", {"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]}),
        ("geo:json", {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}),
        ("geo:json", {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]}),
        ("geo:json", {"type": "Polygon", "coordinates": [RING]}),
        ("geo:json", {"type": "MultiPolygon", "coordinates": [[RING]]}),
        *((f"geo:{kind}", None) for kind in ("point", "line", "box", "polygon", "json")),
    ],
)
async def test_a_location_is_shown_as_it_was_written(v2: httpx.AsyncClient, type_name: str, value: Any) -> None:
    """Null is no location (issue 3533)."""
    is_done(await _store(v2, type_name, value), 201)
    shows(await v2.get("/v2/entities/e/attrs/location"), {"type": type_name, "value": value, "metadata": {}})


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        *(("geo:point", value) for value in ("", "1", "1,2,3", "a,b", "91,0", "0,181", 1, True, [1, 2], {"a": 1})),
        *(("geo:line", value) for value in ([], ["1,2"], "1,2", ["a", "b"], [1, 2])),
        *(("geo:box", value) for value in ([], ["1,2"], ["1,2", "1,4"], ["1,2", "3,2"], ["1,2", "3,4", "5,6"])),
        *(("geo:polygon", value) for value in ([], ["1,2", "3,4", "1,2"], ["1,2", "3,4", "5,6", "7,8"])),
        *(
            ("geo:json", value)
            for value in (
                *(
                    {},
                    [],
                    "1,2",
                    1,
                    {"type": "Point"},
                    {"coordinates": [1, 2]},
                    {"type": "Circle", "coordinates": [1, 2]},
                ),
                *({"type": "Point", "coordinates": each} for each in ([], [1], ["1", "2"], [1, 91], [[1, 2]])),
                {"type": "Polygon", "coordinates": [RING[:3]]},
                {"type": "LineString", "coordinates": [[1, 2]]},
                {"type": "GeometryCollection", "geometries": []},
                {"type": "FeatureCollection", "features": []},
                {"type": "Feature", "properties": {}},
            )
        ),
    ],
)
async def test_what_is_no_location_is_refused(v2: httpx.AsyncClient, type_name: str, value: Any) -> None:
    """400 in creations, updates and upserts (issues 3347 and 3949); a collection of features has exactly one."""
    refuses(await _store(v2, type_name, value), 400)
    attribute = {"type": type_name, "value": value}
    refuses(await v2.post("/v2/entities?options=upsert", json={"id": "e", "location": attribute}), 400)
    shows(await v2.get("/v2/entities"), [])
    is_done(await v2.post("/v2/entities", json={"id": "e", "location": {"value": 1}}), 201)
    refuses(await v2.put("/v2/entities/e/attrs/location", json=attribute), 400)
    refuses(await v2.patch("/v2/entities/e/attrs", json={"location": attribute}), 400)


async def test_a_value_keeps_the_form_of_its_location(v2: httpx.AsyncClient) -> None:
    is_done(await _store(v2, "geo:point", "1,2"), 201)
    path, text = "/v2/entities/e/attrs/location/value", {"content-type": "text/plain"}
    is_done(await v2.put(path, content=b'"3, 4"', headers=text))
    refuses(await v2.put(path, content=b'"north"', headers=text), 400)
    refuses(await v2.put(path, json=POINT), 400)
    found = await v2.get("/v2/entities?georel=equals&geometry=point&coords=3,4&options=keyValues")
    shows(found, [{"id": "e", "type": "T", "location": "3, 4"}])


@pytest.mark.parametrize(
    "value",
    [
        {"type": "Feature", "properties": {"name": "x"}, "geometry": POINT},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": POINT}]},
    ],
)
async def test_a_feature_is_shown_as_its_geometry(v2: httpx.AsyncClient, value: Any) -> None:
    """GeoJSON; issue 4114."""
    is_done(await _store(v2, "geo:json", value), 201)
    shows(await v2.get("/v2/entities/e/attrs/location"), {"type": "geo:json", "value": POINT, "metadata": {}})
    shows(await v2.get("/v2/entities/e/attrs/location/value"), POINT)


async def test_an_entity_has_one_location(v2: httpx.AsyncClient) -> None:
    """Geospatial properties of entities: 413 NoResourcesAvailable, unless `ignoreType` is true."""
    here, there = {"type": "geo:point", "value": "1,2"}, {"type": "geo:json", "value": POINT}
    ignored = {**there, "metadata": {"ignoreType": {"type": "Boolean", "value": True}}}
    refuses(await v2.post("/v2/entities", json={"id": "e", "a": here, "b": there}), 413)
    is_done(await v2.post("/v2/entities", json={"id": "e", "type": "T", "a": here, "b": ignored}), 201)
    refuses(await v2.post("/v2/entities/e/attrs", json={"c": there}), 413)
    refuses(await v2.put("/v2/entities/e/attrs/b?options=overrideMetadata", json=there), 413)
    refuses(await v2.put("/v2/entities/e/attrs", json={"a": here, "b": there}), 413)
    refuses(await v2.post("/v2/op/update", json={"actionType": "append", "entities": [{"id": "e", "c": there}]}), 413)
    shows(await v2.get("/v2/entities/e?options=keyValues"), {"id": "e", "type": "T", "a": "1,2", "b": POINT})
    is_done(await v2.post("/v2/entities/e/attrs", json={"c": {**there, "value": None}}))
    is_done(await v2.put("/v2/entities/e/attrs/a", json={"type": "Text", "value": "nowhere"}))
    is_done(await v2.post("/v2/entities/e/attrs", json={"c": there}))
    is_done(await v2.delete("/v2/entities/e/attrs/c"))
    is_done(await v2.post("/v2/entities/e/attrs", json={"d": here}))


@pytest.fixture
async def square(v2: httpx.AsyncClient) -> httpx.AsyncClient:
    """Hold a point, a line and a polygon; an entity without location; one whose location is not to be looked at."""
    shapes = {
        "point": {"type": "geo:json", "value": {"type": "Point", "coordinates": [0.5, 0.5]}},
        "line": {"type": "geo:line", "value": ["0.2,0.2", "2,2"]},
        "polygon": {"type": "geo:polygon", "value": ["5,5", "5,6", "6,6", "6,5", "5,5"]},
        "none": {"type": "Text", "value": "0.5,0.5"},
        "ignored": {
            "type": "geo:point",
            "value": "0.5,0.5",
            "metadata": {"ignoreType": {"type": "Boolean", "value": True}},
        },
    }
    entities = [{"id": name, "type": "T", "place": shape} for name, shape in shapes.items()]
    is_done(await v2.post("/v2/op/update", json={"actionType": "append", "entities": entities}))
    return v2


@pytest.mark.parametrize(
    ("georel", "geometry", "coords", "ids"),
    [
        ("near;maxDistance:100000", "point", "0.5,0.5", "point line"),
        ("near;minDistance:100000", "point", "0.5,0.5", "polygon"),
        ("near;maxDistance:2000000;minDistance:1000", "point", "0.5,0.5", "polygon"),
        ("near;minDistance:1000;maxDistance:2000000", "point", "0.5,0.5", "polygon"),
        ("coveredBy", "box", "0,0;1,1", "point"),
        ("coveredBy", "polygon", "0,0;0,3;3,3;3,0;0,0", "point line"),
        ("intersects", "box", "0,0;1,1", "point line"),
        ("intersects", "line", "4,5.5;7,5.5", "polygon"),
        ("intersects", "point", "5.5,5.5", "polygon"),
        ("equals", "point", "0.5,0.5", "point"),
        ("equals", "line", "0.2,0.2;2,2", "line"),
        ("disjoint", "box", "0,0;1,1", "polygon"),
        ("disjoint", "polygon", "4,4;4,7;7,7;7,4;4,4", "point line"),
    ],
)
async def test_a_geographical_query_finds(
    square: httpx.AsyncClient, georel: str, geometry: str, coords: str, ids: str
) -> None:
    expression = {"georel": georel, "geometry": geometry, "coords": coords}
    found = await square.get("/v2/entities", params=expression)
    assert " ".join(each["id"] for each in found.json()) == ids
    asked = await square.post("/v2/op/query", json={"entities": [{"idPattern": ".*"}], "expression": expression})
    assert asked.json() == found.json()


async def test_entities_are_counted_and_ordered_by_distance(square: httpx.AsyncClient) -> None:
    near = "georel=near;maxDistance:3000000&geometry=point&coords=5,5&options=count,values&attrs=none&limit=0"
    counted = await square.get(f"/v2/entities?{near}")
    shows(counted, [], fiware_total_count="3")
    ordered = await square.get(f"/v2/entities?{near.replace('values', 'keyValues')[:-1]}9&orderBy=geo:distance")
    assert [each["id"] for each in ordered.json()] == ["polygon", "line", "point"]


@pytest.mark.parametrize(
    ("georel", "geometry", "coords"),
    [
        ("near", "point", "1,1"),
        ("near;maxDistance", "point", "1,1"),
        ("near;maxDistance:", "point", "1,1"),
        ("near;maxDistance:far", "point", "1,1"),
        ("near;maxDistance:-1", "point", "1,1"),
        ("near;distance:1", "point", "1,1"),
        ("near;maxDistance:1", "line", "1,1;2,2"),
        ("coveredBy", "point", "1,1"),
        ("coveredBy", "line", "1,1;2,2"),
        ("coveredBy;maxDistance:1", "box", "1,1;2,2"),
        ("around", "point", "1,1"),
        ("equals", "circle", "1,1"),
        ("equals", "point", "1"),
        ("equals", "point", "1,1;2,2"),
        ("equals", "point", "a,b"),
        ("equals", "point", "91,0"),
        ("equals", "line", "1,1"),
        ("equals", "box", "1,1"),
        ("equals", "box", "1,1;1,2"),
        ("equals", "polygon", "1,1;2,2;1,1"),
        ("equals", "polygon", "1,1;2,2;3,3;4,4"),
        (None, "point", "1,1"),
        ("equals", None, "1,1"),
        ("equals", "point", None),
    ],
)
async def test_a_geographical_query_that_makes_no_sense_is_refused(
    v2: httpx.AsyncClient, georel: str | None, geometry: str | None, coords: str | None
) -> None:
    """400 since 1.3.0, whether there is something to find or not."""
    given = {"georel": georel, "geometry": geometry, "coords": coords}
    expression = {name: each for name, each in given.items() if each is not None}
    refuses(await v2.get("/v2/entities", params=expression), 400)
    body = {"entities": [{"idPattern": ".*"}], "expression": expression}
    refuses(await v2.post("/v2/op/query", json=body), 400)
