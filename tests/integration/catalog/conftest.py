"""A running catalogue on a database of the test's own, without a broker to follow."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.catalog.main import create_app
from services.catalog.settings import CatalogSettings
from tests.support.lifespan import calling

LIST = Path(__file__).parents[3] / "services/local/demo/data/takamatsu/open_data_list.csv"
TAKAMATSU = {"Fiware-Service": "takamatsu"}


@pytest.fixture
def settings(database_url: str) -> CatalogSettings:
    return CatalogSettings(
        database_url=database_url,
        tenant_creation="on-write",
        auth_url="http://127.0.0.1:9",
        catalog_live_interval_s=0,
        catalog_public_url="https://data.example.jp",
        broker_public_url="https://broker.example.jp",
    )


@pytest.fixture
async def client(settings: CatalogSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(create_app(settings)) as http:
        yield http


@pytest.fixture
async def takamatsu(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The catalogue with Takamatsu's list."""
    answer = await client.post("/datasets/import", content=LIST.read_bytes(), headers=TAKAMATSU)
    assert answer.status_code == 200, answer.text
    return client
