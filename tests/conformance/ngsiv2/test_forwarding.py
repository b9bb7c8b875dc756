"""Which requests providers get, and what becomes of their answers (Orion, Context providers)."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from services.broker.main import create_app
from services.broker.settings import BrokerSettings
from tests.support.lifespan import calling
from tests.support.v2_provider import V2Provider, providing


def _entity(name: str, **attributes: Any) -> dict[str, Any]:
    shown = {each: {"type": "Number", "value": value, "metadata": {}} for each, value in attributes.items()}
    return {"id": name, "type": "Street", **shown}


@pytest.fixture
def providers() -> Iterator[list[V2Provider]]:
    """Return two providers that know nothing."""
    with ExitStack() as stack:
        yield [stack.enter_context(providing()) for _ in range(2)]


async def _register(
    client: httpx.AsyncClient,
    provider: V2Provider,
    *attributes: str,
    entity: dict[str, str] | None = None,
    **members: Any,
) -> str:
    body = {
        "dataProvided": {"entities": [entity or {"id": "Street4", "type": "Street"}], "attrs": list(attributes)},
        "provider": {"http": {"url": f"{provider.url}/v2"}, **members},
    }
    created = await client.post("/v2/registrations", json=body)
    assert created.status_code == 201, created.text
    return created.headers["location"]


async def test_the_query_of_the_manual(v2: httpx.AsyncClient, providers: list[V2Provider]) -> None:
    provider = providers[0]
    provider.entities = [{"id": "Street4", "type": "Street", "temperature": {"value": 16, "type": "Number"}}]
    location = await _register(v2, provider, "temperature")
    read = await v2.get("/v2/entities/Street4/attrs/temperature?type=Street", headers={"x-auth-token": "t"})
    assert read.json() == {"type": "Number", "value": 16, "metadata": {}}
    [asked] = provider.asked
    assert asked.path == "/v2/op/query"
    assert asked.body == {"entities": [{"id": "Street4", "type": "Street"}], "attrs": ["temperature"]}
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["content-type"] == "application/json; charset=utf-8"
    assert asked.headers["x-auth-token"] == "t"
    assert asked.headers["fiware-service"] == v2.headers["fiware-service"]
    assert asked.headers["fiware-correlator"] == f"{read.headers['fiware-correlator']}; cbfwd=1"
    shown = (await v2.get(location)).json()["forwardingInformation"]
    assert list(shown) == ["timesSent", "lastForwarding", "lastSuccess"]


async def test_providers_are_asked_at_the_same_time_and_numbered(
    v2: httpx.AsyncClient, providers: list[V2Provider]
) -> None:
    both_are_asked = threading.Barrier(2)
    for name, provider in zip("ab", providers, strict=True):
        provider.together = both_are_asked
        provider.entities = [_entity("Street4", **{name: 1})]
        await _register(v2, provider, name)
    read = await v2.get("/v2/entities/Street4?type=Street&options=keyValues", headers={"fiware-correlator": "c"})
    assert read.json() == {"id": "Street4", "type": "Street", "a": 1, "b": 1}
    assert {each.asked[0].headers["fiware-correlator"] for each in providers} == {"c; cbfwd=1", "c; cbfwd=2"}


async def test_pages_go_over_local_entities_and_then_those_of_providers(
    v2: httpx.AsyncClient, providers: list[V2Provider]
) -> None:
    for name in ("l1", "l2", "l3"):
        await v2.post("/v2/entities", json=_entity(name, a=0))
    for number, provider in enumerate(providers):
        provider.entities = [_entity("l1", a=9, b=1), _entity(f"p{number}", a=1)]
        await _register(v2, provider, entity={"idPattern": ".*", "type": "Street"})

    async def page(offset: int) -> tuple[list[str], str]:
        answer = await v2.get(f"/v2/entities?type=Street&limit=2&offset={offset}&options=count,keyValues")
        return [each["id"] for each in answer.json()], answer.headers["fiware-total-count"]

    assert [await page(offset) for offset in (0, 2, 4, 6)] == [
        (["l1", "l2"], "5"),
        (["l3", "p0"], "5"),
        (["p1"], "5"),
        ([], "5"),
    ]
    assert [each.query for each in providers[0].asked[:2]] == [
        "limit=2&offset=0&options=count",
        "limit=4&offset=0&options=count",
    ]
    read = await v2.get("/v2/entities/l1?options=keyValues")
    assert (read.json()["a"], read.json()["b"]) == (0, 1)


async def test_the_number_of_a_providers_entities_counts(v2: httpx.AsyncClient, providers: list[V2Provider]) -> None:
    providers[0].entities = [_entity("p1", a=1)]
    providers[0].total = 30
    await _register(v2, providers[0], entity={"idPattern": ".*"})
    answer = await v2.get("/v2/entities?limit=1&options=count")
    assert answer.headers["fiware-total-count"] == "30"


async def test_a_pattern_is_asked_as_the_entity_that_is_registered(
    v2: httpx.AsyncClient, providers: list[V2Provider]
) -> None:
    await _register(v2, providers[0], "a", "b")
    await v2.get("/v2/entities?idPattern=^Street&typePattern=eet&attrs=b,c")
    await v2.get("/v2/entities?idPattern=^Avenue")
    await v2.get("/v2/entities?attrs=c")
    query = {"entities": [{"id": "Street4", "type": "Street"}, {"id": "Street5"}], "attrs": ["a"]}
    await v2.post("/v2/op/query", json=query)
    asked = [{"id": "Street4", "type": "Street"}]
    assert [each.body for each in providers[0].asked] == [
        {"entities": asked, "attrs": ["b"]},
        {"entities": asked, "attrs": ["a"]},
    ]


async def test_what_a_provider_adds_joins_the_entity_on_its_service_path(
    v2: httpx.AsyncClient, providers: list[V2Provider]
) -> None:
    v2.headers["fiware-servicepath"] = "/a"
    await v2.post("/v2/entities", json=_entity("Street4", a=0))
    providers[0].entities = [_entity("Street4", b=1)]
    await _register(v2, providers[0], "b")
    read = await v2.get("/v2/entities/Street4?type=Street&options=keyValues")
    assert read.json() == {"id": "Street4", "type": "Street", "a": 0, "b": 1}
    assert providers[0].asked[0].headers["fiware-servicepath"] == "/a"


@pytest.mark.parametrize("answer", [{}, [1], [{"type": "T"}], [{"id": "a b"}], "x", None])
async def test_a_provider_that_lies_adds_nothing(
    v2: httpx.AsyncClient, providers: list[V2Provider], answer: Any
) -> None:
    providers[0].entities = answer
    await _register(v2, providers[0])
    assert (await v2.get("/v2/entities/Street4?type=Street")).status_code == 404
    assert (await v2.get("/v2/entities?type=Street")).json() == []


async def test_each_provider_gets_its_piece_of_an_update(v2: httpx.AsyncClient, providers: list[V2Provider]) -> None:
    for name, provider in zip(("1", "2"), providers, strict=True):
        await _register(v2, provider, "a", entity={"id": name, "type": "Street"})
    batch = {"actionType": "update", "entities": [_entity("1", a=1), _entity("2", a=2), _entity("1", a=3)]}
    assert (await v2.post("/v2/op/update", json=batch)).status_code == 204
    sent = [[each.body["entities"][0] for each in provider.asked] for provider in providers]
    assert sent == [[_entity("1", a=1), _entity("1", a=3)], [_entity("2", a=2)]]
    assert providers[0].asked[0].body["actionType"] == "update"


async def test_the_next_provider_is_asked_where_one_fails(v2: httpx.AsyncClient, providers: list[V2Provider]) -> None:
    providers[0].status = 404
    for provider in providers:
        await _register(v2, provider, "a")
    changed = await v2.patch("/v2/entities/Street4/attrs?type=Street", json={"a": {"value": 1}})
    assert changed.status_code == 204
    assert [len(each.asked) for each in providers] == [1, 1]


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("in_batch", [False, True])
async def test_an_update_that_no_provider_takes_finds_nothing(
    v2: httpx.AsyncClient, providers: list[V2Provider], local: bool, in_batch: bool
) -> None:
    providers[0].status = 500
    await _register(v2, providers[0], "a")
    if local:
        await v2.post("/v2/entities", json=_entity("Street4", b=1))
    answer = await _update(v2, {"a": 1}, in_batch)
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")


@pytest.mark.parametrize("in_batch", [False, True])
async def test_an_update_that_a_provider_leaves_half_done_is_partial(
    v2: httpx.AsyncClient, providers: list[V2Provider], in_batch: bool
) -> None:
    providers[0].status = 404
    await _register(v2, providers[0], "a")
    await v2.post("/v2/entities", json=_entity("Street4", b=1))
    answer = await _update(v2, {"a": 1, "b": 2}, in_batch)
    assert (answer.status_code, answer.json()["error"]) == (404, "PartialUpdate")
    assert "[ a ]" in answer.json()["description"]
    read = await v2.get("/v2/entities/Street4?options=keyValues,skipForwarding")
    assert read.json()["b"] == 2


async def _update(v2: httpx.AsyncClient, attributes: dict[str, Any], in_batch: bool) -> httpx.Response:
    if in_batch:
        batch = {"actionType": "update", "entities": [_entity("Street4", **attributes)]}
        return await v2.post("/v2/op/update", json=batch)
    body = {name: {"value": value} for name, value in attributes.items()}
    return await v2.patch("/v2/entities/Street4/attrs?type=Street", json=body)


async def test_a_registration_without_type_is_about_any(v2: httpx.AsyncClient, providers: list[V2Provider]) -> None:
    await _register(v2, providers[0], "a", entity={"id": "Street4"})
    for query in ("", "?type=Street"):
        assert (await v2.put(f"/v2/entities/Street4/attrs/a{query}", json={"value": 1})).status_code == 204
    assert [each.body["entities"][0].get("type") for each in providers[0].asked] == [None, "Street"]


@pytest.mark.parametrize(("mode", "asked"), [("none", 0), ("query", 1), ("update", 1), ("all", 2)])
async def test_the_forwarding_mode_is_kept(
    v2: httpx.AsyncClient, providers: list[V2Provider], mode: str, asked: int
) -> None:
    await _register(v2, providers[0], "a", supportedForwardingMode=mode)
    await v2.get("/v2/entities/Street4?type=Street")
    await v2.put("/v2/entities/Street4/attrs/a?type=Street", json={"value": 1})
    assert len(providers[0].asked) == asked


async def test_a_provider_of_ngsiv1_is_asked_in_its_words(v2: httpx.AsyncClient, providers: list[V2Provider]) -> None:
    provider = providers[0]
    attribute = {"name": "a", "type": "Number", "value": 1, "metadatas": [{"name": "m", "type": "T", "value": "v"}]}
    element = {"id": "Street4", "type": "Street", "isPattern": "false", "attributes": [attribute]}
    good = {"contextResponses": [{"contextElement": element, "statusCode": {"code": "200", "reasonPhrase": "OK"}}]}
    provider.entities = good
    location = await _register(v2, provider, "a", legacyForwarding=True)
    assert (await v2.get(location)).json()["provider"]["legacyForwarding"] is True
    read = await v2.get("/v2/entities/Street4/attrs/a?type=Street")
    assert read.json() == {"type": "Number", "value": 1, "metadata": {"m": {"type": "T", "value": "v"}}}
    command = {"type": "command", "value": "on", "metadata": {"m": {"type": "Text", "value": "v"}}}
    assert (await v2.put("/v2/entities/Street4/attrs/a?type=Street", json=command)).status_code == 204
    selector = {"type": "Street", "isPattern": "false", "id": "Street4"}
    sent = {"name": "a", "type": "command", "value": "on", "metadatas": [{"name": "m", "type": "Text", "value": "v"}]}
    assert [(each.path, each.body) for each in provider.asked] == [
        ("/v2/queryContext", {"entities": [selector], "attributes": ["a"]}),
        ("/v2/updateContext", {"contextElements": [{**selector, "attributes": [sent]}], "updateAction": "UPDATE"}),
    ]
    lies: list[Any] = [
        {"errorCode": {"code": "404"}},
        [],
        {"contextResponses": [{"contextElement": {"attributes": [1]}}]},
    ]
    for bad in lies:
        provider.entities = bad
        refused = await v2.put("/v2/entities/Street4/attrs/a?type=Street", json=command)
        assert (refused.status_code, refused.json()["error"]) == (404, "NotFound")
        assert (await v2.get("/v2/entities/Street4?type=Street")).status_code == 404


@pytest.fixture
async def one_forwarding(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a context broker that forwards one request for each of the client's."""
    settings = BrokerSettings(
        database_url=database_url, tenant_creation="on-write", egress="loopback", forward_limit=1, forward_timeout_s=0.5
    )
    async with calling(create_app(settings)) as client:
        yield client


async def test_the_number_of_forwardings_is_limited(
    one_forwarding: httpx.AsyncClient, providers: list[V2Provider]
) -> None:
    for name, provider in zip("ab", providers, strict=True):
        provider.entities = [_entity("Street4", **{name: 1})]
        await _register(one_forwarding, provider, name)
    read = await one_forwarding.get("/v2/entities/Street4?type=Street&options=keyValues")
    assert read.json() == {"id": "Street4", "type": "Street", "a": 1}
    assert providers[1].asked == []
    providers[0].delay_s = 2.0
    assert (await one_forwarding.get("/v2/entities/Street4?type=Street")).status_code == 404
