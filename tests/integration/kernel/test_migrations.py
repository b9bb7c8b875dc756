"""Migrations and the services' roles."""

import asyncio
from urllib.parse import urlsplit

import asyncpg
import pytest

from services.kernel.migrations import SERVICES, grant_role, migrate


async def _scalar(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def _as_role(url: str, service: str, password: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"hiroba_{service}:{password}@{parts.hostname}:{parts.port}").geturl()


async def test_every_service_has_a_schema_and_a_version_of_its_own(database_url: str) -> None:
    for service in SERVICES:
        assert await _scalar(database_url, f"select count(*) from {service}.alembic_version") == 1


async def test_migrating_again_and_at_once_changes_nothing(database_url: str) -> None:
    count = "select count(*) from information_schema.tables where table_schema = 'auth'"
    before = await _scalar(database_url, count)
    await asyncio.gather(*(migrate(database_url, "auth") for _ in range(3)))
    assert await _scalar(database_url, count) == before


@pytest.mark.xdist_group("roles")  # roles belong to the whole server
async def test_a_role_reaches_its_own_schema_only(database_url: str) -> None:
    for service in ("auth", "catalog"):
        await grant_role(database_url, service, f"password-of-{service}")
    url = _as_role(database_url, "auth", "password-of-auth")
    assert await _scalar(url, "select current_schema()") == "auth"
    assert await _scalar(url, "select count(*) from feed where name = 'tenants'") == 1
    for statement in (
        "select * from catalog.alembic_version",
        "select * from auth.alembic_version",
        "create table auth.more ()",
        "alter table auth.client add column more text",
        "truncate auth.client",
        "create schema more",
        "create role more",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _scalar(url, statement)


@pytest.mark.xdist_group("roles")  # roles belong to the whole server
async def test_renewing_a_role_changes_its_password(database_url: str) -> None:
    for password in ("the-first-one", 'it\'s "quoted"'):
        await grant_role(database_url, "ingest", password)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await _scalar(_as_role(database_url, "ingest", "the-first-one"), "select 1")
