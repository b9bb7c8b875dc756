"""The change feed of tenants: order, waiting, and other replicas."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from services.auth.main import create_app
from services.auth.operations.feed import MOST_CHANGES, tenant_feed
from services.auth.settings import AuthSettings
from services.auth.store.database import SCHEMA
from services.kernel.postgres import open_engine
from tests.support.auth import until_ready
from tests.support.lifespan import calling

LONG_S = 30
"""The longest wait that the feed allows."""
SOON_S = 25
"""Less than that, and as much as a slow machine may need for an answer at once."""


@pytest.fixture
async def replica(hub: httpx.AsyncClient, settings: AuthSettings) -> AsyncIterator[httpx.AsyncClient]:
    """A second auth on the same database."""
    async with calling(create_app(settings)) as client:
        await until_ready(client)
        yield client


async def _changes(hub: httpx.AsyncClient, after: int = 0, wait_s: float = 0) -> tuple[int, list[str]]:
    answer = await hub.get("/feed/tenants", params={"after": after, "wait_s": wait_s})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return body["position"], [tenant["name"] for tenant in body["tenants"]]


async def test_the_feed_tells_each_tenant_once_in_the_order_of_its_last_change(hub: httpx.AsyncClient) -> None:
    assert await _changes(hub) == (0, [])
    for name in ("a", "b", "c"):
        await hub.put(f"/tenants/{name}", json={})
    await hub.patch("/tenants/a", json={"title": "再"})
    assert await _changes(hub) == (4, ["b", "c", "a"])
    assert await _changes(hub, after=3) == (4, ["a"])
    assert await _changes(hub, after=4) == (4, [])


async def test_a_change_has_what_services_need_to_know(hub: httpx.AsyncClient) -> None:
    await hub.put("/tenants/kagawa", json={"code": "370002"})
    context = "https://example.jp/c.jsonld"
    given = {"code": "372013", "parent": "kagawa", "status": "suspended", "default_context": context, "population": 1}
    await hub.put("/tenants/takamatsu", json=given)
    body = (await hub.get("/feed/tenants?after=1")).json()
    assert body == {
        "position": 2,
        "tenants": [
            {
                "name": "takamatsu",
                "status": "suspended",
                "code": "372013",
                "title": "高松市",
                "title_en": None,
                "parent": "kagawa",
                "kind": "municipality",
                "default_context": context,
                "quotas": {},
                "retention": {},
                "inherits": [],
                "open_data": [],
                "device_keys": "optional",
                "access": {},
                "position": 2,
            }
        ],
    }


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only notifications wake who waits: the position is not read besides."""
    monkeypatch.setattr("services.auth.operations.feed.FALL_BACK_S", 60)


async def test_a_waiting_client_is_answered_as_soon_as_something_changes(
    notified: None, hub: httpx.AsyncClient
) -> None:
    waiting = asyncio.create_task(_changes(hub, after=0, wait_s=LONG_S))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    started = time.monotonic()
    await hub.put("/tenants/a", json={})
    assert await waiting == (1, ["a"])
    assert time.monotonic() - started < SOON_S


async def test_a_change_in_one_replica_wakes_who_waits_at_another(
    notified: None, hub: httpx.AsyncClient, replica: httpx.AsyncClient
) -> None:
    await hub.put("/tenants/a", json={})
    waiting = asyncio.create_task(_changes(replica, after=1, wait_s=LONG_S))
    await asyncio.sleep(0.3)
    started = time.monotonic()
    await hub.put("/tenants/b", json={})
    assert await waiting == (2, ["b"])
    assert time.monotonic() - started < SOON_S


async def test_without_a_change_the_wait_ends_with_nothing(hub: httpx.AsyncClient) -> None:
    started = time.monotonic()
    assert await _changes(hub, wait_s=0.3) == (0, [])
    assert 0.25 < time.monotonic() - started < SOON_S


async def test_a_position_ahead_of_the_feed_is_answered_at_once(hub: httpx.AsyncClient) -> None:
    await hub.put("/tenants/a", json={})
    started = time.monotonic()
    assert await _changes(hub, after=50, wait_s=LONG_S) == (1, [])
    assert time.monotonic() - started < SOON_S


async def test_many_changes_come_in_parts(hub: httpx.AsyncClient, database_url: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"search_path": SCHEMA})
    await connection.execute(
        "insert into tenant (name, kind, status, position)"
        " select 't' || n, 'other', 'active', n from generate_series(1, 1200) n"
    )
    await connection.execute("update feed set position = 1200")
    await connection.close()
    seen: list[str] = []
    position = 0
    while True:
        position, names = await _changes(hub, after=position)
        if not names:
            break
        assert len(names) <= MOST_CHANGES
        seen += names
    assert position == 1200
    assert seen == [f"t{number}" for number in range(1, 1201)]


