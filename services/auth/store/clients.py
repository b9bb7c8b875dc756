"""Clients in the database."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import cast
from sqlalchemy.types import Text

from services.auth.domain.client import Client, is_client_id
from services.auth.store.tables import client
from services.kernel.identity import Grant
from services.kernel.paging import Page


async def find(connection: AsyncConnection, client_id: str, *, for_update: bool = False) -> Client | None:
    """Return a client, None if there is none of that identifier; `for_update` keeps others from changing it."""
    if not is_client_id(client_id):
        return None
    statement = select(client).where(client.c.client_id == client_id)
    if for_update:
        statement = statement.with_for_update()
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _client(row)


async def page(connection: AsyncConnection, administered: Collection[str], part: Page) -> tuple[list[Client], int]:
    """Return one page of the clients whose grants all lie in some tenants (`*`: all), and how many there are."""
    conditions = _within(administered)
    total = await connection.scalar(select(func.count()).select_from(client).where(*conditions))
    statement = select(client).where(*conditions).order_by(client.c.client_id).limit(part.limit).offset(part.offset)
    rows = (await connection.execute(statement)).mappings().all()
    return [_client(row) for row in rows], total or 0


async def administrators(connection: AsyncConnection) -> list[Client]:
    """Return the clients that can administer every tenant now."""
    statement = select(client).where(client.c.tenants.contains(["*"]), client.c.status == "active")
    rows = (await connection.execute(statement)).mappings().all()
    return [found for found in map(_client, rows) if found.is_administrator]


async def granted_in(connection: AsyncConnection, names: Collection[str], *, for_update: bool = False) -> list[Client]:
    """Return the clients with a grant in one of some tenants; `for_update` keeps others from changing them."""
    statement = select(client).where(client.c.tenants.overlap(cast(sorted(names), ARRAY(Text))))
    rows = (await connection.execute(statement.with_for_update() if for_update else statement)).mappings().all()
    return [_client(row) for row in rows]


async def add(connection: AsyncConnection, created: Client, now: datetime) -> Client | None:
    """Write a new client; None if its identifier is taken."""
    written = replace(created, created_at=now, modified_at=now, secret_changed_at=now)
    statement = insert(client).values(_values(written)).on_conflict_do_nothing().returning(client.c.client_id)
    return None if await connection.scalar(statement) is None else written


async def put(connection: AsyncConnection, changed: Client, now: datetime) -> Client:
    """Write a client that exists."""
    written = replace(changed, modified_at=now)
    await connection.execute(client.update().where(client.c.client_id == changed.client_id).values(_values(written)))
    return written


async def remove(connection: AsyncConnection, client_id: str) -> None:
    """Delete a client."""
    await connection.execute(delete(client).where(client.c.client_id == client_id))


def _within(administered: Collection[str]) -> list[ColumnElement[bool]]:
    if "*" in administered:
        return []
    tenants = cast(sorted({*administered, *(f"{name}/#" for name in administered)}), ARRAY(Text))
    return [client.c.tenants.contained_by(tenants), func.cardinality(client.c.tenants) > 0]


def _values(written: Client) -> dict[str, Any]:
    return {
        **asdict(written),
        "grants": [grant.document for grant in written.grants],
        "grant_types": list(written.grant_types),
        "tenants": sorted({grant.tenant for grant in written.grants}),
    }


def _client(row: RowMapping) -> Client:
    values = {name: value for name, value in row.items() if name != "tenants"}
    grants = tuple(map(Grant.of, values["grants"]))
    return Client(**{**values, "grants": grants, "grant_types": tuple(values["grant_types"])})
