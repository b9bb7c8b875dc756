"""GET /v2/entities: selection, filters, geography, order, paging; /v2/types."""

import httpx
import pytest


@pytest.fixture
async def city(v2: httpx.AsyncClient) -> httpx.AsyncClient:
    """Hold five entities: three rooms along a meridian, two cars."""
    entities = [
        {
            "id": f"room{n}",
            "type": "Room",
            "t": {"value": 10 * n, "metadata": {"accuracy": {"value": n / 10}}},
            "name": {"value": name},
            "location": {"type": "geo:point", "value": f"34.{n}, 134.0"},
            "when": {"type": "DateTime", "value": f"2024-01-0{n}T00:00:00Z"},
            "parts": {"value": {"a": {"b": n}}},
        }
        for n, name in ((1, "Hall"), (2, "Attic"), (3, "Cellar"))
    ]
    entities += [{"id": f"car{n}", "type": "Car", "speed": {"value": n}, "tags": {"value": ["x", n]}} for n in (1, 2)]
    done = await v2.post("/v2/op/update", json={"actionType": "append", "entities": entities})
    assert done.status_code == 204
    return v2


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["room1", "room2", "room3", "car1", "car2"]),
        ("id=room1,car2", ["room1", "car2"]),
        ("type=Car", ["car1", "car2"]),
        ("type=Car,Room&limit=2&offset=2", ["room3", "car1"]),
        ("idPattern=^car", ["car1", "car2"]),
        ("typePattern=^Ro", ["room1", "room2", "room3"]),
        ("q=speed", ["car1", "car2"]),
        ("q=!speed", ["room1", "room2", "room3"]),
        ("q=t>10;t<30", ["room2"]),
        ("q=t==10,30", ["room1", "room3"]),
        ("q=t==10..20", ["room1", "room2"]),
        ("q=t:20", ["room2"]),
        ("q=t!=20", ["room1", "room3"]),
        ("q=name==Hall", ["room1"]),
        ("q=name~=^.tt", ["room2"]),
        ("q=tags==x", ["car1", "car2"]),
        ("q=parts.a.b==2", ["room2"]),
        ("q=when>2024-01-01T12:00:00Z", ["room2", "room3"]),
        ("mq=t.accuracy>0.15", ["room2", "room3"]),
        ("q=t>0&orderBy=!t", ["room3", "room2", "room1"]),
        ("type=Room&orderBy=name", ["room2", "room3", "room1"]),
        ("georel=near;maxDistance:12000&geometry=point&coords=34.1,134.0", ["room1", "room2"]),
        ("georel=near;minDistance:12000&geometry=point&coords=34.1,134.0", ["room3"]),
        ("georel=coveredBy&geometry=box&coords=34.15,133.9;34.35,134.1", ["room2", "room3"]),
        ("georel=coveredBy&geometry=polygon&coords=34,133;34,135;34.15,135;34.15,133;34,133", ["room1"]),
        (
            "georel=near;maxDistance:90000&geometry=point&coords=34.29,134&orderBy=geo:distance",
            ["room3", "room2", "room1"],
        ),
        ("offset=100", []),
    ],
)
async def test_a_query_finds_what_it_asks_for(city: httpx.AsyncClient, query: str, ids: list[str]) -> None:
    found = await city.get(f"/v2/entities?{query}")
    assert found.status_code == 200, found.text
    assert [each["id"] for each in found.json()] == ids


@pytest.mark.parametrize(
    "query",
    [
        "id=a&idPattern=b",
        "type=a&typePattern=b",
        "idPattern=a[",
        "q=a==1..x",
        "q=a>1,2",
        "orderBy=t,!t",
        "orderBy=geo:distance",
        "georel=near&geometry=point&coords=1,1",
        "georel=near;maxDistance:1&geometry=line&coords=1,1;2,2",
        "georel=coveredBy&geometry=point&coords=1,1",
        "georel=coveredBy&geometry=box&coords=1,1;1,2",
        "georel=near;maxDistance:1&geometry=point",
        "georel=under&geometry=point&coords=1,1",
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(city: httpx.AsyncClient, query: str) -> None:
    refused = await city.get(f"/v2/entities?{query}")
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")


async def test_the_total_is_counted_where_it_is_asked_for(city: httpx.AsyncClient) -> None:
    counted = await city.get("/v2/entities?type=Room&limit=1&options=count,keyValues&attrs=t")
    assert counted.headers["fiware-total-count"] == "3"
    assert counted.json() == [{"id": "room1", "type": "Room", "t": 10}]
    assert "fiware-total-count" not in (await city.get("/v2/entities?limit=1")).headers


async def test_types_are_listed_with_their_attributes(city: httpx.AsyncClient) -> None:
    listed = await city.get("/v2/types?options=count")
    assert listed.headers["fiware-total-count"] == "2"
    assert listed.json()[0] == {
        "type": "Car",
        "attrs": {"speed": {"types": ["Number"]}, "tags": {"types": ["StructuredValue"]}},
        "count": 2,
    }
    assert (await city.get("/v2/types?options=values")).json() == ["Car", "Room"]
    assert (await city.get("/v2/types?limit=1&offset=1&options=values")).json() == ["Room"]


async def test_one_type_is_described(city: httpx.AsyncClient) -> None:
    read = await city.get("/v2/types/Car?options=noAttrDetail")
    assert read.json() == {"attrs": {"speed": {"types": []}, "tags": {"types": []}}, "count": 2}
    assert (await city.get("/v2/types/None")).status_code == 404
