"""Following the broker's entity types, against a broker that answers as it is told to."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.catalog.domain.dataset import Live
from services.catalog.domain.live_statistics import LiveAttribute, LiveStatistics
from services.catalog.domain.observation import Observation
from services.catalog.live.feed import FollowedLiveTypes
from services.catalog.live.null import NoLiveTypes
from services.kernel.credentials import ServiceCredentials

GAUGE = "https://uri.etsi.org/ngsi-ld/default-context/Gauge"
LEVEL = {
    "id": "https://e.jp/level",
    "name": "level",
    "entities": 90,
    "kinds": ["Property"],
    "values": ["number"],
    "units": ["MTR"],
    "types": [],
    "languages": [],
    "is_observed": True,
}
TYPE = {
    "id": GAUGE,
    "name": "Gauge",
    "entities": 103,
    "modified_at": "2026-01-31T00:00:00Z",
    "bounds": [135, 35, 136, 36],
    "attributes": [LEVEL],
}
Answer = Callable[[Request], Response]


def page(position: int, *tenants: str) -> Response:
    told: list[dict[str, Any]] = [{"tenant": tenant, "types": [TYPE]} for tenant in tenants]
    return JSONResponse({"position": position, "tenants": told})


async def observed(answer: Answer, wanted: int) -> list[Observation]:
    app = Starlette(routes=[Route("/export/types", answer)])
    found: list[Observation] = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://broker.test") as client:
        types = FollowedLiveTypes(client, ServiceCredentials("http://auth.test", "", ""), 0.001)
        async with asyncio.timeout(30):
            async for observation in types.observations():
                found.append(observation)
                if len(found) == wanted:
                    break
    return found


async def test_types_are_observed_with_all_that_is_known() -> None:
    (observation,) = await observed(lambda _: page(1, "fukui"), 1)
    level = LiveAttribute("https://e.jp/level", "level", 90, ("Property",), ("number",), ("MTR",), is_observed=True)
    known = LiveStatistics(103, (level,), (135, 35, 136, 36), datetime(2026, 1, 31, tzinfo=UTC))
    assert observation == Observation("fukui", (Live(GAUGE, "Gauge", ("level",), 103),), {GAUGE: known})


async def test_the_feed_is_followed_from_position_to_position_and_anew_when_it_begins_anew() -> None:
    pages = [page(7, "a"), page(9, "b"), page(3), page(3, "c")]
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.query_params["after"])
        return pages.pop(0)

    found = await observed(answer, 3)
    assert ([each.tenant for each in found], asked) == (["a", "b", "c"], ["0", "7", "9", "0"])


@pytest.mark.parametrize(
    "trouble",
    [
        Response(status_code=503),
        Response(status_code=404),
        Response(status_code=401),
        Response("<html>", media_type="text/html"),
        JSONResponse({"types": []}),
        JSONResponse({"position": 5, "tenants": [{"tenant": "x", "types": [{"name": "nameless"}]}]}),
    ],
    ids=["away", "another address", "refuses", "no JSON", "no page", "no types"],
)
async def test_trouble_is_waited_out_and_the_position_stays(trouble: Response) -> None:
    answers = [trouble, trouble, page(1, "fukui")]
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.query_params["after"])
        return answers.pop(0)

    (observation,) = await observed(answer, 1)
    assert ([live.type_name for live in observation.types], asked) == (["Gauge"], ["0", "0", "0"])


async def test_without_a_broker_nothing_is_observed() -> None:
    assert [observation async for observation in NoLiveTypes().observations()] == []
