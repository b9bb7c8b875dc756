"""Following the broker's entity types, against a broker that answers as it is told to."""

import asyncio
from collections.abc import Callable, Sequence

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.catalog.domain.dataset import Live
from services.catalog.domain.observation import Observation
from services.catalog.live.null import NoLiveTypes
from services.catalog.live.polling import PolledLiveTypes
from services.kernel.credentials import ServiceCredentials

GAUGE = "https://uri.etsi.org/ngsi-ld/default-context/WaterLevelObserved"
TYPES = [
    {"id": GAUGE, "type": "EntityType", "typeName": "WaterLevelObserved", "attributeNames": ["waterLevel", "name"]}
]
Answer = Callable[[Request], Response]


def peer(types: Answer) -> httpx.AsyncClient:
    async def list_types(request: Request) -> Response:
        assert request.query_params["details"] == "true"
        return types(request)

    async def count(request: Request) -> Response:
        asked = {name: request.query_params[name] for name in ("type", "limit", "count")}
        assert asked == {"type": GAUGE, "limit": "0", "count": "true"}
        return JSONResponse([], headers={"NGSILD-Results-Count": "103"})

    app = Starlette(routes=[Route("/ngsi-ld/v1/types", list_types), Route("/ngsi-ld/v1/entities", count)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://broker.test")


async def observed(client: httpx.AsyncClient, tenants: Sequence[str], wanted: int) -> list[Observation]:
    async def names() -> Sequence[str]:
        return tenants

    types = PolledLiveTypes(client, ServiceCredentials("http://auth.test", "", ""), names, 0.001)
    found: list[Observation] = []
    async with asyncio.timeout(5):
        async for observation in types.observations():
            found.append(observation)
            if len(found) == wanted:
                break
    return found


async def test_every_tenants_types_are_observed_with_their_counts() -> None:
    def types(request: Request) -> Response:
        return JSONResponse(TYPES if request.headers.get("NGSILD-Tenant") == "fukui" else [])

    async with peer(types) as client:
        first, second = await observed(client, ["fukui", ""], 2)
    assert first == Observation("fukui", (Live(GAUGE, "WaterLevelObserved", ("name", "waterLevel"), 103),))
    assert second == Observation("", ())


async def test_a_tenant_that_the_broker_does_not_know_has_no_types() -> None:
    problem = {"type": "https://uri.etsi.org/ngsi-ld/errors/NonexistentTenant", "title": "Nonexistent tenant"}
    async with peer(lambda _: JSONResponse(problem, status_code=404)) as client:
        assert await observed(client, ["new"], 1) == [Observation("new", ())]


@pytest.mark.parametrize(
    "trouble",
    [
        Response(status_code=503),
        Response(status_code=404),
        Response(status_code=401),
        Response("<html>", media_type="text/html"),
        JSONResponse({"types": []}),
        JSONResponse([{"typeName": "nameless"}]),
    ],
    ids=["away", "another address", "refuses", "no JSON", "no list", "no types"],
)
async def test_trouble_is_waited_out_and_nothing_is_taken_for_gone(trouble: Response) -> None:
    answers = [trouble, trouble, JSONResponse(TYPES)]
    async with peer(lambda _: answers.pop(0)) as client:
        (observation,) = await observed(client, ["fukui"], 1)
    assert [live.type_name for live in observation.types] == ["WaterLevelObserved"]
    assert answers == []


async def test_without_a_broker_nothing_is_observed() -> None:
    assert [observation async for observation in NoLiveTypes().observations()] == []
