"""Sessions of people, and what applications have asked for meanwhile, in the database."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.session import Session
from services.auth.store.openid_tables import authorization_request, browser_session


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """An authorization request that waits for a person, in the browser that it came from."""

    request_id: str
    browser_hash: str
    parameters: Mapping[str, str]
    created_at: datetime
    expires_at: datetime


async def find(connection: AsyncConnection, session_hash: str, now: datetime) -> Session | None:
    """Return the session that a cookie's hash stands for, None if it has ended."""
    held = browser_session.c
    statement = select(browser_session).where(held.session_hash == session_hash, held.expires_at > now)
    row = (await connection.execute(statement)).mappings().one_or_none()
    if row is None:
        return None
    values: dict[str, Any] = {name: row[name] for name in Session.__dataclass_fields__}
    return Session(**{**values, "amr": tuple(values["amr"])})


async def add(connection: AsyncConnection, session: Session, now: datetime) -> None:
    """Write a new session, and forget those that have ended."""
    await connection.execute(delete(browser_session).where(browser_session.c.expires_at <= now))
    values = {**asdict(session), "amr": list(session.amr), "created_at": now}
    await connection.execute(browser_session.insert().values(values))


async def end(connection: AsyncConnection, session_hash: str) -> None:
    """Sign a browser out: its cookie is worth nothing any more."""
    await connection.execute(delete(browser_session).where(browser_session.c.session_hash == session_hash))


async def keep(connection: AsyncConnection, pending: PendingRequest) -> None:
    """Write a request, and forget those that have waited too long."""
    expired = authorization_request.c.expires_at <= pending.created_at
    await connection.execute(delete(authorization_request).where(expired))
    await connection.execute(authorization_request.insert().values(asdict(pending)))


async def find_request(connection: AsyncConnection, request_id: str, now: datetime) -> PendingRequest | None:
    """Return a request that still waits."""
    held = authorization_request.c
    statement = select(authorization_request).where(held.request_id == request_id, held.expires_at > now)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else PendingRequest(**row)


async def answer(connection: AsyncConnection, request_id: str) -> bool:
    """Take a request away, because it is answered; False if it was answered before."""
    statement = delete(authorization_request).where(authorization_request.c.request_id == request_id)
    return await connection.scalar(statement.returning(authorization_request.c.request_id)) is not None
