"""The migrated schema is the declared one."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

import services.broker.store.consent_tables
import services.broker.store.statistics_tables  # noqa: F401  # their tables are the metadata's too
from services.broker.store.tables import metadata
from services.kernel.postgres import open_engine


def _differences(connection: Connection) -> list[object]:
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _: (
            not (kind == "table" and (name == "alembic_version" or name.startswith("history_")))
        ),
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def test_the_migrated_schema_equals_the_declared_tables(database_url: str) -> None:
    engine = open_engine(database_url, schema="broker")
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert differences == []
