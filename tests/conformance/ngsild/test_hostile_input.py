"""Whatever a client sends is answered with a reason, never with a fault of ours (5.5.2, 6.3.2)."""

from typing import Any

import httpx
import pytest

ODD_ATTRIBUTES: list[Any] = [
    {"type": ["Property"], "value": 1},
    {"type": {}, "value": 1},
    {"type": 7, "value": 1},
    {"type": "GeoProperty", "value": {"type": [], "coordinates": [1, 2]}},
    {"object": [[]]},
    {"objectList": [{"object": {"x": 1}}]},
    {"vocab": [{"a": 1}]},
    {"valueList": {"x": 1}},
    {"json": None},
    {"languageMap": {"en": {"x": 1}}},
    {"value": 1, "unitCode": 5},
    {"value": 1, "datasetId": 7},
    {"value": 1, "expiresAt": "9999-12-31T24:00:00Z"},
    {"value": "a\u0000b"},
    [{"value": 1}, {"value": 2}],
]
ODD_EXPIRIES = ["2026-02-30T00:00:00Z", "2026-01-01T00:00:00+09:00", "0000-01-01T00:00:00Z", "tomorrow", 5]
ODD_QUERIES = ["(", "a==", 'a=="', "a==1..", "a~=(", "a[", "a{", "a{b", "!", "a;", "|a", "a" * 20_000, "(" * 30 + "a"]


@pytest.mark.clause("5.5.4")
@pytest.mark.parametrize("attribute", ODD_ATTRIBUTES)
async def test_an_odd_attribute_is_refused_wherever_it_is_sent(broker: httpx.AsyncClient, attribute: Any) -> None:
    entity = {"id": "urn:ngsi-ld:T:1", "type": "T", "a": {"value": 1}}
    assert (await broker.post("entities", json=entity)).status_code == 201
    odd = {"a": attribute}
    answers = [
        await broker.post("entities", json={"id": "urn:ngsi-ld:T:2", "type": "T", **odd}),
        await broker.put("entities/urn:ngsi-ld:T:1", json={"type": "T", **odd}),
        await broker.post("entities/urn:ngsi-ld:T:1/attrs", json=odd),
        await broker.patch("entities/urn:ngsi-ld:T:1/attrs", json=odd),
        await broker.put("entities/urn:ngsi-ld:T:1/attrs/a", json=attribute),
    ]
    assert {each.status_code for each in answers} <= {400, 422}, [each.text for each in answers]
    batch = await broker.post("entityOperations/upsert", json=[{**entity, **odd}, entity])
    assert (batch.status_code, batch.json()["success"]) == (207, ["urn:ngsi-ld:T:1"]) or batch.status_code == 400
    assert (await broker.get("entities/urn:ngsi-ld:T:1")).json()["a"] == {"type": "Property", "value": 1}


@pytest.mark.clause("4.6.3", "4.22")
@pytest.mark.parametrize("expiry", ODD_EXPIRIES)
async def test_an_expiry_that_is_no_instant_is_refused(broker: httpx.AsyncClient, expiry: Any) -> None:
    entity = {"id": "urn:ngsi-ld:T:1", "type": "T", "expiresAt": expiry}
    answer = await broker.post("entities", json=entity)
    assert (answer.status_code, answer.json()["field"]) == (400, "expiresAt")
    assert (await broker.post("entityOperations/upsert", json=[entity])).status_code == 207


@pytest.mark.clause("4.22")
@pytest.mark.parametrize(("expiry", "status"), [("0001-01-01T00:00:00Z", 404), ("9999-12-31T23:59:59.999999999Z", 200)])
async def test_the_first_and_the_last_instant_are_instants(broker: httpx.AsyncClient, expiry: str, status: int) -> None:
    entity = {"id": "urn:ngsi-ld:T:1", "type": "T", "expiresAt": expiry}
    assert (await broker.post("entities", json=entity)).status_code == 201
    assert (await broker.get("entities/urn:ngsi-ld:T:1")).status_code == status
    assert (await broker.post("entityOperations/upsert", json=[entity])).status_code < 300


@pytest.mark.clause("4.9")
@pytest.mark.parametrize("query", ODD_QUERIES)
async def test_a_query_that_cannot_be_read_is_refused(broker: httpx.AsyncClient, query: str) -> None:
    answer = await broker.get("entities", params={"type": "T", "q": query})
    assert answer.status_code in (400, 403)
    assert answer.json()["field"] == "q"
    body = {"type": "Query", "entities": [{"type": "T"}], "q": query}
    assert (await broker.post("entityOperations/query", json=body)).status_code == answer.status_code


@pytest.mark.clause("5.6.2", "5.6.17")
@pytest.mark.parametrize("fragment", [{"type": "LanguageProperty"}, {"observedAt": "2026-01-01T00:00:00Z"}])
@pytest.mark.parametrize("path", ["entities/urn:ngsi-ld:T:1/attrs", "entities/urn:ngsi-ld:T:1"])
async def test_an_attribute_does_not_lose_its_value(broker: httpx.AsyncClient, path: str, fragment: Any) -> None:
    await broker.post("entities", json={"id": "urn:ngsi-ld:T:1", "type": "T", "a": {"value": 1}})
    answer = await broker.patch(path, json={"a": fragment})
    is_merge_of_members = "observedAt" in fragment and not path.endswith("/attrs")
    assert answer.status_code == (204 if is_merge_of_members else 400)
    assert (await broker.get("entities/urn:ngsi-ld:T:1?lang=ja")).json()["a"]["value"] == 1


@pytest.mark.clause("5.5.12", "4.15")
async def test_a_merge_that_takes_away_the_last_language_takes_the_attribute(broker: httpx.AsyncClient) -> None:
    entity = {"id": "urn:ngsi-ld:T:1", "type": "T", "a": {"languageMap": {"en": "x"}}, "b": {"value": "x"}}
    await broker.post("entities", json=entity)
    null = {"languageMap": {"en": "urn:ngsi-ld:null"}}
    assert (await broker.patch("entities/urn:ngsi-ld:T:1", json={"a": null, "c": null})).status_code == 204
    assert (await broker.get("entities/urn:ngsi-ld:T:1?lang=ja")).json().keys() == {"id", "type", "b"}
    assert (await broker.patch("entities/urn:ngsi-ld:T:1?lang=en", json={"b": "y"})).status_code == 204
    assert (await broker.get("entities/urn:ngsi-ld:T:1")).json()["b"] == {"type": "Property", "value": "y"}
