"""PostgreSQL away: auth refuses with 503, keeps what it can, and recovers by itself."""

import asyncio
from pathlib import Path

import httpx
import pytest

from services.auth.api.polling import LONGEST_WAIT_S
from services.auth.main import create_app
from services.auth.settings import AuthSettings
from services.kernel.migrations import migrate
from services.kernel.settings import read_settings
from services.local.postgres import EmbeddedPostgres
from tests.support.auth import administrator, ask_token, bearer, until_ready
from tests.support.lifespan import calling
from tests.support.patience import until
from tests.support.relay import relayed

REQUESTS = (
    ("GET", "/tenants"),
    ("PUT", "/tenants/a"),
    ("GET", "/clients"),
    ("GET", "/feed/tenants"),
    ("POST", "/signing-keys"),
)


async def _expect_away(client: httpx.AsyncClient) -> None:
    for method, path in REQUESTS:
        answer = await client.request(method, path, json={})
        assert (answer.status_code, answer.headers.get("retry-after")) == (503, "5"), (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get("/health/live")).status_code == 200
    ready = await client.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "fail")


async def _first_change(client: httpx.AsyncClient) -> list[str]:
    """Poll as services do, however long the database is away; return the names of the tenants that change first."""

    async def changed() -> list[str]:
        answer = await client.get("/feed/tenants", params={"wait_s": LONGEST_WAIT_S})
        return [tenant["name"] for tenant in answer.json()["tenants"]] if answer.is_success else []

    found: list[str] = await until(changed)
    return found


async def test_while_the_database_is_cut_off_requests_are_refused_and_then_served_again(
    settings: AuthSettings,
) -> None:
    async with relayed(settings.database_url) as (relay, url):
        guarded = settings.model_copy(update={"database_url": url, "auth": "required"})
        async with calling(create_app(guarded)) as client:
            await until_ready(client)
            admin = administrator(settings.data_dir)
            client.headers.update(await bearer(client, admin))
            waiting = asyncio.create_task(_first_change(client))
            await asyncio.sleep(0.3)
            relay.cut()
            await _expect_away(client)
            refused = await ask_token(client, admin)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            assert (await client.get("/municipalities?code=372013")).json()["total"] == 1
            relay.mend()
            await until_ready(client)
            assert (await client.put("/tenants/a", json={})).status_code == 201
            assert await waiting == ["a"]
            assert (await ask_token(client, admin)).status_code == 200


async def test_auth_starts_before_the_database_and_is_ready_once_it_is_there(settings: AuthSettings) -> None:
    async with relayed(settings.database_url) as (relay, url):
        relay.cut()
        async with calling(create_app(settings.model_copy(update={"database_url": url}))) as client:
            await _expect_away(client)
            assert not (settings.data_dir / "admin-credentials.json").exists()
            relay.mend()
            await until_ready(client)
            assert (settings.data_dir / "admin-credentials.json").exists()


@pytest.mark.slow
async def test_a_postgresql_that_stops_and_starts_again_loses_nothing(tmp_path: Path) -> None:
    await asyncio.to_thread(tmp_path.chmod, 0o711)
    server = EmbeddedPostgres(tmp_path / "postgres")
    await asyncio.to_thread(server.start)
    try:
        await migrate(server.url, "auth")
        settings = read_settings(AuthSettings, database_url=server.url, data_dir=tmp_path / "data")
        async with calling(create_app(settings)) as client:
            await until_ready(client)
            assert (await client.put("/tenants/takamatsu", json={"code": "372013"})).status_code == 201
            await asyncio.to_thread(server.stop)
            await _expect_away(client)
            await asyncio.to_thread(server.start)
            await until_ready(client)
            assert (await client.get("/tenants/takamatsu")).json()["title"] == "高松市"
            assert (await client.put("/tenants/b", json={})).status_code == 201
            assert (await client.get("/feed/tenants")).json()["position"] == 2
    finally:
        await asyncio.to_thread(server.stop)
