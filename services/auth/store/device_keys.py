"""Device keys in the database."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.device_key import DeviceKey
from services.auth.store.tables import device_key
from services.kernel.identity import Grant
from services.kernel.paging import Page


async def find(connection: AsyncConnection, key_id: str) -> DeviceKey | None:
    """Return a key, None if there is none of that identifier."""
    row = (await connection.execute(select(device_key).where(device_key.c.key_id == key_id))).mappings().one_or_none()
    return None if row is None else _key(row)


async def page(connection: AsyncConnection, tenants: Collection[str], part: Page) -> tuple[list[DeviceKey], int]:
    """Return one page of the keys of some tenants (`*`: all), by identifier, and how many there are."""
    conditions = [] if "*" in tenants else [device_key.c.tenant.in_(sorted(tenants))]
    total = await connection.scalar(select(func.count()).select_from(device_key).where(*conditions))
    statement = select(device_key).where(*conditions).order_by(device_key.c.key_id)
    rows = (await connection.execute(statement.limit(part.limit).offset(part.offset))).mappings().all()
    return [_key(row) for row in rows], total or 0


async def add(connection: AsyncConnection, key: DeviceKey, now: datetime) -> DeviceKey:
    """Write a new key."""
    written = replace(key, created_at=now)
    values: dict[str, Any] = {**asdict(written), "grants": [grant.document for grant in written.grants]}
    await connection.execute(device_key.insert().values(values))
    return written


async def revoke(connection: AsyncConnection, key_id: str) -> None:
    """End a key at once; it stays in the list."""
    await connection.execute(update(device_key).where(device_key.c.key_id == key_id).values(status="revoked"))


def _key(row: RowMapping) -> DeviceKey:
    return DeviceKey(**{**row, "grants": tuple(map(Grant.of, row["grants"]))})
