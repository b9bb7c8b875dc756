"""A service's projection of the tenants: what it finds, creates, forgets, and survives."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from sqlalchemy import MetaData
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import UnknownTenant
from services.kernel.tenancy import Tenant, TenantDirectory, tenant_table
from tests.support.patience import until
from tests.support.serving import served


@dataclass
class Feed:
    """Auth as a test wants it: answers of the feed one after the other, then nothing new."""

    answers: list[Response] = field(default_factory=list)
    asked_after: list[int] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)
    report_status: list[int] = field(default_factory=list)
    url: str = ""

    async def changes(self, request: Request) -> Response:
        """Answer a long poll."""
        after = int(request.query_params["after"])
        self.asked_after.append(after)
        if self.answers:
            return self.answers.pop(0)
        await asyncio.sleep(0.1)
        return JSONResponse({"position": after, "tenants": []})

    async def report(self, request: Request) -> Response:
        """Take the report of a new tenant."""
        self.reported.append(request.path_params["name"])
        return PlainTextResponse("", self.report_status.pop(0) if self.report_status else 201)


@pytest.fixture
def feed() -> Iterator[Feed]:
    made = Feed()
    routes = [Route("/feed/tenants", made.changes), Route("/tenants/{name}", made.report, methods=["PUT"])]
    with served(Starlette(routes=routes)) as url:
        made.url = url
        yield made


@pytest.fixture
async def directory(pool: asyncpg.Pool, feed: Feed) -> AsyncIterator[TenantDirectory]:
    """A directory that creates tenants on a first write and follows the feed."""
    made = TenantDirectory(pool, creates_on_write=True)
    task = asyncio.create_task(made.follow(feed.url, ServiceCredentials(feed.url, "", "")))
    yield made
    assert not task.done(), "the directory no longer follows the feed"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _page(*changes: dict[str, Any]) -> Response:
    return JSONResponse({"position": changes[-1]["position"], "tenants": list(changes)})


def _change(name: str, position: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "status": "active", "default_context": None, "position": position, **more}


async def _names(directory: TenantDirectory) -> set[str]:
    return {tenant.name for tenant in await directory.all()}


async def test_the_declared_table_is_that_of_the_service(pool: asyncpg.Pool) -> None:
    rows = await pool.fetch(
        "select column_name from information_schema.columns where table_schema = 'broker' and table_name = 'tenant'"
    )
    assert {row["column_name"] for row in rows} == {column.name for column in tenant_table(MetaData()).columns}


async def test_a_tenant_keeps_its_number(pool: asyncpg.Pool) -> None:
    first = await TenantDirectory(pool, creates_on_write=True).find_or_create("a")
    assert await TenantDirectory(pool, creates_on_write=True).find_or_create("a") == first
    assert await TenantDirectory(pool, creates_on_write=False).find("a") == first


async def test_first_writes_at_once_create_a_tenant_once(pool: asyncpg.Pool) -> None:
    directories = [TenantDirectory(pool, creates_on_write=True) for _ in range(6)]
    created = await asyncio.gather(*(directory.find_or_create("a") for directory in directories))
    assert len({tenant.tenant_id for tenant in created}) == 1


async def test_reading_creates_no_tenant(pool: asyncpg.Pool) -> None:
    directory = TenantDirectory(pool, creates_on_write=True)
    with pytest.raises(UnknownTenant) as refusal:
        await directory.find("a")
    assert refusal.value.field == "Fiware-Service"
    assert await directory.all() == []


async def test_all_includes_the_default_tenant_once_it_is_used(pool: asyncpg.Pool) -> None:
    directory = TenantDirectory(pool, creates_on_write=False)
    await directory.find_or_create("")
    assert [tenant.name for tenant in await directory.all()] == [""]


async def test_changes_are_taken_in_their_order(directory: TenantDirectory, feed: Feed) -> None:
    feed.answers.append(_page(_change("a", 1), _change("b", 2, default_context="https://c.test/c", status="suspended")))

    async def both() -> bool:
        return await _names(directory) == {"a", "b"}

    await until(both)
    assert [(each.name, each.status, each.default_context) for each in await directory.all()] == [
        ("a", "active", None),
        ("b", "suspended", "https://c.test/c"),
    ]
    await until(lambda: 2 in feed.asked_after)


async def test_whatever_the_feed_answers_the_directory_follows_on(directory: TenantDirectory, feed: Feed) -> None:
    feed.answers += [
        PlainTextResponse("not JSON"),
        PlainTextResponse("away", 503),
        JSONResponse({"error": "no position"}),
        JSONResponse({"position": "x", "tenants": []}),
        JSONResponse([1]),
        JSONResponse({"position": 1, "tenants": [{"nothing": "known"}]}),
        _page(_change("a", 1)),
    ]

    async def known() -> bool:
        return "a" in await _names(directory)

    await until(known)


async def test_what_is_remembered_of_a_tenant_is_forgotten_with_its_change(
    directory: TenantDirectory, feed: Feed
) -> None:
    created = await directory.find_or_create("a")
    assert created == Tenant(created.tenant_id, "a")
    feed.answers.append(_page(_change("a", 1, default_context="https://c.test/c")))

    async def changed() -> bool:
        return (await directory.find("a")).default_context == "https://c.test/c"

    await until(changed)


class Gate:
    """Holds back the next connection that is given back to its pool, until it is opened."""

    def __init__(self) -> None:
        self.is_armed = False
        self.is_reached = asyncio.Event()
        self._opened = asyncio.Event()

    def open(self) -> None:
        """Let the connection that waits go on."""
        self._opened.set()

    async def reset(self, _: object) -> None:
        """Give back a connection."""
        if self.is_armed:
            self.is_armed = False
            self.is_reached.set()
            await self._opened.wait()


async def _read_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def test_a_change_while_a_tenant_is_being_read_is_not_overlooked(database_url: str, feed: Feed) -> None:
    """The row is read, then a change is taken, then the reader comes to remember what it read."""
    gate = Gate()
    settings = {"search_path": "broker"}
    pool = await asyncpg.create_pool(
        database_url, min_size=0, max_size=4, init=_read_json, reset=gate.reset, server_settings=settings
    )
    await TenantDirectory(pool, creates_on_write=True).find_or_create("a")
    directory = TenantDirectory(pool, creates_on_write=False)
    task = asyncio.create_task(directory.follow(feed.url, ServiceCredentials(feed.url, "", "")))
    await until(lambda: bool(feed.asked_after))
    gate.is_armed = True
    reading = asyncio.create_task(directory.find("a"))
    await gate.is_reached.wait()
    feed.answers.append(_page(_change("a", 1, status="suspended")))
    await until(lambda: 1 in feed.asked_after)
    gate.open()
    assert (await reading).status == "active"
    with pytest.raises(UnknownTenant, match="suspended"):
        await directory.find("a")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await pool.close()


async def test_an_older_change_does_not_undo_a_newer_one(
    directory: TenantDirectory, feed: Feed, pool: asyncpg.Pool
) -> None:
    """Two replicas write one projection: the slower one must not bring back what is over."""
    await until(lambda: bool(feed.asked_after))
    await pool.execute("insert into tenant (name, status, feed_position) values ('a', 'suspended', 5)")
    feed.answers.append(_page(_change("a", 3), _change("b", 4)))
    await until(lambda: 4 in feed.asked_after)
    assert [(tenant.name, tenant.status) for tenant in await directory.all()] == [("a", "suspended"), ("b", "active")]


async def test_a_new_tenant_is_reported_and_a_refused_report_is_not_repeated(
    directory: TenantDirectory, feed: Feed
) -> None:
    feed.report_status = [403]
    await directory.find_or_create("a")
    await until(lambda: feed.reported == ["a"])
    await asyncio.sleep(0.7)
    assert feed.reported == ["a"]


async def test_a_report_that_fails_is_repeated(directory: TenantDirectory, feed: Feed) -> None:
    feed.report_status = [503, 401, 201]
    await directory.find_or_create("a")
    await until(lambda: len(feed.reported) == 3)
    assert set(feed.reported) == {"a"}


async def test_the_default_tenant_is_not_reported(directory: TenantDirectory, feed: Feed) -> None:
    await directory.find_or_create("")
    await directory.find_or_create("a")
    await until(lambda: bool(feed.reported))
    assert set(feed.reported) == {"a"}
