"""A real browser's EventSource: it is told, and after a fault of the network it goes on where it was."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from services.local.ports import free_port
from tests.integration.broker.stream.conftest import replica
from tests.support.browser import blank_page
from tests.support.databases import clone, drop

FOLLOW = """
query => {
  document.body.innerHTML = '<ul id="told"></ul>';
  const tell = text => document.getElementById('told').append(Object.assign(document.createElement('li'),
                                                                            {textContent: text}));
  const source = new EventSource('/stream/ngsi-ld/entities?' + query);
  source.addEventListener('ready', () => tell('ready'));
  source.addEventListener('gap', () => tell('gap'));
  source.addEventListener('deleted', event => tell('deleted ' + JSON.parse(event.data).id));
  source.onmessage = event => tell('level ' + JSON.parse(event.data).level);
}
"""


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    url = asyncio.run(clone(postgres_server))
    yield url
    asyncio.run(drop(postgres_server, url))


@pytest.fixture
def page() -> Iterator[Page]:
    with blank_page() as page:
        yield page


def write(url: str, level: int) -> None:
    """Store a gauge of Fukui."""
    entity = {"id": "urn:ngsi-ld:Gauge:1", "type": "Gauge", "level": level}
    path = f"{url}/ngsi-ld/v1/entityOperations/upsert"
    assert httpx.post(
        path, content=json.dumps([entity]), headers={"NGSILD-Tenant": "fukui", "Content-Type": "application/json"}
    ).is_success


@pytest.mark.needs("chromium")
def test_a_browser_follows_a_tenant_and_misses_nothing_while_the_broker_restarts(
    database: str, page: Page, tmp_path: Path
) -> None:
    port = free_port()
    told = page.locator("#told li")
    with replica(database, tmp_path, port=port) as url:
        write(url, 0)
        page.goto(f"{url}/health/live")
        page.evaluate(FOLLOW, "tenant=fukui&type=Gauge&format=simplified")
        expect(told).to_have_text(["ready"])
        write(url, 1)
        expect(told).to_have_text(["ready", "level 1"])
    with replica(database, tmp_path) as elsewhere:
        write(elsewhere, 2)
    with replica(database, tmp_path, port=port) as url:
        expect(told).to_have_text(["ready", "level 1", "ready", "level 2"])
        httpx.delete(f"{url}/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:1", headers={"NGSILD-Tenant": "fukui"})
        expect(told.last).to_have_text("deleted urn:ngsi-ld:Gauge:1")
        page.close()
