"""Transactions of the stores: driver errors come out as words of the domain."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.store.tables import tenant
from services.kernel.postgres import translated


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open one transaction, committed at the end of the block."""
    with translated():
        async with engine.begin() as connection:
            yield connection


def tenant_id_of(name: str) -> Select[tuple[int]]:
    """Select a tenant's id by its name."""
    return select(tenant.c.tenant_id).where(tenant.c.name == name)


def is_of_tenant(column: ColumnElement[int], name: str) -> ColumnElement[bool]:
    """Compare a `tenant_id` column with a tenant's name."""
    return column == tenant_id_of(name).scalar_subquery()
