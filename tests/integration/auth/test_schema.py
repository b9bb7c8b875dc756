"""The migrated schema, the declared one, and what the service's own role may do."""

import asyncpg
import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from services.auth.main import create_app
from services.auth.settings import AuthSettings
from services.auth.store.database import SCHEMA
from services.auth.store.tables import metadata
from services.kernel.migrations import grant_role
from services.kernel.postgres import open_engine
from tests.support.auth import until_ready
from tests.support.lifespan import calling


async def test_the_migrated_schema_is_the_declared_one(database_url: str) -> None:
    engine = open_engine(database_url, schema=SCHEMA, size=1)
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert differences == []


def _differences(connection: Connection) -> list[object]:
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _: not (kind == "table" and name == "alembic_version"),
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def test_the_declared_checks_are_those_of_the_database(database_url: str) -> None:
    engine = open_engine(database_url, schema=SCHEMA, size=1)
    statement = text("select conname from pg_constraint where contype = 'c' and connamespace = 'auth'::regnamespace")
    async with engine.connect() as connection:
        found = set(await connection.scalars(statement))
    await engine.dispose()
    declared = {c.name for table in metadata.tables.values() for c in table.constraints if "_check" in str(c.name)}
    assert found == declared


@pytest.mark.parametrize(
    "values",
    [
        "('Takamatsu', 'other', 'active', null, null, 1)",
        "('a', 'town', 'active', null, null, 1)",
        "('a', 'other', 'gone', null, null, 1)",
        "('a', 'other', 'active', '1', null, 1)",
        "('a', 'other', 'active', null, 'a', 1)",
        "('a', 'other', 'active', null, 'missing', 1)",
    ],
)
async def test_the_database_itself_refuses_what_breaks_a_tenants_rules(database_url: str, values: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"search_path": SCHEMA})
    try:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(f"insert into tenant (name, kind, status, code, parent, position) values {values}")
    finally:
        await connection.close()


@pytest.mark.xdist_group("roles")  # roles belong to the whole server
async def test_the_service_works_with_its_own_least_privileged_role(database_url: str, settings: AuthSettings) -> None:
    await grant_role(database_url, "auth", "a-password-of-this-test")
    role_url = str(
        httpx.URL(database_url.replace("postgresql://", "http://", 1)).copy_with(
            username="hiroba_auth", password="a-password-of-this-test"
        )
    ).replace("http://", "postgresql://", 1)
    async with calling(create_app(settings.model_copy(update={"database_url": role_url}))) as hub:
        await until_ready(hub)
        assert (await hub.put("/tenants/kagawa", json={"code": "370002"})).status_code == 201
        created = await hub.post("/clients", json={"grants": [{"tenant": "kagawa", "actions": ["read"]}]})
        assert created.status_code == 201
        assert (await hub.post("/signing-keys", json={})).status_code == 201
        assert (await hub.delete(f"/clients/{created.json()['client_id']}")).status_code == 204
        feed = (await hub.get("/feed/tenants")).json()
        assert [tenant["name"] for tenant in feed["tenants"]] == ["kagawa"]
    connection = await asyncpg.connect(role_url)
    try:
        for statement in ("create table auth.x ()", "drop table auth.client", "select * from broker.entity"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()
