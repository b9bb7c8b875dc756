import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from aiohttp import web


@pytest.fixture
async def filled(broker: httpx.AsyncClient) -> httpx.AsyncClient:
    """Return a client of a context broker that holds five gauges."""
    gauges = [
        {
            "id": f"urn:ngsi-ld:Gauge:{number}",
            "type": "Gauge",
            "level": {"value": number / 2, "unitCode": "MTR"},
            "location": {"type": "Point", "coordinates": [136.0 + number / 10, 36.0]},
        }
        for number in range(5)
    ]
    assert (await broker.post("entityOperations/create", json=gauges)).status_code == 201
    return broker


async def ids(broker: httpx.AsyncClient, **parameters: str) -> list[str]:
    answer = await broker.get("entities", params=parameters)
    assert answer.status_code == 200, answer.text
    return [each["id"].rsplit(":", 1)[1] for each in answer.json()]


@pytest.mark.clause("5.7.2")
async def test_a_query_filters_by_type_and_value(filled: httpx.AsyncClient) -> None:
    assert await ids(filled, type="Gauge", q="level>=1.5") == ["3", "4"]


@pytest.mark.clause("5.7.2")
async def test_a_query_for_everything_is_refused(filled: httpx.AsyncClient) -> None:
    assert (await filled.get("entities")).status_code == 400
    assert len(await ids(filled, local="true")) == 5


@pytest.mark.clause("4.10")
async def test_a_query_filters_by_distance(filled: httpx.AsyncClient) -> None:
    near = {"georel": "near;maxDistance==10000", "geometry": "Point", "coordinates": "[136.1,36.0]"}
    assert await ids(filled, type="Gauge", **near) == ["0", "1", "2"]


@pytest.mark.clause("4.23")
async def test_a_query_is_ordered(filled: httpx.AsyncClient) -> None:
    assert await ids(filled, type="Gauge", orderBy="level;desc", limit="2") == ["4", "3"]


@pytest.mark.clause("6.3.10")
async def test_pages_link_to_each_other(filled: httpx.AsyncClient) -> None:
    answer = await filled.get("entities", params={"type": "Gauge", "limit": "2", "offset": "2", "count": "true"})
    assert answer.headers["ngsild-results-count"] == "5"
    assert 'rel="next"' in answer.headers["link"]
    assert 'rel="prev"' in answer.headers["link"]


@pytest.mark.clause("6.3.10")
async def test_a_limit_of_0_goes_with_a_count_only(filled: httpx.AsyncClient) -> None:
    assert (await filled.get("entities?type=Gauge&limit=0")).status_code == 400
    answer = await filled.get("entities?type=Gauge&limit=0&count=true")
    assert (answer.json(), answer.headers["ngsild-results-count"]) == ([], "5")


@pytest.mark.clause("6.3.15")
async def test_entities_are_shown_as_geojson(filled: httpx.AsyncClient) -> None:
    answer = await filled.get("entities?type=Gauge&limit=1", headers={"Accept": "application/geo+json"})
    assert answer.json()["features"][0]["geometry"] == {"type": "Point", "coordinates": [136.0, 36.0]}


@pytest.mark.clause("5.7.2")
async def test_a_query_in_a_body_finds_the_same(filled: httpx.AsyncClient) -> None:
    body = {"type": "Query", "entities": [{"type": "Gauge"}], "q": "level>=1.5", "pick": ["id"]}
    answer = await filled.post("entityOperations/query", json=body)
    assert answer.json() == [{"id": "urn:ngsi-ld:Gauge:3"}, {"id": "urn:ngsi-ld:Gauge:4"}]


@pytest.mark.clause("5.6.21")
async def test_a_purge_deletes_what_a_query_finds(filled: httpx.AsyncClient) -> None:
    assert (await filled.delete("entities", params={"type": "Gauge", "q": "level>=1"})).status_code == 204
    assert await ids(filled, type="Gauge") == ["0", "1"]


@pytest.mark.clause("5.6.21")
async def test_a_purge_can_drop_attributes_only(filled: httpx.AsyncClient) -> None:
    assert (await filled.delete("entities", params={"type": "Gauge", "drop": "level"})).status_code == 204
    assert await ids(filled, type="Gauge", q="level") == []
    assert len(await ids(filled, type="Gauge")) == 5


