"""How changes of the registry are told to every replica, and kept from crossing each other."""

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.store.tables import registry_version

_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:key, 4041))")


async def raise_version(connection: AsyncConnection) -> None:
    """Tell every replica that provisioning has changed, when this transaction commits."""
    await connection.execute(update(registry_version).values(version=registry_version.c.version + 1))


async def lock_apikey(connection: AsyncConnection, apikey: str) -> None:
    """Let one transaction at a time decide whose API key this is."""
    await connection.execute(_LOCK, {"key": apikey})
