"""Stored JSON-LD @contexts (5.13): hosted for users, cached from elsewhere, implicitly created."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL = load_statements("services.broker.store.sql", "contexts.sql")


class ContextKind(StrEnum):
    """Why a context is stored (5.13.1)."""

    HOSTED = "Hosted"
    CACHED = "Cached"
    IMPLICIT = "ImplicitlyCreated"


@dataclass(frozen=True, slots=True)
class StoredContext:
    """A stored context. `url` is where it was downloaded from; None for those that live here.

    `tenant_id` is None for cached contexts, which belong to nobody.
    """

    id: str
    kind: ContextKind
    document: Any
    created_at: datetime
    tenant_id: int | None = None
    url: str | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    uses: int = 0


async def keep(connection: Connection, context: StoredContext) -> None:
    """Store a context; a cached one takes the place of what its URL answered before."""
    await connection.execute(
        _SQL["keep_context"],
        context.id,
        context.tenant_id,
        str(context.kind),
        context.url,
        context.document,
        context.created_at,
        context.expires_at,
    )


async def keep_implicit(connection: Connection, context: StoredContext) -> None:
    """Store an implicitly created context, whose id says what is in it, unless it is there."""
    await connection.execute(
        _SQL["keep_implicit_context"], context.id, str(context.kind), context.document, context.created_at
    )


async def by_id(connection: Connection, context_id: str) -> StoredContext | None:
    """Return a stored context, or None."""
    return _stored(await connection.fetchrow(_SQL["context_by_id"], context_id))


async def by_url(connection: Connection, url: str, now: datetime) -> StoredContext | None:
    """Return a cached context that may still be used, and count the use; None otherwise."""
    return _stored(await connection.fetchrow(_SQL["use_cached_context"], url, now))


async def cached_under(connection: Connection, url: str) -> StoredContext | None:
    """Return the cached context of a URL, expired or not, or None."""
    return _stored(await connection.fetchrow(_SQL["cached_context"], url))


async def listed(connection: Connection, tenant_id: int, kind: ContextKind | None) -> Sequence[StoredContext]:
    """Return a tenant's own contexts and the cached ones, oldest first."""
    rows = await connection.fetch(_SQL["list_contexts"], tenant_id, str(kind) if kind else None)
    return [stored for row in rows if (stored := _stored(row)) is not None]


async def remove(connection: Connection, context: StoredContext) -> None:
    """Remove a stored context, of its tenant or of all."""
    await connection.execute(_SQL["remove_context"], context.id, context.tenant_id)


async def count_use(connection: Connection, context_id: str, now: datetime) -> None:
    """Note that a context was used."""
    await connection.execute(_SQL["count_context_use"], context_id, now)


async def add_uses(connection: Connection, name: str, number: int, now: datetime) -> None:
    """Note how often a context was used: a cached one by its URL, another by its id."""
    await connection.execute(_SQL["add_context_uses"], name, number, now)


def _stored(row: Any) -> StoredContext | None:
    if row is None:
        return None
    return StoredContext(
        id=row["id"],
        kind=ContextKind(row["kind"]),
        document=row["document"],
        created_at=row["created_at"],
        tenant_id=row["tenant_id"],
        url=row["url"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        uses=row["uses"],
    )
