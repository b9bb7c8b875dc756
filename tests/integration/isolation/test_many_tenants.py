"""Many tenants written to at the same time: every row is in its own tenant.

HIROBA_TEST_TENANTS sets how many; `scripts/many-tenants` tries as many as Japan has municipalities.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from services.broker.main import create_app
from services.broker.settings import BrokerSettings
from services.kernel.settings import read_settings
from tests.support.serving import served

TENANTS = int(os.environ.get("HIROBA_TEST_TENANTS", "40"))
ENTITIES = 5
_AT_ONCE = 24
_WRONG = """
select count(*) from entity e join tenant t on t.tenant_id = e.tenant_id
where t.name is distinct from (
    select each.value -> 0 ->> 'value' from jsonb_each(e.attrs) each where each.key like '%owner'
)
"""


def _name(number: int) -> str:
    return f"machi_{number:04d}"


async def _write(client: httpx.AsyncClient, turn: asyncio.Semaphore, number: int, entity: int) -> None:
    """Write the same entity in every tenant, by either API: only what it holds tells them apart."""
    name = _name(number)
    async with turn:
        if entity % 2:
            body = {"id": f"urn:ngsi-ld:Town:{entity}", "type": "Town", "owner": {"type": "Text", "value": name}}
            answer = await client.post("/v2/entities", json=body, headers={"Fiware-Service": name})
        else:
            ld = {"id": f"urn:ngsi-ld:Town:{entity}", "type": "Town", "owner": {"type": "Property", "value": name}}
            answer = await client.post("/ngsi-ld/v1/entities", json=ld, headers={"NGSILD-Tenant": name})
        assert answer.status_code == 201, (name, answer.status_code, answer.text)


async def _counts(url: str) -> tuple[int, list[int]]:
    """Return how many rows hold another tenant's name, and how many rows each tenant has."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "broker"})
    try:
        wrong = await connection.fetchval(_WRONG)
        counted = await connection.fetch("select count(*) as rows from entity group by tenant_id")
        return wrong, [row["rows"] for row in counted]
    finally:
        await connection.close()


@pytest.fixture
def broker(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a context broker whose tenants are created by the first write."""
    settings = read_settings(
        BrokerSettings, database_url=database_url, data_dir=tmp_path, tenant_creation="on-write", database_pool=8
    )
    with served(create_app(settings)) as url:
        yield url


@pytest.mark.timeout(1800)
async def test_every_row_is_in_its_own_tenant(broker: str, database_url: str) -> None:
    turn = asyncio.Semaphore(_AT_ONCE)
    anew = httpx.Limits(max_keepalive_connections=0)  # a connection that ends between two writes fails no write
    async with httpx.AsyncClient(base_url=broker, timeout=120, limits=anew) as client:
        work = [_write(client, turn, number, entity) for entity in range(ENTITIES) for number in range(TENANTS)]
        await asyncio.gather(*work)
        for number in range(0, TENANTS, max(1, TENANTS // 20)):
            found = await client.get("/v2/entities?options=keyValues", headers={"Fiware-Service": _name(number)})
            assert [each["owner"] for each in found.json()] == [_name(number)] * ENTITIES
    wrong, counts = await _counts(database_url)
    assert (wrong, counts) == (0, [ENTITIES] * TENANTS)
