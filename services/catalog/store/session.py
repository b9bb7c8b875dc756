"""Connections for one use case; driver errors come out as words of the domain."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kernel.postgres import translated

SCHEMA = "catalog"


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Borrow a connection to read with."""
    with translated():
        async with engine.connect() as connection:
            yield connection


@asynccontextmanager
async def reading_within(engine: AsyncEngine, most_s: float) -> AsyncIterator[AsyncConnection]:
    """Borrow a connection for what a caller composed freely: a statement that takes longer raises TooComplex."""
    async with reading(engine) as connection:
        limit = text("select set_config('statement_timeout', :most_ms, true)")
        await connection.execute(limit, {"most_ms": str(round(most_s * 1000))})
        yield connection


@asynccontextmanager
async def asking(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Borrow a connection for a few single statements, without the cost of a transaction around them."""
    with translated():
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            yield connection


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Borrow a connection in a transaction that commits at the end of the block."""
    with translated():
        async with engine.begin() as connection:
            yield connection