async def test_concurrent_changes_leave_no_position_out(hub: httpx.AsyncClient, replica: httpx.AsyncClient) -> None:
    """A follower that reads all the time sees every tenant although two replicas write at once."""
    seen: set[str] = set()
    names = [f"t{number}" for number in range(60)]

    async def follow() -> None:
        position = 0
        while len(seen) < len(names):
            position, changed = await _changes(replica, after=position, wait_s=5)
            assert changed, f"nothing comes after {position}, {set(names) - seen} are missing"
            seen.update(changed)

    async def write(client: httpx.AsyncClient, some: list[str]) -> None:
        for name in some:
            assert (await client.put(f"/tenants/{name}", json={})).status_code == 201

    async with asyncio.timeout(60):
        writers = (write(client, names[start::4]) for start, client in enumerate((hub, replica, hub, replica)))
        await asyncio.gather(follow(), *writers)
    body = (await hub.get("/feed/tenants")).json()
    assert [tenant["position"] for tenant in body["tenants"]] == list(range(1, 61))


async def test_an_uncommitted_change_holds_back_those_behind_it(hub: httpx.AsyncClient, database_url: str) -> None:
    """A position is given out under a lock that lasts until the commit: no later one can be seen before it."""
    connection = await asyncpg.connect(database_url, server_settings={"search_path": SCHEMA})
    transaction = connection.transaction()
    await transaction.start()
    await connection.fetchval("select position from feed where name = 'tenants' for update")
    behind = asyncio.create_task(hub.put("/tenants/behind", json={}))
    await asyncio.sleep(0.3)
    assert not behind.done()
    assert await _changes(hub) == (0, [])
    await connection.execute("insert into tenant (name, kind, status, position) values ('first', 'other', 'active', 1)")
    await connection.execute("update feed set position = 1")
    await transaction.commit()
    await connection.close()
    assert (await behind).status_code == 201
    assert await _changes(hub) == (2, ["first", "behind"])


async def test_waiting_clients_hold_no_connection(hub: httpx.AsyncClient, database_url: str) -> None:
    waiting = [asyncio.create_task(_changes(hub, wait_s=LONG_S)) for _ in range(40)]
    await asyncio.sleep(0.5)
    async with asyncio.timeout(SOON_S):
        assert (await hub.put("/tenants/a", json={})).status_code == 201
        assert await asyncio.gather(*waiting) == [(1, ["a"])] * 40
    connection = await asyncpg.connect(database_url)
    listeners = await connection.fetchval(
        "select count(*) from pg_stat_activity"
        " where application_name = 'hiroba-auth-feed' and datname = current_database()"
    )
    await connection.close()
    assert listeners == 3  # one for each feed


async def test_the_feed_goes_on_when_its_listener_is_cut_off(hub: httpx.AsyncClient, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'hiroba-auth-feed' and datname = current_database()"
    )
    await connection.close()
    waiting = asyncio.create_task(_changes(hub, wait_s=LONG_S))
    await asyncio.sleep(0.1)
    started = time.monotonic()
    await hub.put("/tenants/a", json={})
    assert await waiting == (1, ["a"])
    assert time.monotonic() - started < SOON_S


async def test_a_change_that_nobody_was_notified_of_is_found_all_the_same(
    hub: httpx.AsyncClient, database_url: str
) -> None:
    waiting = asyncio.create_task(_changes(hub, wait_s=LONG_S))
    await asyncio.sleep(0.2)
    connection = await asyncpg.connect(database_url, server_settings={"search_path": SCHEMA})
    async with connection.transaction():
        await connection.execute("insert into tenant (name, kind, status, position) values ('a', 'other', 'active', 1)")
        await connection.execute("update feed set position = 1")
    await connection.close()
    async with asyncio.timeout(SOON_S):
        assert await waiting == (1, ["a"])


async def test_a_closing_feed_lets_everyone_go(database_url: str) -> None:
    engine = open_engine(database_url, schema=SCHEMA, size=2)
    feed = tenant_feed(engine, database_url)
    waiting = [asyncio.create_task(feed.changes_after(0, LONG_S)) for _ in range(3)]
    await asyncio.sleep(0.2)
    await feed.close()
    async with asyncio.timeout(SOON_S):
        assert [changes.position for changes in await asyncio.gather(*waiting)] == [0, 0, 0]
        assert (await feed.changes_after(0, LONG_S)).changes == []
    await engine.dispose()


BAD_QUERIES = ["after=-1", "after=x", "wait_s=31", "wait_s=-1", "wait_s=nan", f"after={2**63}"]


async def test_a_bad_parameter_is_refused_by_its_name(hub: httpx.AsyncClient) -> None:
    for query in BAD_QUERIES:
        answer = await hub.get(f"/feed/tenants?{query}")
        assert (answer.status_code, answer.json()["field"]) == (400, query.partition("=")[0])
