"""What Orion's manual says of each part of the interface, in requests of our own."""

from typing import Any

import httpx
import pytest

STATION: dict[str, Any] = {
    "id": "station-1",
    "type": "Station",
    "rain": {"value": 3.5},
    "depth": {"value": 120, "type": "Centimetre", "metadata": {"accuracy": {"value": 2}}},
    "place": {"value": "34.34, 134.05", "type": "geo:point", "metadata": {"crs": {"value": "WGS84"}}},
    "name": {"value": "北"},
    "open": {"value": True},
    "parts": {"value": {"pump": "on", "a.b": {"c": 7}}},
    "tags": {"value": ["river", "north"]},
    "empty": {},
}


@pytest.fixture
async def station(v2: httpx.AsyncClient) -> httpx.AsyncClient:
    created = await v2.post("/v2/entities", json=STATION)
    assert (created.status_code, created.headers["location"]) == (201, "/v2/entities/station-1?type=Station")
    return v2


async def test_types_and_metadata_are_filled_in(station: httpx.AsyncClient) -> None:
    read = (await station.get("/v2/entities/station-1")).json()
    types = {name: read[name]["type"] for name in STATION if name not in ("id", "type")}
    assert types == {
        "rain": "Number",
        "depth": "Centimetre",
        "place": "geo:point",
        "name": "Text",
        "open": "Boolean",
        "parts": "StructuredValue",
        "tags": "StructuredValue",
        "empty": "None",
    }
    assert read["rain"]["metadata"] == {}
    assert read["empty"]["value"] is None
    assert read["place"]["metadata"] == {"crs": {"type": "Text", "value": "WGS84"}}
    assert read["depth"]["metadata"] == {"accuracy": {"type": "Number", "value": 2}}


async def test_attributes_are_shown_by_name(station: httpx.AsyncClient) -> None:
    """As FIWARE's tutorials of NGSIv2 show what Orion answers: capital letters first."""
    await station.post("/v2/entities/station-1/attrs", json={"Added": {"value": "last"}})
    await station.patch("/v2/entities/station-1/attrs", json={"rain": {"value": 4}})
    names = ["Added", "depth", "empty", "name", "open", "parts", "place", "rain", "tags"]
    assert list((await station.get("/v2/entities/station-1/attrs")).json()) == names
    values = (await station.get("/v2/entities/station-1?options=values")).json()
    parts = STATION["parts"]["value"]
    assert values == ["last", 120, None, "北", True, parts, "34.34, 134.05", 4, ["river", "north"]]
    listed = (await station.get("/v2/entities?options=values&attrs=name,rain")).json()
    assert listed == [["北", 4]]


async def test_metadata_are_shown_by_name(v2: httpx.AsyncClient) -> None:
    metadata = {name: {"value": 1} for name in ("zz", "unitCode", "b", "aaa")}
    await v2.post("/v2/entities", json={"id": "e", "a": {"value": 1, "metadata": metadata}})
    shown = (await v2.get("/v2/entities/e/attrs/a?metadata=dateCreated,*")).json()["metadata"]
    assert list(shown) == ["aaa", "b", "unitCode", "zz", "dateCreated"]


async def test_with_an_asterisk_builtin_attributes_come_last(station: httpx.AsyncClient) -> None:
    read = (await station.get("/v2/entities/station-1?attrs=dateModified,name,*")).json()
    assert list(read) == ["id", "type", *sorted(STATION.keys() - {"id", "type"}), "dateModified"]


async def test_unique_leaves_out_repeated_values(v2: httpx.AsyncClient) -> None:
    await v2.post("/v2/entities?options=keyValues", json={"id": "e", "b": 1, "a": 1, "c": "1"})
    assert (await v2.get("/v2/entities/e?options=unique")).json() == [1, "1"]


async def test_builtin_attributes_are_shown_on_demand_only(station: httpx.AsyncClient) -> None:
    assert "dateModified" not in (await station.get("/v2/entities/station-1")).json()
    only = (await station.get("/v2/entities/station-1?attrs=dateModified")).json()
    assert only.keys() == {"id", "type", "dateModified"}
    both = (await station.get("/v2/entities/station-1?attrs=dateCreated,rain")).json()
    assert both.keys() == {"id", "type", "dateCreated", "rain"}
    every = (await station.get("/v2/entities/station-1?attrs=dateModified,*")).json()
    assert every.keys() == {*STATION, "dateModified"}


async def test_builtin_metadata_are_shown_on_demand_only(station: httpx.AsyncClient) -> None:
    path = "/v2/entities/station-1/attrs/depth"
    assert (await station.get(f"{path}?metadata=dateCreated")).json()["metadata"].keys() == {"dateCreated"}
    shown = (await station.get(f"{path}?metadata=dateModified,*")).json()["metadata"]
    assert shown.keys() == {"dateModified", "accuracy"}


