"""Personal keys in the database."""

from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.personal_key import PersonalKey
from services.auth.store.personal_key_tables import personal_key


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
