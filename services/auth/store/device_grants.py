"""Devices that wait for a person, in the database."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.device_grant import DeviceGrant
from services.auth.store.device_grant_tables import device_grant


async def add(connection: AsyncConnection, grant: DeviceGrant) -> bool:
    """Write a new wish, and forget those that have expired; False if its code is in use."""
    await connection.execute(delete(device_grant).where(device_grant.c.expires_at <= grant.created_at))
    statement = insert(device_grant).values(asdict(grant)).on_conflict_do_nothing()
    return await connection.scalar(statement.returning(device_grant.c.device_hash)) is not None


async def find(connection: AsyncConnection, device_hash: str) -> DeviceGrant | None:
    """Return a device's wish; kept from others until the transaction ends."""
    return await _one(connection, device_grant.c.device_hash == device_hash)


async def find_by_code(connection: AsyncConnection, user_code: str, now: datetime) -> DeviceGrant | None:
    """Return the wish that waits under what a person has typed in."""
    found = await _one(connection, device_grant.c.user_code == user_code)
    return found if found is not None and found.status == "waiting" and found.expires_at > now else None


async def change(connection: AsyncConnection, device_hash: str, **values: Any) -> None:
    """Write what has become of a wish."""
    await connection.execute(update(device_grant).where(device_grant.c.device_hash == device_hash).values(**values))


async def remove(connection: AsyncConnection, device_hash: str) -> None:
    """Forget a wish, because it is answered."""
    await connection.execute(delete(device_grant).where(device_grant.c.device_hash == device_hash))


async def _one(connection: AsyncConnection, condition: ColumnElement[bool]) -> DeviceGrant | None:
    row = (await connection.execute(select(device_grant).where(condition).with_for_update())).mappings().one_or_none()
    if row is None:
        return None
    values: dict[str, Any] = dict(row)
    return DeviceGrant(**{**values, "scope": tuple(values["scope"])})
