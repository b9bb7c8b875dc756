"""What tests of several parts of the kernel start from."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.kernel.postgres import open_pool


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to a service's schema; the kernel's tables are in each."""
    opened = await open_pool(database_url, schema="broker", size=4)
    yield opened
    await opened.close()
