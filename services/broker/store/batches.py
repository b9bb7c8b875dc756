"""Answers to batches that carried an Idempotency-Key, kept with what they wrote."""

from typing import Any

from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL = load_statements("services.broker.store", "sql/entities.sql")


async def find(connection: Connection, tenant_id: int, key: str) -> Any | None:
    """Return the answer that was given to a batch, or None."""
    return await connection.fetchval(_SQL["find_batch"], tenant_id, key)


async def keep(connection: Connection, tenant_id: int, key: str, answer: Any) -> None:
    """Keep the answer to a batch."""
    await connection.execute(_SQL["keep_batch"], tenant_id, key, answer)


async def forget_old(connection: Connection) -> None:
    """Forget the answers of every tenant that are older than a week."""
    await connection.execute(_SQL["forget_batches"])
