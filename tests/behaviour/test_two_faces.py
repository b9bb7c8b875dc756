"""What one face writes, the other reads: the table of docs/reference/two-faces.md."""

from typing import Any

import httpx
import pytest

URI = "urn:ngsi-ld:Room:1"
POINT = {"type": "Point", "coordinates": [134.0, 34.5]}


@pytest.fixture(autouse=True)
def _own_tenant(broker: httpx.AsyncClient, tenant: str) -> None:
    broker.headers["Fiware-Service"] = tenant


async def _by_ld(broker: httpx.AsyncClient, attribute: Any) -> Any:
    body = {"id": URI, "type": "Room", "a": attribute}
    created = await broker.post("/ngsi-ld/v1/entities", json=body)
    assert created.status_code == 201, created.text
    return (await broker.get(f"/v2/entities/{URI}/attrs/a")).json()


async def _by_v2(broker: httpx.AsyncClient, attribute: Any, name: str = "a") -> Any:
    created = await broker.post("/v2/entities", json={"id": URI, "type": "Room", name: attribute})
    assert created.status_code == 201, created.text
    return (await broker.get(f"/ngsi-ld/v1/entities/{URI}")).json()


VOCABULARY = "https://uri.etsi.org/ngsi-ld/default-context/"
INSTANT = "2024-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("written", "type_name", "value"),
    [
        ({"type": "Property", "value": 3}, "Number", 3),
        ({"type": "Property", "value": "x"}, "Text", "x"),
        ({"type": "Property", "value": True}, "Boolean", True),
        ({"type": "Property", "value": {"x": [1]}}, "StructuredValue", {"x": [1]}),
        ({"type": "Property", "value": [1, "a"]}, "StructuredValue", [1, "a"]),
        ({"type": "Property", "value": {"@type": "DateTime", "@value": "2024-01-01T00:00:00Z"}}, "DateTime", INSTANT),
        ({"type": "Property", "value": {"@type": "Date", "@value": "2024-01-01"}}, "Text", "2024-01-01"),
        ({"type": "Property", "value": "2024-01-01T00:00:00Z"}, "Text", "2024-01-01T00:00:00Z"),
        ({"type": "GeoProperty", "value": POINT}, "geo:json", POINT),
        ({"type": "Relationship", "object": "urn:ngsi-ld:Car:1"}, "Relationship", "urn:ngsi-ld:Car:1"),
        ({"type": "Relationship", "object": ["urn:a:1", "urn:a:2"]}, "Relationship", ["urn:a:1", "urn:a:2"]),
        ({"type": "LanguageProperty", "languageMap": {"ja": "公園"}}, "LanguageProperty", {"ja": "公園"}),
        ({"type": "VocabProperty", "vocab": "open"}, "VocabProperty", f"{VOCABULARY}open"),
        ({"type": "JsonProperty", "json": {"a": [1]}}, "JsonProperty", {"a": [1]}),
        ({"type": "ListProperty", "valueList": [1, 2]}, "ListProperty", [1, 2]),
        ({"type": "ListRelationship", "objectList": ["urn:a:1"]}, "ListRelationship", ["urn:a:1"]),
    ],
)
async def test_what_ngsi_ld_writes_is_read_in_ngsiv2(
    broker: httpx.AsyncClient, written: Any, type_name: str, value: Any
) -> None:
    """And written again with NGSIv2 as it is shown, it says the same in NGSI-LD."""
    shown = await _by_ld(broker, written)
    assert shown == {"type": type_name, "value": value, "metadata": {}}
    before = (await broker.get(f"/ngsi-ld/v1/entities/{URI}")).json()["a"]
    assert (await broker.put(f"/v2/entities/{URI}/attrs/a", json=shown)).status_code == 204
    after = (await broker.get(f"/ngsi-ld/v1/entities/{URI}")).json()["a"]
    is_date = isinstance(before.get("value"), dict) and "@type" in before["value"]
    assert is_date or after == before


