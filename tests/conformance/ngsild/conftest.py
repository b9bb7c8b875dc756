"""A running context broker, called as an NGSI-LD client calls it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.broker.main import create_app
from services.broker.settings import BrokerSettings
from tests.support.lifespan import calling


@pytest.fixture
async def broker(database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a context broker on a database of its own."""
    settings = BrokerSettings(
        database_url=database_url,
        data_dir=tmp_path,
        tenant_creation="on-write",
        egress="loopback",
        auth_url="http://127.0.0.1:9",
    )
    async with calling(create_app(settings)) as client:
        client.base_url = httpx.URL("http://hub.test/ngsi-ld/v1/")
        yield client
