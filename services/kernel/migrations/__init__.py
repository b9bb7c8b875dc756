"""Schema changes with Alembic: one schema, one version table and one least-privilege role per service."""

from importlib.resources import files
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.kernel.postgres import sqlalchemy_url

SERVICES = ("auth", "broker", "ingest", "catalog")
_LOCK = 0x4869726F  # "Hiro": two starts at once migrate one after the other


def configuration(service: str) -> Config:
    """Return Alembic's configuration of one service, whose versions lie in `services/<service>/store/migrations`."""
    config = Config()
    config.set_main_option("script_location", str(Path(str(files("services.kernel")), "migrations")))
    versions = Path(str(files("services")), service, "store", "migrations")
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "os")
    config.attributes["service"] = service
    return config


async def migrate(url: str, service: str) -> None:
    """Bring one service's schema to the newest version. `url` is the database owner's."""
    engine = create_async_engine(sqlalchemy_url(url))
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(f"select pg_advisory_xact_lock({_LOCK})")
            await connection.exec_driver_sql(f"create schema if not exists {service}")
            await connection.exec_driver_sql(f"set local search_path to {service}")
            # rows under row-level security are changed whosever they are, also by an owner who is no superuser
            await connection.exec_driver_sql("select set_config('hiroba.tenants', '{*}', true)")
            await connection.run_sync(_upgrade, service)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, service: str) -> None:
    config = configuration(service)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def grant_role(url: str, service: str, password: str) -> None:
    """Create or renew the role `hiroba_<service>`: it reads and writes the tables of its own schema, no more."""
    role = f"hiroba_{service}"
    connection = await asyncpg.connect(url)
    try:
        known = await connection.fetchval("select true from pg_roles where rolname = $1", role)
        quoted = await connection.fetchval("select quote_literal($1)", password)
        verb = "alter" if known else "create"
        await connection.execute(f"{verb} role {role} login password {quoted}")
        await connection.execute(f"grant usage on schema {service} to {role}")
        await connection.execute(f"grant select, insert, update, delete on all tables in schema {service} to {role}")
        await connection.execute(f"grant usage on all sequences in schema {service} to {role}")
        # the parts of tables that are made ahead, day by day, can be read as the tables themselves
        await connection.execute(f"alter default privileges in schema {service} grant select on tables to {role}")
        await connection.execute(f"revoke all on {service}.alembic_version from {role}")
        await connection.execute(f"alter role {role} set search_path = {service}")
    finally:
        await connection.close()