@pytest.mark.parametrize(
    ("written", "kind", "member", "value"),
    [
        ({"type": "Number", "value": 3}, "Property", "value", 3),
        ({"type": "Own", "value": {"x": 1}}, "Property", "value", {"x": 1}),
        ({"value": None}, "Property", "value", None),
        ({"type": "DateTime", "value": "2024-01-01"}, "Property", "value", {"@type": "DateTime", "@value": INSTANT}),
        ({"type": "ISO8601", "value": "2024-01-01"}, "Property", "value", {"@type": "DateTime", "@value": INSTANT}),
        ({"type": "geo:point", "value": "34.5, 134"}, "GeoProperty", "value", POINT),
        (
            {"type": "geo:line", "value": ["1,2", "3,4"]},
            *("GeoProperty", "value", {"type": "LineString", "coordinates": [[2, 1], [4, 3]]}),
        ),
        (
            {"type": "geo:box", "value": ["1,2", "3,4"]},
            *("GeoProperty", "value", {"type": "Polygon", "coordinates": [[[2, 1], [4, 1], [4, 3], [2, 3], [2, 1]]]}),
        ),
        (
            {"type": "geo:polygon", "value": ["1,2", "3,4", "5,1", "1,2"]},
            *("GeoProperty", "value", {"type": "Polygon", "coordinates": [[[2, 1], [4, 3], [1, 5], [2, 1]]]}),
        ),
        ({"type": "geo:json", "value": POINT}, "GeoProperty", "value", POINT),
        ({"type": "geo:json", "value": None}, "Property", "value", None),
        ({"type": "geo:json", "value": POINT, "metadata": {"ignoreType": {"value": True}}}, "Property", "value", POINT),
        ({"type": "Relationship", "value": "urn:ngsi-ld:Car:1"}, "Relationship", "object", "urn:ngsi-ld:Car:1"),
        ({"type": "Relationship", "value": ["urn:a:1"]}, "Relationship", "object", ["urn:a:1"]),
        ({"type": "Relationship", "value": "no uri"}, "Property", "value", "no uri"),
        ({"type": "LanguageProperty", "value": {"ja": "公園"}}, "LanguageProperty", "languageMap", {"ja": "公園"}),
        ({"type": "LanguageProperty", "value": "公園"}, "Property", "value", "公園"),
        ({"type": "VocabProperty", "value": f"{VOCABULARY}open"}, "VocabProperty", "vocab", "open"),
        ({"type": "VocabProperty", "value": "open"}, "Property", "value", "open"),
        ({"type": "JsonProperty", "value": {"a": 1}}, "JsonProperty", "json", {"a": 1}),
        ({"type": "ListProperty", "value": [1]}, "ListProperty", "valueList", [1]),
        ({"type": "ListProperty", "value": 1}, "Property", "value", 1),
        ({"type": "ListRelationship", "value": ["urn:a:1"]}, "ListRelationship", "objectList", [{"object": "urn:a:1"}]),
        ({"type": "GeoProperty", "value": POINT}, "Property", "value", POINT),
    ],
)
async def test_what_ngsiv2_writes_is_read_in_ngsi_ld(
    broker: httpx.AsyncClient, written: Any, kind: str, member: str, value: Any
) -> None:
    read = (await _by_v2(broker, written))["a"]
    assert (read["type"], read[member]) == (kind, value)


@pytest.mark.parametrize(
    ("written", "fragment", "shown"),
    [
        (
            {"type": "geo:point", "value": "34.5, 134"},
            {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [135, 35]}},
            {"type": "geo:json", "value": {"type": "Point", "coordinates": [135, 35]}},
        ),
        (
            {"type": "DateTime", "value": "2024-01-01"},
            {"type": "Property", "value": "soon"},
            {"type": "Text", "value": "soon"},
        ),
        ({"type": "Celsius", "value": 20}, {"type": "Property", "value": 21}, {"type": "Celsius", "value": 21}),
    ],
)
async def test_a_type_stays_while_the_value_has_its_form(
    broker: httpx.AsyncClient, written: Any, fragment: Any, shown: Any
) -> None:
    await _by_v2(broker, written)
    assert (await broker.patch(f"/ngsi-ld/v1/entities/{URI}/attrs/a", json=fragment)).status_code == 204
    assert (await broker.get(f"/v2/entities/{URI}/attrs/a")).json() == {**shown, "metadata": {}}


