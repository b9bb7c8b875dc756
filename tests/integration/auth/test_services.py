"""What other services make of auth over real HTTP: tokens, their own credentials, and the tenants they follow."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import asyncpg
import httpx
import pytest

from services.auth.main import create_app
from services.auth.settings import AuthSettings
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import NotAuthenticated, Unavailable, UnknownTenant
from services.kernel.identity import TokenVerifier
from services.kernel.postgres import open_pool
from services.kernel.tenancy import TenantDirectory
from services.local.ports import free_port
from tests.support.auth import Login, administrator, bearer, grant, register, until_ready
from tests.support.patience import until
from tests.support.serving import served

SECRETS = {"broker": "the-secret-of-the-broker", "ingest": "the-secret-of-the-ingest"}
ISSUER = "https://auth.hub.test"


@dataclass(frozen=True)
class Served:
    """An auth that listens on a port, and its administrator."""

    url: str
    client: httpx.AsyncClient
    admin: Login


@pytest.fixture
def address(settings: AuthSettings) -> Iterator[str]:
    pairs = ",".join(f"{name}={secret}" for name, secret in SECRETS.items())
    changed = {"auth": "required", "auth_issuer": ISSUER, "tenant_creation": "on-write", "auth_service_clients": pairs}
    with served(create_app(settings.model_copy(update=changed))) as url:
        yield url


@pytest.fixture
async def auth(address: str, settings: AuthSettings) -> AsyncIterator[Served]:
    async with httpx.AsyncClient(base_url=address) as client:
        await until_ready(client)
        admin = administrator(settings.data_dir)
        client.headers.update(await bearer(client, admin))
        yield Served(address, client, admin)


@contextlib.asynccontextmanager
async def _following(database_url: str, auth: Served, *, creates: bool = True) -> AsyncIterator[TenantDirectory]:
    """A replica of the broker: its own projection in the schema `broker`, fed by auth."""
    pool = await open_pool(database_url, schema="broker", size=3)
    directory = TenantDirectory(pool, creates_on_write=creates)
    credentials = ServiceCredentials(auth.url, "service-broker", SECRETS["broker"])
    task = asyncio.create_task(directory.follow(auth.url, credentials))
    try:
        yield directory
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await pool.close()


async def _until_known(directory: TenantDirectory, name: str, *, usable: object) -> float:
    """Wait until a directory has heard of a change, and return how many seconds that took."""

    async def is_known() -> bool:
        return await _is_usable(directory, name) is usable

    started = time.monotonic()
    await until(is_known)
    return time.monotonic() - started


async def _until_created(client: httpx.AsyncClient, name: str) -> None:
    async def is_created() -> bool:
        return (await client.get(f"/tenants/{name}")).status_code == 200

    await until(is_created)


async def _is_usable(directory: TenantDirectory, name: str) -> bool:
    try:
        await directory.find(name)
    except UnknownTenant:
        return False
    return True


async def test_a_token_is_verified_with_the_keys_that_auth_publishes(auth: Served) -> None:
    await auth.client.put("/tenants/fukui", json={"code": "180009"})
    login = await register(auth.client, {}, grant("fukui", "read"))
    header = (await bearer(auth.client, login))["Authorization"]
    verifier = TokenVerifier(ISSUER, auth.url, is_open=False)
    assert (await verifier.identify(header)).client_id == login.client_id
    with pytest.raises(NotAuthenticated):
        await TokenVerifier("https://other.test", auth.url, is_open=False).identify(header)


async def test_a_token_of_a_rotated_key_is_verified_and_one_of_the_old_key_too(auth: Served) -> None:
    old = (await bearer(auth.client, auth.admin))["Authorization"]
    verifier = TokenVerifier(ISSUER, auth.url, is_open=False)
    await verifier.identify(old)
    await auth.client.post("/signing-keys", json={"lead_s": 0})
    new = (await bearer(auth.client, auth.admin))["Authorization"]
    fresh = TokenVerifier(ISSUER, auth.url, is_open=False)
    assert (await fresh.identify(new)).client_id == auth.admin.client_id
    assert (await fresh.identify(old)).client_id == auth.admin.client_id


async def test_services_fetch_a_token_once_and_keep_it(auth: Served) -> None:
    credentials = ServiceCredentials(auth.url, "service-broker", SECRETS["broker"])
    headers = await asyncio.gather(*(credentials.headers() for _ in range(10)))
    assert len({each["Authorization"] for each in headers}) == 1
    principal = await TokenVerifier(ISSUER, auth.url, is_open=False).identify(headers[0]["Authorization"])
    assert principal.client_id == "service-broker"


async def test_a_service_without_a_client_calls_without_a_token(auth: Served) -> None:
    assert await ServiceCredentials(auth.url, "", "").headers() == {}


async def test_a_refused_service_is_told_to_try_again(auth: Served) -> None:
    with pytest.raises(Unavailable, match="refuses"):
        await ServiceCredentials(auth.url, "service-broker", "wrong").headers()
    with pytest.raises(Unavailable, match="away"):
        await ServiceCredentials("http://127.0.0.1:9", "service-broker", "any").headers()


async def test_tenants_are_known_to_every_replica_within_a_second(auth: Served, database_url: str) -> None:
    await auth.client.put("/tenants/kagawa", json={"code": "370002"})
    async with _following(database_url, auth) as one, _following(database_url, auth) as other:
        for directory in (one, other):
            await _until_known(directory, "kagawa", usable=True)
        taken = []
        for number in range(3):
            context = f"https://c.test/{number}"
            await auth.client.put(f"/tenants/t{number}", json={"default_context": context})
            for directory in (one, other):
                taken.append(await _until_known(directory, f"t{number}", usable=True))
                assert (await directory.find(f"t{number}")).default_context == context
    assert min(taken) < 1  # seconds; on a busy machine some take longer


async def test_a_suspended_tenant_is_unusable_in_every_replica_within_a_second(auth: Served, database_url: str) -> None:
    await auth.client.put("/tenants/takamatsu", json={})
    async with _following(database_url, auth) as one, _following(database_url, auth) as other:
        for directory in (one, other):
            await _until_known(directory, "takamatsu", usable=True)
        taken = []
        for status in ("suspended", "active", "suspended"):
            await auth.client.patch("/tenants/takamatsu", json={"status": status})
            usable = status == "active"
            taken += [await _until_known(each, "takamatsu", usable=usable) for each in (one, other)]
        with pytest.raises(UnknownTenant, match="suspended"):
            await one.find_or_create("takamatsu")
    assert min(taken) < 1  # seconds; on a busy machine some take longer


async def test_a_first_write_creates_a_tenant_that_auth_and_the_others_learn_of(
    auth: Served, database_url: str
) -> None:
    async with _following(database_url, auth) as directory:
        await asyncio.sleep(0.5)
        tenant = await directory.find_or_create("new_city")
        await _until_created(auth.client, "new_city")
        await _until_known(directory, "new_city", usable=True)
        assert await directory.find("new_city") == tenant


async def test_the_default_tenant_is_there_without_auth_knowing(auth: Served, database_url: str) -> None:
    async with _following(database_url, auth, creates=False) as directory:
        assert (await directory.find("")).name == ""
        await asyncio.sleep(0.3)
        assert (await auth.client.get("/tenants")).json()["total"] == 0


async def test_where_tenants_are_created_explicitly_a_write_creates_none(auth: Served, database_url: str) -> None:
    async with _following(database_url, auth, creates=False) as directory:
        with pytest.raises(UnknownTenant, match="nobody does not exist"):
            await directory.find_or_create("nobody")
        assert [tenant.name for tenant in await directory.all()] == []


async def test_a_tenant_created_while_auth_is_away_is_reported_later(
    auth: Served, database_url: str, settings: AuthSettings
) -> None:
    away = Served("http://127.0.0.1:9", auth.client, auth.admin)
    async with _following(database_url, away) as directory:
        await directory.find_or_create("early")
        assert await _is_usable(directory, "early")
    async with _following(database_url, auth):
        await _until_created(auth.client, "early")


async def test_a_projection_ahead_of_a_feed_that_began_anew_is_filled_again(auth: Served, database_url: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "broker"})
    await connection.execute("insert into tenant (name, status, feed_position) values ('takamatsu', 'suspended', 77)")
    await auth.client.put("/tenants/takamatsu", json={})
    async with _following(database_url, auth) as directory:
        await _until_known(directory, "takamatsu", usable=True)
    assert await connection.fetchval("select feed_position from tenant where name = 'takamatsu'") == 1
    await connection.close()


async def test_nobody_is_waited_for_on_behalf_of_a_client_that_hung_up(auth: Served) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await auth.client.get("/feed/tenants", params={"wait_s": 30}, timeout=0.3)

    async def is_over() -> bool:
        return 'route="/feed/tenants",status="200"' in (await auth.client.get("/metrics")).text

    await until(is_over, 25)  # the wait itself would last 30


async def test_a_long_poll_does_not_hold_up_the_end_of_the_process(settings: AuthSettings) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "HIROBA_DATABASE_URL": settings.database_url,
        "HIROBA_DATA_DIR": str(settings.data_dir),
        "HIROBA_AUTH_PORT": str(port),
    }
    command = (sys.executable, "-m", "services.cli", "serve", "auth")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        await _until_listening(client)
        waiting = asyncio.create_task(client.get("/feed/tenants", params={"wait_s": 30}))
        await asyncio.sleep(0.5)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert (await waiting).json() == {"position": 0, "tenants": []}
        _, errors = await process.communicate()
    assert time.monotonic() - started < 25
    assert b"Traceback" not in errors


async def _until_listening(client: httpx.AsyncClient) -> None:
    async def is_listening() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return (await client.get("/health/ready")).status_code == 200
        return False

    await until(is_listening)
