"""The server of @contexts (5.13)."""

import httpx
import pytest

CORE = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld"
TERMS = {"@context": {"level": "https://example.org/level"}}


def named(url: str) -> str:
    return "jsonldContexts/" + url.replace("/", "%2F").replace(":", "%3A")


async def hosted(broker: httpx.AsyncClient) -> str:
    answer = await broker.post("jsonldContexts", json=TERMS)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].removeprefix("/ngsi-ld/v1/")


@pytest.mark.clause("5.13.2")
async def test_a_hosted_context_is_served_to_whoever_asks_its_tenant(broker: httpx.AsyncClient) -> None:
    answer = await broker.get(await hosted(broker))
    assert answer.json() == TERMS


@pytest.mark.clause("5.13.2")
async def test_a_document_without_a_context_is_an_invalid_request(broker: httpx.AsyncClient) -> None:
    answer = await broker.post("jsonldContexts", json={"level": "https://example.org/level"})
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "InvalidRequest")


@pytest.mark.clause("5.13.3")
async def test_number_of_hits_counts_how_often_the_context_was_found(broker: httpx.AsyncClient) -> None:
    path = await hosted(broker)
    assert (await broker.get(path, params={"details": "true"})).json()["numberOfHits"] == 0
    link = f'<{broker.base_url}{path}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    await broker.get("entities?type=Gauge", headers={"Link": link})
    details = (await broker.get(path, params={"details": "true"})).json()
    assert (details["numberOfHits"], details["kind"]) == (2, "Hosted")


@pytest.mark.clause("5.13.5")
async def test_the_core_context_has_details_and_reloads_but_stays(broker: httpx.AsyncClient) -> None:
    path = named(CORE)
    details = (await broker.get(path, params={"details": "true"})).json()
    assert (details["URL"], details["kind"]) == (CORE, "Cached")
    assert (await broker.delete(path, params={"reload": "true"})).status_code == 204
    assert (await broker.delete(path)).status_code == 400
    assert (await broker.get(path, params={"details": "true"})).status_code == 200


@pytest.mark.clause("5.13.5")
async def test_only_a_cached_context_is_reloaded(broker: httpx.AsyncClient) -> None:
    answer = await broker.delete(await hosted(broker), params={"reload": "true"})
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")


@pytest.mark.clause("5.13.4")
async def test_another_tenant_does_not_see_a_hosted_context(broker: httpx.AsyncClient) -> None:
    path = await hosted(broker)
    assert (await broker.get(path, headers={"NGSILD-Tenant": "somebody_else"})).status_code == 404