async def test_sub_attributes_are_metadata_and_the_other_way_round(broker: httpx.AsyncClient) -> None:
    written = {
        "type": "Property",
        "value": 3,
        "unitCode": "MTR",
        "observedAt": "2024-01-01T00:00:00Z",
        "accuracy": {"type": "Property", "value": 0.5},
        "since": {"type": "Property", "value": {"@type": "DateTime", "@value": "2024-01-01T00:00:00Z"}},
        "by": {"type": "Relationship", "object": "urn:ngsi-ld:Gauge:1"},
        "note": {"type": "LanguageProperty", "languageMap": {"ja": "注"}},
    }
    metadata = {
        "unitCode": {"type": "Text", "value": "MTR"},
        "observedAt": {"type": "DateTime", "value": INSTANT},
        "accuracy": {"type": "Number", "value": 0.5},
        "since": {"type": "DateTime", "value": INSTANT},
        "by": {"type": "Relationship", "value": "urn:ngsi-ld:Gauge:1"},
        "note": {"type": "LanguageProperty", "value": {"ja": "注"}},
    }
    shown = await _by_ld(broker, written)
    assert shown == {"type": "Number", "value": 3, "metadata": metadata}
    overridden = f"/v2/entities/{URI}/attrs/a?options=overrideMetadata"
    assert (await broker.put(overridden, json=shown)).status_code == 204
    read = (await broker.get(f"/ngsi-ld/v1/entities/{URI}")).json()["a"]
    assert {name: read[name]["type"] for name in ("accuracy", "since", "by", "note")} == {
        name: written[name]["type"]
        for name in ("accuracy", "since", "by", "note")  # type: ignore[index]
    }
    assert (read["unitCode"], read["observedAt"][:19]) == ("MTR", "2024-01-01T00:00:00")


async def test_of_several_instances_ngsiv2_shows_and_writes_the_default_one(broker: httpx.AsyncClient) -> None:
    other = {"type": "Property", "value": 1, "datasetId": "urn:d:1"}
    assert (await _by_ld(broker, [other, {"type": "Property", "value": 2}]))["value"] == 2
    assert (await broker.put(f"/v2/entities/{URI}/attrs/a", json={"value": 3})).status_code == 204
    read = (await broker.get(f"/ngsi-ld/v1/entities/{URI}")).json()["a"]
    assert sorted(each["value"] for each in read) == [1, 3]


async def test_without_a_default_instance_ngsiv2_shows_the_first_and_adds_one(broker: httpx.AsyncClient) -> None:
    instances = [{"type": "Property", "value": n, "datasetId": f"urn:d:{n}"} for n in (1, 2)]
    assert (await _by_ld(broker, instances))["value"] == 1
    assert (await broker.put(f"/v2/entities/{URI}/attrs/a", json={"value": 3})).status_code == 204
    assert (await broker.get(f"/v2/entities/{URI}/attrs/a")).json()["value"] == 3
    assert len((await broker.get(f"/ngsi-ld/v1/entities/{URI}")).json()["a"]) == 3


async def test_types_scopes_and_expiry_of_ngsi_ld_in_ngsiv2(broker: httpx.AsyncClient) -> None:
    body = {
        "id": URI,
        "type": ["Room", "Hall"],
        "scope": ["/a", "/b/c"],
        "expiresAt": "2099-01-01T00:00:00Z",
        "a": {"type": "Property", "value": 1},
    }
    assert (await broker.post("/ngsi-ld/v1/entities", json=body)).status_code == 201
    room = {"id": URI, "type": "Room", "a": 1}
    assert (await broker.get("/v2/entities?type=Hall&options=keyValues")).json() == [room]
    below = {"fiware-servicepath": "/b/#"}
    assert (await broker.get("/v2/entities?options=keyValues", headers=below)).json() == [room]
    builtin = (await broker.get(f"/v2/entities/{URI}?attrs=dateExpires,servicePath&options=values")).json()
    assert builtin == ["2099-01-01T00:00:00.000Z", "/"]
    assert (await broker.patch(f"/v2/entities/{URI}/attrs", json={"a": {"value": 2}})).status_code == 204
    read = (await broker.get(f"/ngsi-ld/v1/entities/{URI}")).json()
    assert (set(read["type"]), read["scope"], read["a"]["value"]) == ({"Room", "Hall"}, ["/a", "/b/c"], 2)


