"""The context broker as an application, called as NGSIv2 clients call it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.broker.main import create_app
from services.broker.settings import BrokerSettings
from tests.support.lifespan import calling


@pytest.fixture
async def v2(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a running context broker on an empty database."""
    settings = BrokerSettings(database_url=database_url, tenant_creation="on-write", egress="loopback")
    async with calling(create_app(settings)) as client:
        client.headers.pop("accept-encoding", None)
        yield client
