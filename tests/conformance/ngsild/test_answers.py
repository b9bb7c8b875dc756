"""What answers look like beside their entities: links between pages, preferred versions, queries that are too wide."""

from typing import Any

import httpx
import pytest

VOCABULARY: dict[str, Any] = {
    "id": "urn:ngsi-ld:Person:1",
    "type": ["Person", "Citizen"],
    "scope": "/Kagawa",
    "gender": {"type": "VocabProperty", "vocab": "Female"},
    "name": {"type": "LanguageProperty", "languageMap": {"ja": "高松"}},
    "card": {"type": "JsonProperty", "json": {"n": 1}},
    "visits": {"type": "ListProperty", "valueList": [1, 2]},
    "friends": {"type": "ListRelationship", "objectList": [{"object": "urn:a"}, {"object": "urn:b"}]},
    "home": {"type": "Relationship", "object": "urn:h", "objectType": "House"},
    "height": [
        {"type": "Property", "value": 170, "unitCode": "CMT", "observedAt": "2026-01-01T00:00:00Z"},
        {"type": "Property", "value": 171, "datasetId": "urn:other"},
    ],
}
ONE = "entities/urn:ngsi-ld:Person:1"


async def preferring(broker: httpx.AsyncClient, version: str, path: str = ONE) -> httpx.Response:
    return await broker.get(path, headers={"Prefer": f"ngsi-ld={version}"})


@pytest.fixture
async def people(broker: httpx.AsyncClient) -> httpx.AsyncClient:
    assert (await broker.post("entities", json=VOCABULARY)).status_code == 201
    return broker


@pytest.mark.clause("4.3.6.8")
async def test_an_earlier_version_is_answered_in_its_own_kinds_of_attributes(people: httpx.AsyncClient) -> None:
    answer = await preferring(people, "1.5")
    assert (answer.status_code, answer.headers["preference-applied"]) == (203, "ngsi-ld=1.5")
    entity = answer.json()
    assert entity["gender"] == {"type": "Property", "value": "Female"}
    assert entity["card"] == {"type": "Property", "value": {"n": 1}}
    assert entity["visits"] == {"type": "Property", "value": [1, 2]}
    assert entity["friends"] == {"type": "Relationship", "object": ["urn:a", "urn:b"]}
    assert entity["home"] == {"type": "Relationship", "object": "urn:h"}
    assert entity["name"]["type"] == "LanguageProperty"
    assert entity["scope"] == "/Kagawa"


@pytest.mark.clause("4.3.6.8")
async def test_version_1_0_has_one_type_one_instance_and_no_scope(people: httpx.AsyncClient) -> None:
    entity = (await preferring(people, "1.0")).json()
    assert entity["type"] == "Person"
    assert "scope" not in entity
    assert entity["height"] == {"type": "Property", "value": 170}
    assert entity["name"] == {"type": "Property", "value": {"ja": "高松"}}


@pytest.mark.clause("4.3.6.8")
@pytest.mark.parametrize("version", ["1.9", "1.9.1", "2.1"])
async def test_this_version_or_a_later_one_leaves_everything_as_it_is(people: httpx.AsyncClient, version: str) -> None:
    answer = await preferring(people, version)
    assert (answer.status_code, answer.headers["preference-applied"]) == (200, "ngsi-ld=1.9")
    assert answer.json() == VOCABULARY


@pytest.mark.clause("6.3.6")
async def test_lists_follow_the_preference_and_other_documents_tell_their_version(people: httpx.AsyncClient) -> None:
    entities = await preferring(people, "1.7", "entities?type=Person")
    assert (entities.status_code, entities.json()[0]["gender"]["type"]) == (203, "Property")
    types = await preferring(people, "1.5", "types")
    assert (types.status_code, types.headers["preference-applied"]) == (200, "ngsi-ld=1.9")


@pytest.mark.clause("6.3.6")
@pytest.mark.parametrize("preference", ["respond-async", "ngsi-ld=newest", "ngsi-ld", ""])
async def test_other_preferences_are_ignored(people: httpx.AsyncClient, preference: str) -> None:
    answer = await people.get(ONE, headers={"Prefer": preference})
    assert answer.status_code == 200
    assert "preference-applied" not in answer.headers


@pytest.mark.clause("4.12")
async def test_links_lead_through_all_pages_and_end_with_the_last(broker: httpx.AsyncClient) -> None:
    for number in range(4):
        await broker.post("entities", json={"id": f"urn:ngsi-ld:Pump:{number}", "type": "Pump"})
    first = await broker.get("entities?type=Pump&idPattern=urn:ngsi-ld:Pump:.*&limit=2")
    path = "/ngsi-ld/v1/entities?idPattern=urn:ngsi-ld:Pump:.*&limit=2&offset=2&type=Pump"
    assert f'<{path}>; rel="next"; type="application/json"' in first.headers["link"]
    second = await broker.get(path.removeprefix("/ngsi-ld/v1/"))
    assert [each["id"][-1] for each in second.json()] == ["2", "3"]
    assert 'rel="prev"' in second.headers["link"]
    assert 'rel="next"' not in second.headers["link"]


@pytest.mark.clause("5.7.2")
@pytest.mark.parametrize(
    "query",
    ["", "id=urn:ngsi-ld:Person:1", "idPattern=.*", "scopeQ=/Kagawa", "attrs=createdAt", "q=modifiedAt>2020-01-01"],
)
async def test_a_query_that_narrows_nothing_down_is_too_wide(people: httpx.AsyncClient, query: str) -> None:
    answer = await people.get("entities", params=query)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")
    assert (await people.get("entities", params=f"{query}&local=true".lstrip("&"))).status_code == 200
    assert (await people.delete("entities", params=query)).status_code == 400


@pytest.mark.clause("4.23")
@pytest.mark.parametrize("collation", ["", "&collation=und", "&collation=ja"])
async def test_texts_stand_as_readers_expect_them(broker: httpx.AsyncClient, collation: str) -> None:
    names = ["Zebra", "ähre", "Apfel", "apfel", "かき", "ガス", "きく", "ｱｲ"]
    for number, name in enumerate(names):
        await broker.post("entities", json={"id": f"urn:w:{number}", "type": "Word", "name": {"value": name}})
    found = await broker.get(f"entities?type=Word&orderBy=name{collation}&format=simplified")
    assert [each["name"] for each in found.json()] == ["ähre", "Apfel", "apfel", "Zebra", "ｱｲ", "かき", "ガス", "きく"]


@pytest.mark.clause("4.23", "5.7.2")
async def test_a_collation_that_is_no_language_tag_is_refused(broker: httpx.AsyncClient) -> None:
    answer = await broker.get("entities?type=Word&orderBy=name&collation=not%20a%20tag")
    assert (answer.status_code, answer.json()["field"]) == (400, "collation")


@pytest.mark.clause("4.9")
@pytest.mark.parametrize("more", ["", "&jsonKeys=tickets"])
async def test_a_path_into_a_json_property_is_made_of_plain_keys(broker: httpx.AsyncClient, more: str) -> None:
    tickets = {"type": "JsonProperty", "json": {"id": "85a6", "value": "Overstay"}}
    await broker.post("entities", json={"id": "urn:c:1", "type": "Car", "tickets": tickets})
    found = await broker.get(f'entities?type=Car&q=tickets[value]=="Overstay";tickets[id]=="85a6"{more}')
    assert [each["id"] for each in found.json()] == ["urn:c:1"]
