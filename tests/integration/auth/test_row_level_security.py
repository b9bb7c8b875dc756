"""Row-level security on a real PostgreSQL, with the role that auth has: a forgotten WHERE crosses no tenant."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.auth.store.database import SCHEMA, transaction
from services.auth.store.reach import EVERYTHING, NOTHING, Purpose, Reach, reach_of, tell
from services.auth.store.tables import metadata
from services.kernel.identity import OPEN, Grant, Principal
from services.kernel.postgres import open_engine
from tests.support.databases import as_auth

OF_NOBODY = {
    "tenant",  # the directory that every service follows
    "tombstone",
    "feed",
    "policy_change",
    "signing_key",
    "usage_source",
    "authorization_request",  # what browsers are in the middle of, each found by the hash of its secret alone
    "external_sign_in",
    "passkey_challenge",
}
"""The tables that hold no tenant's rows."""

ROWS = """
insert into tenant (name, kind, status, position) values ('{t}', 'other', 'active', {n});
insert into tenant_deletion (name, service, rows) values ('{t}', 'broker', 1);
insert into client values ('c-{t}', 'x', null, 'active', '[]', '{{{t},{t}/#}}', '{{}}');
insert into client values ('s-{t}', 'x', null, 'active', '[]', '{{}}', '{{}}');
insert into device_key (key_id, key_hash, tenant, status, grants, created_by)
    values ('k-{t}', 'x', '{t}', 'active', '[]', 'x');
insert into hub_user (user_id, login, tenant, status) values ('u-{t}', '{t}@example.jp', '{t}', 'active');
insert into organisation values ('o-{t}', '{t}', 'x');
insert into membership values ('o-{t}', 'u-{t}');
insert into role_binding (binding_id, user_id, role, tenant, created_by) values ('r-{t}', 'u-{t}', 'x', '{t}', 'x');
insert into application (client_id, tenant, status, details) values ('c-{t}', '{t}', 'active', '{{}}');
insert into audit_record values ('{t}', 1, now(), 'x', 'x', '{t}', 200, '{{}}');
insert into usage values ('{t}', '2026-04-01', 'requests', 'c', 'broker', 1);
insert into provided_service (service_id, tenant, provider, title, area, storage, status, purposes, applied_by)
    values ('p-{t}', '{t}', 'o-{t}', 'x', '/x/#', 'internal', 'active', '{{}}', 'x');
insert into service_client values ('s-{t}', 'p-{t}');
insert into service_audit values ('a-{t}', 'p-{t}', now(), true, null, 'x');
insert into agreement (agreement_id, service_id, tenant, user_client, actions, types, attributes, made_by)
    values ('a-{t}', 'p-{t}', '{t}', 'c-{t}', '{{}}', '{{}}', '{{}}', 'x');
insert into consent values ('{t}', 's', 'p-{t}', 'x', 'x', 'x', true, now(), {n});
insert into consent_receipt values ('{t}', 1, now(), '{{}}', '', '');
insert into cost_plan (name, owner, document) values ('{t}', '{t}', '{{"members": []}}');
insert into cost_invoice (number, plan, since, document) values ('{t}', '{t}', '2026-04-01', '{{}}');
insert into passkey values ('{t}', 'u-{t}', '', 0, 'x', false, now());
insert into personal_key values ('h-{t}', 'x', 'u-{t}', 'x', now());
"""
_WHOLE = {
    "tenant_deletion", "client", "device_key", "hub_user", "organisation", "membership", "role_binding", "application",
    "audit_record", "usage", "provided_service", "service_client", "service_audit", "agreement", "consent",
    "consent_receipt", "cost_plan", "cost_invoice",
}  # fmt: skip
_DECIDED = {
    "client", "device_key", "hub_user", "organisation", "membership", "role_binding", "provided_service",
    "service_client", "agreement",
}  # fmt: skip
_OPENED: dict[Purpose, set[str]] = {
    "identify": {*_DECIDED, "application", "passkey", "personal_key"},
    "decide": _DECIDED,
    "tell": {"consent"},
    "withdraw": {"consent", "consent_receipt"},
    "record": {"audit_record"},
    "meter": {"usage"},
    "bill": {"cost_plan", "cost_invoice"},
}


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Auth's own engine on a database with the rows of two tenants; a single connection, so that nothing may stay."""
    owner = await asyncpg.connect(database_url, server_settings={"search_path": SCHEMA})
    for number, tenant in enumerate(("takamatsu", "marugame"), start=1):
        await owner.execute(ROWS.format(t=tenant, n=number))
    await owner.close()
    engine = open_engine(as_auth(database_url), schema=SCHEMA, size=1)
    yield engine
    await engine.dispose()


