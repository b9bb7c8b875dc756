"""A running catalogue on a database of the test's own, without a broker to follow."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.catalog.domain.dataset import Live
from services.catalog.domain.observation import Observation
from services.catalog.main import create_app
from services.catalog.operations.catalogue import Catalogue
from services.catalog.settings import CatalogSettings
from services.catalog.store.searches import open_searches
from services.kernel.clock import system_clock
from services.kernel.postgres import open_engine, open_pool
from services.kernel.tenancy import TenantDirectory
from tests.support.lifespan import calling

LIST = Path(__file__).parents[3] / "services/local/demo/data/takamatsu/open_data_list.csv"
TAKAMATSU = {"Fiware-Service": "takamatsu"}
GAUGES = Live(
    "https://uri.etsi.org/ngsi-ld/default-context/WaterLevelObserved", "WaterLevelObserved", ("name", "waterLevel"), 103
)
FUKUI = {
    "name": "fukui",
    "status": "active",
    "title": "福井県",
    "title_en": "Fukui Prefecture",
    "code": "180009",
    "kind": "prefecture",
    "position": 1,
}


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


@pytest.fixture
async def catalogue(settings: CatalogSettings) -> AsyncIterator[Catalogue]:
    """The catalogue below HTTP, with the tenant fukui as auth tells of it."""
    pool = await open_pool(settings.database_url, schema="catalog", size=2)
    engine = open_engine(settings.database_url, schema="catalog", size=2)
    await pool.execute("insert into tenant (name, details) values ('fukui', $1) on conflict do nothing", FUKUI)
    searches = await open_searches(settings.database_url, size=2)
    yield Catalogue(engine, searches, TenantDirectory(pool, creates_on_write=True), settings.addresses, system_clock)
    await engine.dispose()
    await searches.close()
    await pool.close()


def seen(*types: Live, tenant: str = "fukui") -> Observation:
    """Return an observation of a tenant's types."""
    return Observation(tenant, types)