async def test_metadata_stay_unless_they_are_overridden(station: httpx.AsyncClient) -> None:
    path = "/v2/entities/station-1/attrs/depth"

    async def metadata() -> set[str]:
        return set((await station.get(path)).json()["metadata"])

    await station.put(path, json={"value": 1, "metadata": {"unit": {"value": "cm"}}})
    assert await metadata() == {"accuracy", "unit"}
    await station.put(path, json={"value": 2, "metadata": {}})
    assert await metadata() == {"accuracy", "unit"}
    await station.put(f"{path}?options=overrideMetadata", json={"value": 3, "metadata": {"unit": {"value": "m"}}})
    assert await metadata() == {"unit"}
    await station.put(f"{path}?options=overrideMetadata", json={"value": 3, "metadata": {}})
    assert await metadata() == set()


@pytest.mark.parametrize(
    ("q", "matches"),
    [
        ("rain==3.5", True),
        ("rain:3.5", True),
        ("rain==3..4", True),
        ("rain!=3..4", False),
        ("rain!=1,2", True),
        ("depth>119;rain<=3.5", True),
        ("depth>=121", False),
        ("name~=北", True),
        ("name=='北','南,東'", True),
        ("tags==north", True),
        ("tags!=north", False),
        ("parts.pump==on", True),
        ("parts.'a.b'.c==7", True),
        ("parts.'a.b'.c=='7'", False),
        ("open==true", True),
        ("empty", True),
        ("!empty", False),
        ("nothing!=1", False),
        ("!nothing", True),
    ],
)
async def test_the_simple_query_language_selects(station: httpx.AsyncClient, q: str, matches: bool) -> None:
    found = (await station.get("/v2/entities", params={"q": q})).json()
    assert bool(found) is matches


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("georel=near;maxDistance:1000&geometry=point&coords=34.341,134.05", True),
        ("georel=near;minDistance:1000&geometry=point&coords=34.341,134.05", False),
        ("georel=coveredBy&geometry=polygon&coords=34,134;34,135;35,135;35,134;34,134", True),
        ("georel=coveredBy&geometry=box&coords=34,134;35,135", True),
        ("georel=intersects&geometry=box&coords=35,134;36,135", False),
        ("georel=equals&geometry=point&coords=34.34,134.05", True),
        ("georel=disjoint&geometry=box&coords=35,134;36,135", True),
    ],
)
async def test_geographical_queries_select(station: httpx.AsyncClient, query: str, matches: bool) -> None:
    assert bool((await station.get(f"/v2/entities?{query}")).json()) is matches


@pytest.mark.parametrize("name", ["id", "type", "geo:distance", "*", "a b", "a&b", "a?b", "a/b", "a#b", "é", "x" * 257])
async def test_reserved_and_malformed_names_are_refused(v2: httpx.AsyncClient, name: str) -> None:
    refused = await v2.post("/v2/entities/e/attrs", json={name: {"value": 1}})
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")


async def test_types_are_read_in_the_detail_that_is_asked_for(station: httpx.AsyncClient) -> None:
    await station.post("/v2/entities", json={"id": "b", "type": "Bridge", "rain": {"value": "much"}})
    assert (await station.get("/v2/types?options=values")).json() == ["Bridge", "Station"]
    listed = (await station.get("/v2/types?options=noAttrDetail,count")).json()
    assert listed[0] == {"type": "Bridge", "attrs": {"rain": {"types": []}}, "count": 1}
    one = (await station.get("/v2/types/Bridge")).json()
    assert one == {"attrs": {"rain": {"types": ["Text"]}}, "count": 1}
    assert (await station.get("/v2/types/Station?options=noAttrDetail")).json()["attrs"]["depth"] == {"types": []}
    missing = await station.get("/v2/types/Tunnel")
    assert (missing.status_code, missing.json()["error"]) == (404, "NotFound")


async def test_an_attribute_that_comes_twice_is_refused(v2: httpx.AsyncClient) -> None:
    """Orion's release notes of 1.3.0."""
    body = b'{"id": "e", "a": {"value": 1}, "b": {"value": 1}, "b": {"value": 2}}'
    refused = await v2.post("/v2/entities", content=body, headers={"content-type": "application/json"})
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")
    assert (await v2.get("/v2/entities")).json() == []


async def test_the_last_of_other_repeated_members_counts(v2: httpx.AsyncClient) -> None:
    body = b'{"id": "e", "a": {"value": 1, "value": 2}, "value": {"value": 3}}'
    created = await v2.post("/v2/entities", content=body, headers={"content-type": "application/json"})
    assert created.status_code == 201
    assert (await v2.get("/v2/entities/e?options=keyValues")).json() == {"id": "e", "type": "Thing", "a": 2, "value": 3}
