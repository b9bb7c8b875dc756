"""The migrated schema is the declared one."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from services.ingest.store import configuration_tables, import_tables, series_tables  # noqa: F401
from services.ingest.store.tables import metadata
from services.kernel.postgres import open_engine


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: not (kind == "table" and name == "alembic_version"),
        },
    )
    return list(compare_metadata(context, metadata))


async def test_the_migrated_schema_equals_the_declared_tables(database_url: str) -> None:
    engine = open_engine(database_url, schema="ingest")
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert differences == []
