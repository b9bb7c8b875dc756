"""Signing keys in the database, sealed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.store.tables import signing_key


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A key as it is kept: the public half as a JWK, the private half sealed."""

    kid: str
    public_key: dict[str, Any]
    sealed_key: str
    created_at: datetime
    active_from: datetime
    published_until: datetime | None = None


async def published(connection: AsyncConnection, now: datetime) -> list[SealedKey]:
    """Return the keys that tokens in circulation may be signed with, or soon are, the earliest first."""
    until = signing_key.c.published_until
    statement = select(signing_key).where(until.is_(None) | (until > now)).order_by(signing_key.c.active_from)
    return [SealedKey(**row) for row in (await connection.execute(statement)).mappings().all()]


async def add(connection: AsyncConnection, key: SealedKey) -> None:
    """Write a new key."""
    await connection.execute(signing_key.insert().values(**asdict(key)))


async def retire(connection: AsyncConnection, kid: str, published_until: datetime) -> None:
    """End a key's publication, at an instant to come."""
    statement = update(signing_key).where(signing_key.c.kid == kid)
    await connection.execute(statement.values(published_until=published_until))


async def remove_ended(connection: AsyncConnection, now: datetime) -> None:
    """Delete the keys whose publication has ended."""
    await connection.execute(delete(signing_key).where(signing_key.c.published_until <= now))