@pytest.mark.clause("5.7.5")
async def test_types_and_attributes_are_discovered(filled: httpx.AsyncClient) -> None:
    assert (await filled.get("types")).json()["typeList"] == ["Gauge"]
    assert (await filled.get("types/Gauge")).json()["entityCount"] == 5
    assert (await filled.get("attributes")).json()["attributeList"] == ["level", "location"]
    assert (await filled.get("attributes/level")).json()["attributeCount"] == 5
    assert (await filled.get("types/Nothing")).status_code == 404


@contextlib.asynccontextmanager
async def contexts(documents: dict[str, Any]) -> AsyncIterator[str]:
    """Serve documents on loopback and yield their base URL."""

    async def serve(request: web.Request) -> web.Response:
        body = documents.get(request.path)
        if body is None:
            return web.Response(status=404)
        return web.Response(body=orjson.dumps(body), content_type="application/ld+json")

    app = web.Application()
    app.router.add_get("/{name}", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
        await asyncio.sleep(0)


@pytest.mark.clause("5.5.7")
async def test_names_are_compacted_with_the_request_s_context(broker: httpx.AsyncClient) -> None:
    async with contexts({"/c": {"@context": {"suii": "https://example.org/level"}}}) as base:
        link = {"Link": f'<{base}/c>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}
        entity = {"id": "urn:a:1", "type": "T", "suii": {"value": 1}}
        assert (await broker.post("entities", json=entity, headers=link)).status_code == 201
        assert "suii" in (await broker.get("entities/urn:a:1", headers=link)).json()
        assert "https://example.org/level" in (await broker.get("entities/urn:a:1")).json()


@pytest.mark.clause("6.3.5")
async def test_a_context_that_cannot_be_had_is_told(broker: httpx.AsyncClient) -> None:
    async with contexts({}) as base:
        link = {"Link": f'<{base}/c>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}
        answer = await broker.get("entities?type=T", headers=link)
    assert answer.status_code == 504
    assert answer.json()["type"].endswith("LdContextNotAvailable")


@pytest.mark.clause("5.13")
async def test_a_hosted_context_is_listed_served_and_deleted(broker: httpx.AsyncClient) -> None:
    document = {"@context": {"suii": "https://example.org/level"}}
    created = await broker.post("jsonldContexts", json=document)
    assert created.status_code == 201
    path = created.headers["location"].removeprefix("/ngsi-ld/v1/")
    assert (await broker.get(path)).json() == document
    assert (await broker.get("jsonldContexts?details=true&kind=Hosted")).json()[0]["kind"] == "Hosted"
    assert (await broker.delete(path)).status_code == 204
    assert (await broker.get(path)).status_code == 404


@pytest.mark.clause("5.8")
async def test_a_subscription_is_created_read_changed_and_deleted(broker: httpx.AsyncClient) -> None:
    body = {
        "type": "Subscription",
        "entities": [{"type": "Gauge"}],
        "notification": {"endpoint": {"uri": "http://127.0.0.1:9/notify"}},
    }
    created = await broker.post("subscriptions", json=body)
    assert created.status_code == 201, created.text
    path = created.headers["location"].removeprefix("/ngsi-ld/v1/")
    found = (await broker.get(path)).json()
    assert (found["status"], found["entities"]) == ("active", [{"type": "Gauge"}])
    assert (await broker.patch(path, json={"isActive": False})).status_code == 204
    assert (await broker.get(path)).json()["status"] == "paused"
    assert len((await broker.get("subscriptions")).json()) == 1
    assert (await broker.delete(path)).status_code == 204
    assert (await broker.get(path)).status_code == 404


@pytest.mark.clause("5.8.1")
@pytest.mark.parametrize(
    "change",
    [
        {"throttling": -1},
        {"expiresAt": "2001-01-01T00:00:00Z"},
        {"timeInterval": 5, "throttling": 5},
        {"csf": "(("},
        {"watchedAttributes": []},
    ],
)
async def test_a_subscription_that_breaks_a_rule_is_refused(broker: httpx.AsyncClient, change: dict[str, Any]) -> None:
    body = {
        "type": "Subscription",
        "entities": [{"type": "Gauge"}],
        "notification": {"endpoint": {"uri": "http://127.0.0.1:9/notify"}},
        **change,
    }
    assert (await broker.post("subscriptions", json=body)).status_code == 400


@pytest.mark.clause("5.15.1")
async def test_the_source_tells_who_it_is(broker: httpx.AsyncClient) -> None:
    assert (await broker.get("info/sourceIdentity")).json()["type"] == "ContextSourceIdentity"
