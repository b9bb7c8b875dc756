"""Signing keys: sealed in the database, published before they sign and after."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from joserfc import jws

from services.auth.main import create_app
from services.auth.settings import AuthSettings
from services.auth.store.database import SCHEMA
from services.auth.tokens.key_ring import KeyRing
from services.kernel.postgres import open_engine
from services.kernel.seal import Seal
from tests.integration.auth.conftest import KEY, Guarded
from tests.support.auth import ask_token, grant
from tests.support.lifespan import calling


class Clock:
    """A clock that a test moves."""

    now = datetime(2026, 7, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def _kid(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


async def _published(client: httpx.AsyncClient) -> list[str]:
    return [key["kid"] for key in (await client.get("/jwks.json")).json()["keys"]]


async def test_a_private_key_lies_in_the_database_only_sealed(guarded: Guarded) -> None:
    public = (await guarded.client.get("/jwks.json")).json()["keys"]
    assert [set(key) for key in public] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}]
    connection = await asyncpg.connect(guarded.settings.database_url, server_settings={"search_path": SCHEMA})
    row = await connection.fetchrow("select * from signing_key")
    await connection.close()
    assert json.loads(row["public_key"]) == public[0]
    assert row["sealed_key"].startswith("eyJ")
    assert row["sealed_key"].count(".") == 4


async def test_the_keys_may_be_cached_for_a_minute(guarded: Guarded) -> None:
    assert (await guarded.client.get("/jwks.json")).headers["cache-control"] == "public, max-age=60"


async def test_a_rotation_publishes_the_new_key_before_it_signs(guarded: Guarded) -> None:
    client = guarded.client
    [old] = await _published(client)
    rotated = await client.post("/signing-keys", json={})
    assert rotated.status_code == 201
    assert [(key["kid"] == old, key["status"]) for key in rotated.json()["keys"]] == [
        (True, "active"),
        (False, "coming"),
    ]
    assert await _published(client) == [key["kid"] for key in rotated.json()["keys"]]
    assert _kid((await ask_token(client, guarded.admin)).json()["access_token"]) == old


async def test_an_immediate_rotation_signs_with_the_new_key_and_honours_the_old(guarded: Guarded) -> None:
    client = guarded.client
    [old] = await _published(client)
    keys = (await client.post("/signing-keys", json={"lead_s": 0})).json()["keys"]
    assert [key["status"] for key in keys] == ["retiring", "active"]
    new = keys[1]["kid"]
    assert _kid((await ask_token(client, guarded.admin)).json()["access_token"]) == new
    assert (await client.get("/clients")).status_code == 200  # the administrator's token is of the old key
    assert keys[0]["kid"] == old
    assert keys[0]["published_until"] > keys[1]["active_from"]
    fresh = await guarded.headers(guarded.admin)
    assert (await client.get("/clients", headers=fresh)).status_code in (200, 401)


async def test_rotation_is_for_administrators_of_all_tenants(guarded: Guarded) -> None:
    await guarded.client.put("/tenants/a", json={})
    for headers in (await guarded.headers_for(grant("a", "admin")), await guarded.headers_for(grant("*", "read"))):
        assert (await guarded.client.get("/signing-keys", headers=headers)).status_code == 403
        assert (await guarded.client.post("/signing-keys", json={}, headers=headers)).status_code == 403
    for given in ({"lead_s": -1}, {"lead_s": 10**6}, {"lead": 1}):
        assert (await guarded.client.post("/signing-keys", json=given)).status_code == 400


@pytest.fixture
async def ring_and_clock(database_url: str) -> Any:
    engine = open_engine(database_url, schema=SCHEMA, size=2)
    clock = Clock()

    def ring() -> KeyRing:
        return KeyRing(engine, Seal(KEY), clock, token_life_s=600)

    yield ring, clock
    await engine.dispose()


async def test_a_key_takes_over_when_its_lead_is_over_and_the_old_one_ends(ring_and_clock: Any) -> None:
    ring, clock = ring_and_clock
    old = (await ring().signer())[0]
    new = (await ring().rotate(600))[1].kid
    clock.now += timedelta(seconds=599)
    assert (await ring().signer())[0] == old
    clock.now += timedelta(seconds=1)
    assert (await ring().signer())[0] == new
    assert [state.status for state in await ring().states()] == ["retiring", "active"]
    clock.now += timedelta(seconds=600 + 600)
    assert [key["kid"] for key in (await ring().public_set())["keys"]] == [new]


async def test_keys_of_both_algorithms_are_rotated(ring_and_clock: Any) -> None:
    ring, clock = ring_and_clock
    await ring().signer()
    await ring().ensure("RS256")
    await ring().ensure("RS256")
    old = {(await ring().signer(algorithm))[0] for algorithm in ("ES256", "RS256")}
    await ring().rotate(600)
    assert {(await ring().signer(algorithm))[0] for algorithm in ("ES256", "RS256")} == old
    clock.now += timedelta(seconds=600)
    assert not {(await ring().signer(algorithm))[0] for algorithm in ("ES256", "RS256")} & old
    assert [key["alg"] for key in (await ring().public_set())["keys"]].count("RS256") == 2


async def test_the_last_key_never_ends_by_itself(ring_and_clock: Any) -> None:
    ring, clock = ring_and_clock
    kid = (await ring().signer())[0]
    clock.now += timedelta(days=3650)
    assert (await ring().signer())[0] == kid


async def test_ended_keys_are_removed_at_the_next_rotation(ring_and_clock: Any, database_url: str) -> None:
    ring, clock = ring_and_clock
    await ring().signer()
    await ring().rotate(0)
    clock.now += timedelta(days=1)
    await ring().rotate(0)
    connection = await asyncpg.connect(database_url, server_settings={"search_path": SCHEMA})
    assert await connection.fetchval("select count(*) from signing_key") == 2
    await connection.close()


async def test_replicas_share_one_first_key(ring_and_clock: Any) -> None:
    ring, _ = ring_and_clock
    one, other = ring(), ring()
    assert (await one.signer())[0] == (await other.signer())[0]


async def test_with_another_seal_auth_is_not_ready_and_says_why(settings: AuthSettings, caplog: Any) -> None:
    for key, passes in ((KEY, True), (KEY + " changed", False)):
        changed = settings.model_copy(update={"auth_key": key})
        async with calling(create_app(changed)) as client:
            checks = (await client.get("/health/ready")).json()["checks"]
            assert checks["signing-key"] == ("pass" if passes else "fail")
    assert "another secret" in str([record.__dict__.get("reason") for record in caplog.records])
