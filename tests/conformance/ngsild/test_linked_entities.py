from typing import Any

import httpx
import pytest

BUILDING: dict[str, Any] = {
    "id": "urn:building",
    "type": "Building",
    "locatedAt": {"type": "Relationship", "object": "urn:city"},
    "neighbours": {"type": "ListRelationship", "objectList": [{"object": "urn:other"}, {"object": "urn:gone"}]},
}
CITY: dict[str, Any] = {
    "id": "urn:city",
    "type": "City",
    "name": {"type": "Property", "value": "福井"},
    "prefecture": {"type": "Relationship", "object": "urn:prefecture"},
}
PREFECTURE = {"id": "urn:prefecture", "type": "Prefecture", "capital": {"type": "Relationship", "object": "urn:city"}}
OTHER = {"id": "urn:other", "type": "Building"}


@pytest.fixture
async def linked(broker: httpx.AsyncClient) -> httpx.AsyncClient:
    answer = await broker.post("entityOperations/create", json=[BUILDING, CITY, PREFECTURE, OTHER])
    assert answer.status_code == 201
    return broker


@pytest.mark.clause("4.5.23", "5.7.1")
async def test_a_linked_entity_is_shown_inside(linked: httpx.AsyncClient) -> None:
    found = (await linked.get("entities/urn:building?join=inline")).json()
    assert found["locatedAt"]["entity"] == CITY
    assert found["neighbours"]["entityList"] == [OTHER]


@pytest.mark.clause("4.5.23", "5.7.1")
async def test_links_are_followed_as_deep_as_asked_and_not_in_circles(linked: httpx.AsyncClient) -> None:
    found = (await linked.get("entities/urn:building?join=inline&joinLevel=5")).json()
    prefecture = found["locatedAt"]["entity"]["prefecture"]["entity"]
    assert prefecture == PREFECTURE


@pytest.mark.clause("4.5.23", "5.7.2")
async def test_linked_entities_are_shown_beside(linked: httpx.AsyncClient) -> None:
    found = (await linked.get("entities?id=urn:building&local=true&join=flat&joinLevel=2")).json()
    assert [each["id"] for each in found] == ["urn:building", "urn:city", "urn:other", "urn:prefecture"]


@pytest.mark.clause("4.5.23")
async def test_what_contains_an_entity_is_not_shown_again(linked: httpx.AsyncClient) -> None:
    found = (await linked.get("entities/urn:prefecture?join=inline&containedBy=urn:city")).json()
    assert found == PREFECTURE


@pytest.mark.clause("4.5.4", "4.5.23")
async def test_a_simplified_link_is_the_entity(linked: httpx.AsyncClient) -> None:
    found = (await linked.get("entities/urn:city?join=inline&format=simplified")).json()
    assert found["prefecture"] == {"id": "urn:prefecture", "type": "Prefecture", "capital": "urn:city"}


@pytest.mark.clause("4.21")
async def test_a_projection_reaches_into_linked_entities(linked: httpx.AsyncClient) -> None:
    picked = "pick=id,locatedAt{name,prefecture{id}}"
    found = (await linked.get(f"entities/urn:building?join=inline&joinLevel=2&{picked}")).json()
    city = found["locatedAt"]["entity"]
    assert (found.keys(), city.keys()) == ({"id", "locatedAt"}, {"name", "prefecture"})
    assert city["prefecture"]["entity"] == {"id": "urn:prefecture"}
    found = (await linked.get("entities/urn:building?join=inline&omit=locatedAt{name,type}")).json()
    assert found["locatedAt"]["entity"].keys() == {"id", "prefecture"}


@pytest.mark.clause("4.9")
async def test_a_query_looks_into_linked_entities(linked: httpx.AsyncClient) -> None:
    query = "type=Building&join=inline&joinLevel=2&q="
    found = (await linked.get(f'entities?{query}locatedAt{{name}}=="福井"')).json()
    assert [each["id"] for each in found] == ["urn:building"]
    assert (await linked.get(f"entities?{query}locatedAt{{Prefecture:name}}")).json() == []


@pytest.mark.clause("5.7.1", "5.7.2")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("join=both", "join"),
        ("join=inline&joinLevel=0", "joinLevel"),
        ("join=inline&joinLevel=11", "joinLevel"),
        ("pick=locatedAt{name}", "pick"),
        ("join=inline&omit=locatedAt{prefecture{name}}", "omit"),
        ("q=locatedAt{name}", "q"),
    ],
)
async def test_what_reaches_deeper_than_links_are_followed_is_refused(
    linked: httpx.AsyncClient, query: str, field: str
) -> None:
    answer = await linked.get(f"entities?type=Building&{query}")
    assert (answer.status_code, answer.json()["field"]) == (400, field)
