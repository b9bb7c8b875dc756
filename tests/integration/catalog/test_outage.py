"""The catalogue without its database, and as a service."""

import httpx

from services.catalog.main import create_app
from services.catalog.settings import CatalogSettings
from services.local.ports import free_port
from tests.integration.catalog.conftest import LIST, TAKAMATSU
from tests.support.lifespan import calling


async def test_without_the_database_requests_fail_with_503_in_each_dialect(settings: CatalogSettings) -> None:
    gone = settings.model_copy(update={"database_url": f"postgresql://x:y@127.0.0.1:{free_port()}/x"})
    async with calling(create_app(gone)) as client:
        answers = [
            await client.get("/datasets"),
            await client.get("/catalog.ttl"),
            await client.post("/datasets/import", content=LIST.read_bytes(), headers=TAKAMATSU),
            await client.get("/api/3/action/package_list"),
        ]
        ready = await client.get("/health/ready")
        live = await client.get("/health/live")
    assert [(answer.status_code, "Retry-After" in answer.headers) for answer in answers] == [(503, True)] * 4
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert answers[3].json()["success"] is False
    assert (ready.status_code, live.status_code) == (503, 200)


async def test_requests_are_counted_by_route(client: httpx.AsyncClient) -> None:
    await client.get("/api/3/action/site_read")
    await client.get("/datasets/nothing")
    metrics = (await client.get("/metrics")).text
    assert 'route="/api/3/action/{action}",status="200"} 1.0' in metrics
    assert 'route="/datasets/{reference}",status="404"} 1.0' in metrics


async def test_a_body_over_the_limit_is_refused(settings: CatalogSettings) -> None:
    small = settings.model_copy(update={"body_limit_bytes": 2048})
    async with calling(create_app(small)) as client:
        answer = await client.post("/datasets/import", content=LIST.read_bytes(), headers=TAKAMATSU)
    assert answer.status_code == 413
