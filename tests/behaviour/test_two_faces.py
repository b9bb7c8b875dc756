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


@pytest.mark.parametrize(
    ("written", "type_name", "value"),
    [
        ({"type": "Property", "value": 3}, "Number", 3),
        ({"type": "Property", "value": "x"}, "Text", "x"),
        ({"type": "Property", "value": True}, "Boolean", True),
        ({"type": "Property", "value": {"x": [1]}}, "StructuredValue", {"x": [1]}),
        ({"type": "GeoProperty", "value": POINT}, "geo:json", POINT),
        ({"type": "Relationship", "object": "urn:ngsi-ld:Car:1"}, "Relationship", "urn:ngsi-ld:Car:1"),
        ({"type": "LanguageProperty", "languageMap": {"ja": "公園"}}, "LanguageProperty", {"ja": "公園"}),
    ],
)
async def test_what_ngsi_ld_writes_is_read_in_ngsiv2(
    broker: httpx.AsyncClient, written: Any, type_name: str, value: Any
) -> None:
    assert await _by_ld(broker, written) == {"type": type_name, "value": value, "metadata": {}}


@pytest.mark.parametrize(
    ("written", "kind", "member", "value"),
    [
        ({"type": "Number", "value": 3}, "Property", "value", 3),
        ({"type": "Own", "value": {"x": 1}}, "Property", "value", {"x": 1}),
        ({"type": "geo:point", "value": "34.5, 134"}, "GeoProperty", "value", POINT),
        ({"type": "geo:json", "value": POINT}, "GeoProperty", "value", POINT),
        ({"type": "Relationship", "value": "urn:ngsi-ld:Car:1"}, "Relationship", "object", "urn:ngsi-ld:Car:1"),
        ({"type": "Relationship", "value": "no uri"}, "Property", "value", "no uri"),
    ],
)
async def test_what_ngsiv2_writes_is_read_in_ngsi_ld(
    broker: httpx.AsyncClient, written: Any, kind: str, member: str, value: Any
) -> None:
    read = (await _by_v2(broker, written))["a"]
    assert (read["type"], read[member]) == (kind, value)


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


async def test_an_id_that_is_no_uri_is_found_in_ngsi_ld(broker: httpx.AsyncClient) -> None:
    headers = {"fiware-servicepath": "/parks"}
    await broker.post("/v2/entities", json={"id": "room1", "type": "Room", "a": {"value": 1}}, headers=headers)
    read = (await broker.get("/ngsi-ld/v1/entities/urn:ngsi-ld:Room:room1")).json()
    assert read["a"]["value"] == 1
    assert read["scope"] in ("/parks", ["/parks"])