async def test_an_entity_with_scopes_is_found_by_its_id_in_a_service_path(broker: httpx.AsyncClient) -> None:
    body = {"id": URI, "type": "Room", "scope": "/parks/east", "a": {"type": "Property", "value": 1}}
    assert (await broker.post("/ngsi-ld/v1/entities", json=body)).status_code == 201
    inside, above, beside = ({"fiware-servicepath": path} for path in ("/parks/east", "/parks/#", "/roads"))
    for headers in (inside, above, {}):
        assert (await broker.get(f"/v2/entities/{URI}", headers=headers)).status_code == 200
    assert (await broker.get(f"/v2/entities/{URI}", headers=beside)).status_code == 404
    assert (
        await broker.patch(f"/v2/entities/{URI}/attrs", json={"a": {"value": 2}}, headers=beside)
    ).status_code == 404
    upsert = {"id": URI, "type": "Room", "b": {"value": 3}}
    append = {"actionType": "append", "entities": [{**upsert, "c": {"value": 4}}]}
    answers = [
        await broker.patch(f"/v2/entities/{URI}/attrs", json={"a": {"value": 2}}, headers=inside),
        await broker.post("/v2/entities?options=upsert", json=upsert, headers=inside),
        await broker.post("/v2/op/update", json=append, headers=inside),
        await broker.post("/v2/entities", json=upsert, headers=inside),
    ]
    assert [each.status_code for each in answers] == [204, 204, 204, 422]
    read = (await broker.get(f"/ngsi-ld/v1/entities/{URI}?options=keyValues")).json()
    assert read == {"id": URI, "type": "Room", "scope": "/parks/east", "a": 2, "b": 3, "c": 4}
    assert (await broker.post("/v2/entities", json=upsert, headers=beside)).status_code == 201
    assert (await broker.delete(f"/v2/entities/{URI}", headers=beside)).status_code == 204
    assert (await broker.get(f"/v2/entities/{URI}", headers=beside)).status_code == 404
    assert (await broker.delete(f"/v2/entities/{URI}", headers=inside)).status_code == 204


async def test_unit_and_time_of_observation_pass_both_ways(broker: httpx.AsyncClient) -> None:
    instant = "2024-01-01T00:00:00.000Z"
    metadata = {
        "unitCode": {"type": "Text", "value": "MTR"},
        "observedAt": {"type": "DateTime", "value": instant},
    }
    read = await _by_v2(broker, {"type": "Number", "value": 3, "metadata": metadata})
    assert read["a"]["unitCode"] == "MTR"
    assert read["a"]["observedAt"].startswith("2024-01-01T00:00:00")
    assert (await broker.get(f"/v2/entities/{URI}/attrs/a")).json()["metadata"] == metadata


async def test_an_attribute_called_like_a_member_of_ngsi_ld_is_kept_apart(broker: httpx.AsyncClient) -> None:
    read = await _by_v2(broker, {"value": 3}, name="value")
    kept = next(each for name, each in read.items() if name.endswith("default-context/value"))
    assert kept["value"] == 3
    assert (await broker.get(f"/v2/entities/{URI}?options=keyValues")).json()["value"] == 3


async def test_an_id_under_several_types_is_the_earliest_in_ngsi_ld(broker: httpx.AsyncClient) -> None:
    for number, type_name in enumerate(("Room", "Hall", "Shed")):
        entity = {"id": URI, "type": type_name, "a": {"value": number}}
        assert (await broker.post("/v2/entities", json=entity)).status_code == 201
    assert (await broker.get(f"/ngsi-ld/v1/entities/{URI}")).json()["type"] == "Room"
    assert (await broker.get(f"/ngsi-ld/v1/entities/{URI}?type=Hall")).json()["a"]["value"] == 1
    listed = (await broker.get("/ngsi-ld/v1/entities?type=Room,Hall,Shed")).json()
    assert [each["type"] for each in listed] == ["Room", "Hall", "Shed"]


async def test_an_id_that_is_no_uri_is_found_in_ngsi_ld(broker: httpx.AsyncClient) -> None:
    headers = {"fiware-servicepath": "/parks"}
    await broker.post("/v2/entities", json={"id": "room1", "type": "Room", "a": {"value": 1}}, headers=headers)
    read = (await broker.get("/ngsi-ld/v1/entities/urn:ngsi-ld:Room:room1")).json()
    assert read["a"]["value"] == 1
    assert read["scope"] in ("/parks", ["/parks"])
