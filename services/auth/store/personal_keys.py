"""Personal keys in the database."""

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.personal_key import PersonalKey
from services.auth.store.personal_key_tables import personal_key

_USE_EVERY = timedelta(minutes=1)


async def find(connection: AsyncConnection, key_id: str) -> PersonalKey | None:
    """Return a key, None if there is none of that identifier."""
    statement = select(personal_key).where(personal_key.c.key_id == key_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else PersonalKey(**row)


async def of_user(connection: AsyncConnection, user_id: str) -> list[PersonalKey]:
    """Return a person's keys, the oldest first."""
    statement = select(personal_key).where(personal_key.c.user_id == user_id)
    ordered = statement.order_by(personal_key.c.created_at, personal_key.c.key_id)
    return [PersonalKey(**row) for row in (await connection.execute(ordered)).mappings().all()]


async def add(connection: AsyncConnection, key: PersonalKey) -> None:
    """Write a new key."""
    await connection.execute(personal_key.insert().values(asdict(key)))


async def remove(connection: AsyncConnection, key_id: str) -> None:
    """Delete a key."""
    await connection.execute(delete(personal_key).where(personal_key.c.key_id == key_id))


async def note_use(connection: AsyncConnection, key_id: str, now: datetime) -> None:
    """Write when a key was last used, to the minute."""
    used = personal_key.c.last_used_at
    is_due = or_(used.is_(None), used < now - _USE_EVERY)
    statement = update(personal_key).where(personal_key.c.key_id == key_id, is_due)
    await connection.execute(statement.values(last_used_at=now))
