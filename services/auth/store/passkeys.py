"""Passkeys and the challenges for them, in the database."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.passkey import Passkey
from services.auth.store.passkey_tables import passkey, passkey_challenge


async def find(connection: AsyncConnection, credential_id: str) -> Passkey | None:
    """Return a passkey; kept from others until the transaction ends, so that its uses are counted."""
    statement = select(passkey).where(passkey.c.credential_id == credential_id).with_for_update()
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else Passkey(**row)


async def of_user(connection: AsyncConnection, user_id: str) -> list[Passkey]:
    """Return a person's passkeys, the oldest first."""
    statement = select(passkey).where(passkey.c.user_id == user_id).order_by(passkey.c.created_at)
    return [Passkey(**row) for row in (await connection.execute(statement)).mappings().all()]


async def add(connection: AsyncConnection, written: Passkey) -> bool:
    """Write a new passkey; False if it is known already."""
    statement = insert(passkey).values(asdict(written)).on_conflict_do_nothing().returning(passkey.c.credential_id)
    return await connection.scalar(statement) is not None


async def note_use(connection: AsyncConnection, credential_id: str, sign_count: int, now: datetime) -> None:
    """Write that a passkey was used."""
    statement = update(passkey).where(passkey.c.credential_id == credential_id)
    await connection.execute(statement.values(sign_count=sign_count, last_used_at=now))


async def remove(connection: AsyncConnection, user_id: str, credential_id: str) -> None:
    """Delete a passkey of a person."""
    held = passkey.c
    await connection.execute(delete(passkey).where(held.credential_id == credential_id, held.user_id == user_id))


async def challenge(connection: AsyncConnection, key: tuple[str, str], expires_at: datetime, now: datetime) -> None:
    """Keep a challenge (its hash, and the browser's), and forget those that have expired."""
    await connection.execute(delete(passkey_challenge).where(passkey_challenge.c.expires_at <= now))
    values = {"challenge_hash": key[0], "browser_hash": key[1], "expires_at": expires_at}
    await connection.execute(passkey_challenge.insert().values(values))


async def use_challenge(connection: AsyncConnection, key: tuple[str, str], now: datetime) -> bool:
    """Use a challenge up; False if the browser was given none like it, or it has expired or was used."""
    held = passkey_challenge.c
    condition = (held.challenge_hash == key[0], held.browser_hash == key[1], held.expires_at > now)
    statement = delete(passkey_challenge).where(*condition).returning(held.challenge_hash)
    return await connection.scalar(statement) is not None
