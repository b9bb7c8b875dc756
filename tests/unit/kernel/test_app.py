"""The frame of a service: health, metrics, documents, CORS, background work."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from services.kernel.app import Caller, ServiceInfo, background, create_base_app, wrap
from services.kernel.settings import Settings, read_settings
from tests.support.lifespan import calling


class Parts:
    """Whether what the service needs is there."""

    database = True


@contextlib.asynccontextmanager
async def _no_lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


def _build(settings: Settings, parts: Parts) -> FastAPI:
    async def has_database() -> bool:
        return parts.database

    info = ServiceInfo("test", "A service", "What it does", [{"name": "Things"}])
    app = create_base_app(settings, info, _no_lifespan, {"database": has_database})

    @app.get("/who", tags=["Things"])
    async def who(principal: Caller) -> str:
        return principal.client_id

    return app


@contextlib.asynccontextmanager
async def _running(parts: Parts | None = None, **given: object) -> AsyncIterator[httpx.AsyncClient]:
    settings = read_settings(Settings, **given)
    app = _build(settings, parts or Parts())
    async with calling(wrap(app, settings, app.state.registry)) as client:
        yield client


async def test_a_service_is_live_and_ready() -> None:
    async with _running() as client:
        live, ready = await client.get("/health/live"), await client.get("/health/ready")
    assert (live.status_code, live.json()["status"], live.json()["service"]) == (200, "pass", "test")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"database": "pass"})


async def test_a_service_without_its_database_is_live_but_not_ready() -> None:
    parts = Parts()
    parts.database = False
    async with _running(parts) as client:
        assert (await client.get("/health/live")).status_code == 200
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "fail")
        parts.database = True
        assert (await client.get("/health/ready")).status_code == 200


async def test_the_metrics_count_the_requests() -> None:
    async with _running() as client:
        await client.get("/who")
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'hiroba_http_requests_total{method="GET",route="/who",status="200"} 1.0' in answer.text


async def test_the_document_describes_routes_and_how_to_authenticate() -> None:
    async with _running() as client:
        document = (await client.get("/openapi.json")).json()
    assert document["info"]["title"] == "A service"
    assert document["paths"]["/who"]["get"]["security"] == [{"HTTPBearer": []}]
    assert {"/health/live", "/health/ready", "/metrics"} <= set(document["paths"])


async def test_an_open_service_serves_without_a_token_and_a_closed_one_does_not() -> None:
    async with _running(auth="open") as client:
        assert (await client.get("/who")).json() == "anonymous"
    async with _running(auth="required") as client:
        assert (await client.get("/who")).status_code == 401
        assert (await client.get("/health/ready")).status_code == 200


async def test_a_service_whose_keys_are_away_says_try_again() -> None:
    token = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImEifQ.e30.AA"
    async with _running(auth="required", auth_url="http://127.0.0.1:9") as client:
        answer = await client.get("/who", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_browsers_of_the_allowed_origins_may_call() -> None:
    headers = {"Origin": "https://city.example.jp"}
    async with _running(cors_origins="https://city.example.jp, https://other.example.jp") as client:
        allowed = await client.get("/who", headers=headers)
        refused = await client.get("/who", headers={"Origin": "https://evil.example"})
    assert allowed.headers["access-control-allow-origin"] == "https://city.example.jp"
    assert "access-control-allow-origin" not in refused.headers
    async with _running(cors_origins="") as client:
        assert "access-control-allow-origin" not in (await client.get("/who", headers=headers)).headers


async def test_a_body_over_the_settings_limit_is_refused() -> None:
    async with _running(body_limit_bytes=1024) as client:
        assert (await client.post("/who", content=b"x" * 1025)).status_code == 413


async def test_background_work_runs_beside_the_block_and_ends_with_it() -> None:
    steps = []

    async def work() -> None:
        try:
            while True:
                steps.append("step")
                await asyncio.sleep(0)
        finally:
            steps.append("end")

    async with background(work()):
        await asyncio.sleep(0.01)
    assert steps[0] == "step"
    assert steps[-1] == "end"


async def test_background_work_that_fails_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise ValueError("broken")

    with caplog.at_level(logging.ERROR, "hiroba.app"):
        async with background(work()):
            await asyncio.sleep(0.01)
    assert "Background work ends" in [record.message for record in caplog.records if record.name == "hiroba.app"]


async def test_background_work_that_fails_is_fatal_to_who_wants_to_know(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise ValueError("broken")

    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context.get("fatal")))
    async with background(work()):
        await asyncio.sleep(0.01)
    assert told == [True]
