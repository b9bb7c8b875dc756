"""A running hub, as far as the portal needs it: a broker with a city's entities, the catalogue with its list."""

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from services.catalog.main import create_app
from services.catalog.settings import CatalogSettings
from services.local.ports import free_port
from tests.support.databases import clone, drop
from tests.support.serving import served
from tests.support.shared_broker import new_tenant

LIST = Path(__file__).parents[4] / "services/local/demo/data/takamatsu/open_data_list.csv"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"]
FLAGS += ["--use-gl=angle", "--use-angle=swiftshader"]
AXE = os.environ.get("HIROBA_TEST_AXE", "axe-core")
PATIENCE_S = 60
SITES = {
    "玉藻公園": (134.0498, 34.3507, 1200),
    "中央公園": (134.0474, 34.3403, 5400),
    "峰山公園": (134.0206, 34.3372, 800),
}
GAUGE: dict[str, object] = {
    "id": "urn:ngsi-ld:WaterLevelObserved:fukui-1",
    "type": "WaterLevelObserved",
    "name": {"type": "Property", "value": "久喜津"},
    "waterLevel": {"type": "Property", "value": 5.2, "unitCode": "MTR", "observedAt": "2026-11-20T00:00:00Z"},
    "alertLevel": {"type": "Property", "value": 3},
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [136.2, 36.04]}},
}


class City:
    """A city with live data: the catalogue's address, the tenant's name and its live data set's, and another city's."""

    def __init__(self, url: str, broker: str, tenant: str, neighbour: str) -> None:
        self.url = url
        self.broker = broker
        self.tenant = tenant
        self.neighbour = neighbour
        self.live = f"{tenant}-evacuationsite"
        self.gauges = f"{neighbour}-waterlevelobserved"


@pytest.fixture(scope="package")
def city(postgres_server: str, broker_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Serve a catalogue that follows the broker; it has a list of files and a type of entities."""
    tenant, neighbour = new_tenant(), new_tenant()
    _write(broker_url, tenant, _sites())
    _write(broker_url, neighbour, [GAUGE])
    database = asyncio.run(clone(postgres_server))
    port = free_port()
    settings = CatalogSettings(
        database_url=database,
        data_dir=tmp_path_factory.mktemp("portal"),
        tenant_creation="on-write",
        auth_url="http://127.0.0.1:9",
        broker_url=broker_url,
        catalog_public_url=f"http://127.0.0.1:{port}",
        catalog_live_interval_s=0.2,
    )
    with served(create_app(settings), port) as url:
        found = City(url, broker_url, tenant, neighbour)
        listed = LIST.read_bytes()
        for name, content in ((tenant, listed), (neighbour, listed.partition(b"\n")[0])):
            answer = httpx.post(
                f"{url}/datasets/import", content=content, headers={"Fiware-Service": name}, timeout=PATIENCE_S
            )
            assert answer.status_code == 200, answer.text
        _wait_for(f'"{found.live}"', f"{url}/datasets?kind=live&bbox=134,34,135,35")
        _wait_for(f'"{found.gauges}"', f"{url}/datasets?kind=live&bbox=136,35,137,37")
        yield found
    asyncio.run(drop(postgres_server, database))


def _sites() -> list[dict[str, object]]:
    return [
        {
            "id": f"urn:ngsi-ld:EvacuationSite:{number}",
            "type": "EvacuationSite",
            "name": {"type": "Property", "value": name},
            "capacity": {"type": "Property", "value": capacity},
            "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [longitude, latitude]}},
        }
        for number, (name, (longitude, latitude, capacity)) in enumerate(SITES.items(), 1)
    ]


def _write(broker_url: str, tenant: str, entities: list[dict[str, object]]) -> None:
    answer = httpx.post(
        f"{broker_url}/ngsi-ld/v1/entityOperations/upsert", json=entities, headers={"NGSILD-Tenant": tenant}
    )
    assert answer.is_success, answer.text


def _wait_for(text: str, address: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while text not in httpx.get(address).text:
        assert time.monotonic() < deadline, f"{text} does not come at {address}"
        time.sleep(0.1)


@pytest.fixture(scope="package")
def browser(city: City) -> Iterator[Browser]:
    """Run one browser for all pages; its event loop must not run before the city's databases are made.

    It runs until the package is left, so tests with an event loop of their own stand outside of it.
    """
    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, city: City) -> Iterator[Page]:
    """Open a browser window of a reader in Japan, that reaches nothing but the hub."""
    context = browser.new_context(locale="ja-JP", base_url=city.url, accept_downloads=True)
    context.set_default_timeout(PATIENCE_S * 1000)
    context.route(lambda address: "cyberjapandata" in address, lambda route: route.abort())
    yield context.new_page()
    context.close()
