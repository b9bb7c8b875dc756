"""Authorizations with their codes and refresh tokens, in the database."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.authorization import Authorization, Code, RefreshToken
from services.auth.store.openid_tables import authorization, authorization_code, refresh_token


async def add(connection: AsyncConnection, written: Authorization) -> None:
    """Write a new authorization, and forget those that have ended."""
    await connection.execute(delete(authorization).where(authorization.c.expires_at <= written.created_at))
    await connection.execute(authorization.insert().values(asdict(written)))


async def find(connection: AsyncConnection, authorization_id: str, *, for_update: bool = False) -> Authorization | None:
    """Return an authorization; `for_update` keeps it from others until the transaction ends."""
    statement = select(authorization).where(authorization.c.authorization_id == authorization_id)
    row = (await connection.execute(statement.with_for_update() if for_update else statement)).mappings().one_or_none()
    if row is None:
        return None
    values: dict[str, Any] = dict(row)
    return Authorization(**{**values, "scope": tuple(values["scope"]), "amr": tuple(values["amr"])})


async def prolong(connection: AsyncConnection, authorization_id: str, expires_at: datetime) -> None:
    """Let an authorization last until an instant."""
    statement = update(authorization).where(authorization.c.authorization_id == authorization_id)
    await connection.execute(statement.values(expires_at=expires_at))


async def revoke(connection: AsyncConnection, authorization_id: str, now: datetime) -> list[str]:
    """End an authorization; returns it if it had not ended before."""
    return await _revoke(connection, [authorization.c.authorization_id == authorization_id], now)


async def revoke_between(connection: AsyncConnection, user_id: str, client_id: str, now: datetime) -> list[str]:
    """End what a person has let an application do; returns the authorizations."""
    conditions = [authorization.c.user_id == user_id, authorization.c.client_id == client_id]
    return await _revoke(connection, conditions, now)


async def revoke_session(connection: AsyncConnection, sid: str, lasting: str, now: datetime) -> list[str]:
    """End what was authorized in a session, unless its scope holds a word; returns the authorizations."""
    conditions = [authorization.c.sid == sid, ~authorization.c.scope.contains([lasting])]
    return await _revoke(connection, conditions, now)


async def add_code(connection: AsyncConnection, code: Code) -> None:
    """Write a new code."""
    await connection.execute(authorization_code.insert().values(asdict(code)))


async def find_code(connection: AsyncConnection, code_hash: str) -> Code | None:
    """Return a code, also a used one; kept from others until the transaction ends, so that one alone uses it."""
    statement = select(authorization_code).where(authorization_code.c.code_hash == code_hash).with_for_update()
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else Code(**row)


async def use_code(connection: AsyncConnection, code_hash: str, now: datetime) -> None:
    """Note that a code is used."""
    statement = update(authorization_code).where(authorization_code.c.code_hash == code_hash)
    await connection.execute(statement.values(used_at=now))


async def add_refresh_token(connection: AsyncConnection, token: RefreshToken) -> None:
    """Write a new refresh token."""
    await connection.execute(refresh_token.insert().values(asdict(token)))


async def find_refresh_token(connection: AsyncConnection, token_hash: str) -> RefreshToken | None:
    """Return a refresh token, also a used one; kept from others until the transaction ends."""
    statement = select(refresh_token).where(refresh_token.c.token_hash == token_hash).with_for_update()
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else RefreshToken(**row)


async def use_refresh_token(connection: AsyncConnection, token_hash: str, now: datetime) -> None:
    """Note that a refresh token is used."""
    statement = update(refresh_token).where(refresh_token.c.token_hash == token_hash)
    await connection.execute(statement.values(used_at=now))


async def _revoke(connection: AsyncConnection, conditions: list[ColumnElement[bool]], now: datetime) -> list[str]:
    statement = update(authorization).where(*conditions, authorization.c.revoked_at.is_(None)).values(revoked_at=now)
    return list(await connection.scalars(statement.returning(authorization.c.authorization_id)))
