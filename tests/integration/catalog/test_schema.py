"""The migrated schema is the declared one."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from services.catalog.store import (
    appearance_tables,
    data_map_tables,
    file_look_tables,
    file_tables,
    harvest_tables,
    lateness_tables,
    live_tables,
    version_tables,
    working_copy_tables,
)
from services.kernel.postgres import open_engine

TABLES = (
    data_map_tables,
    file_look_tables,
    file_tables,
    harvest_tables,
    lateness_tables,
    live_tables,
    appearance_tables,
    version_tables,
    working_copy_tables,
)
"""Modules that add tables to the one set of them."""


def _differences(connection: Connection) -> list[object]:
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _: not (kind == "table" and name == "alembic_version"),
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), TABLES[0].metadata))


async def test_the_migrated_schema_equals_the_declared_tables(database_url: str) -> None:
    engine = open_engine(database_url, schema="catalog")
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert differences == []