async def test_every_table_with_tenants_rows_is_under_forced_row_level_security(engine: AsyncEngine) -> None:
    of_role = "select rolbypassrls or rolsuper from pg_roles where pg_has_role(current_user, oid, 'usage')"
    held = "relrowsecurity and relforcerowsecurity"
    tables = f"select relname from pg_class where relnamespace = 'auth'::regnamespace and relkind = 'r' and {held}"
    owned = "select count(*) from pg_class where pg_has_role(current_user, relowner, 'usage')"
    async with transaction(engine) as connection:
        assert set(await connection.scalars(text(tables))) == set(metadata.tables) - OF_NOBODY
        assert set(await connection.scalars(text(of_role))) == {False}
        assert await connection.scalar(text(owned)) == 0


async def test_a_query_without_where_returns_nothing_of_a_foreign_tenant(engine: AsyncEngine) -> None:
    guarded = sorted(set(metadata.tables) - OF_NOBODY)
    everything = await _seen(engine, EVERYTHING)
    filled = {name for name, rows in everything.items() if rows}
    assert filled == {*_WHOLE, "passkey", "personal_key"}, "a table of this test is empty"
    own = await _seen(engine, Reach(frozenset({"takamatsu"})))
    assert {name for name, rows in own.items() if rows} == _WHOLE
    for name in guarded:
        assert all("takamatsu" in row and "marugame" not in row for row in own[name]), name
    assert not any((await _seen(engine, NOTHING)).values()), "what one transaction reached stays for the next"


async def test_a_purpose_opens_the_tables_that_it_is_about_and_no_others(engine: AsyncEngine) -> None:
    for purpose, opened in _OPENED.items():
        seen = await _seen(engine, NOTHING.also(purpose))
        assert {name for name, rows in seen.items() if rows} == opened, purpose


async def test_a_change_without_where_reaches_no_foreign_row(engine: AsyncEngine) -> None:
    own = Reach(frozenset({"takamatsu"}))
    async with transaction(engine, own) as connection:
        changed = await connection.execute(text("update hub_user set name = 'x'"))
        deleted = await connection.execute(text("delete from client where cardinality(tenants) > 0"))
        assert (changed.rowcount, deleted.rowcount) == (1, 1)
    for statement in (
        "insert into organisation values ('o-2', 'marugame', 'x')",
        "update organisation set tenant = 'marugame'",
        "insert into client values ('c-2', 'x', null, 'active', '[]', '{takamatsu,marugame}', '{}')",
        "insert into client values ('c-2', 'x', null, 'active', '[]', '{*}', '{}')",
    ):
        with pytest.raises(DBAPIError, match="row-level security"):
            await _change(engine, own, statement)
    async with transaction(engine, NOTHING.also("decide")) as connection:
        assert (await connection.execute(text("update hub_user set name = 'y'"))).rowcount == 0
    assert await _count(engine, "select count(*) from hub_user where name is null") == 1
    assert await _count(engine, "select count(*) from client") == 3


def test_a_caller_reaches_what_it_administers_oversees_or_holds_as_a_whole() -> None:
    grants = (
        Grant("takamatsu", ("admin",)),
        Grant("kagawa/#", ("oversee",)),
        Grant("marugame", ("read", "write")),
        Grant("sakaide", ("admin",), path="/parks/#"),
    )
    assert reach_of(Principal("c", "c", grants)) == Reach(frozenset({"takamatsu", "kagawa"}))
    assert reach_of(Principal("c", "c", (Grant("*", ("report",)),))) == NOTHING.also("decide")
    assert reach_of(OPEN).tenants == EVERYTHING.tenants


async def _seen(engine: AsyncEngine, reach: Reach) -> dict[str, list[str]]:
    """Return all rows of every table under row-level security, each as text."""
    async with transaction(engine, reach) as connection:
        return {
            name: list(await connection.scalars(text(f"select t::text from {name} t")))
            for name in set(metadata.tables) - OF_NOBODY
        }


async def _change(engine: AsyncEngine, reach: Reach, statement: str) -> None:
    async with engine.begin() as connection:
        await tell(connection, reach)
        await connection.execute(text(statement))


async def _count(engine: AsyncEngine, statement: str) -> int:
    async with transaction(engine, EVERYTHING) as connection:
        return int(await connection.scalar(text(statement)))
