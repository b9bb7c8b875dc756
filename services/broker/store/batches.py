"""Answers to batches that carried an Idempotency-Key, kept with what they wrote."""

from collections.abc import Sequence
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


async def take_items(connection: Connection, tenant_id: int, keys: Sequence[str]) -> set[str]:
    """Note the keys of a batch's items, which must be in order, and return those that are new.

    Another transaction that notes the same key is waited for.
    """
    return {row["key"] for row in await connection.fetch(_SQL["take_items"], tenant_id, keys)}


async def give_back_items(connection: Connection, tenant_id: int, keys: Sequence[str]) -> None:
    """Forget the keys of items that were refused after all."""
    await connection.execute(_SQL["give_back_items"], tenant_id, keys)


async def forget_old(connection: Connection) -> None:
    """Forget every tenant's answers that are older than a week, and keys of items older than two days."""
    await connection.execute(_SQL["forget_batches"])
    await connection.execute(_SQL["forget_items"])
