"""The life of a tenant in the whole hub: created without a restart, exported, deleted everywhere, and gone."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.support.auth import grant, register
from tests.support.hub import SERVICES, Hub, running_hub
from tests.support.patience import until

GROUP = {"services": [{"apikey": "rivers", "resource": "/iot/json", "entity_type": "Gauge", "cbroker": ""}]}
DATASET = {"titles": {"ja": "水位"}, "descriptions": {"ja": "河川"}, "licence": "CC-BY-4.0", "themes": ["ENVI"]}
TALLIES = ".usage_part"
"""What services tally of a tenant's use, also of one that has just gone, and pass on to auth when it suits them."""
TABLES = """
select n.nspname || '.' || c.relname as name
from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('broker', 'ingest', 'catalog')
join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
where c.relkind in ('r', 'p') and not c.relispartition
order by 1
"""


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    with running_hub(database_url, tmp_path) as running:
        yield running


@pytest.fixture
async def operator(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    """The administrator at auth."""
    async with hub.client("auth", await hub.headers()) as client:
        yield client


async def _fill(hub: Hub, tenant: str) -> None:
    """Give a tenant something in every service, as soon as each knows it."""
    headers = await hub.headers_in(tenant)
    async with hub.client("broker", headers) as broker:

        async def is_known() -> bool:
            return (await broker.get("/ngsi-ld/v1/types")).status_code == 200

        await until(is_known)
        for number in range(3):
            entity = {"id": f"gauge-{number}", "type": "Gauge", "level": {"value": number}}
            assert (await broker.post("/v2/entities", json=entity)).status_code == 201
        subscription = {
            "subject": {"entities": [{"idPattern": ".*"}]},
            "notification": {"http": {"url": "http://127.0.0.1:9/n"}},
        }
        assert (await broker.post("/v2/subscriptions", json=subscription)).status_code == 201
        source = {"dataProvided": {"entities": [{"id": "x"}]}, "provider": {"http": {"url": "http://127.0.0.1:9"}}}
        assert (await broker.post("/v2/registrations", json=source)).status_code == 201
    async with hub.client("ingest", headers) as ingest:

        async def is_provisioned() -> bool:
            body = {"services": [{**GROUP["services"][0], "apikey": f"rivers-{tenant}"}]}
            return (await ingest.post("/iot/services", json=body)).status_code == 201

        await until(is_provisioned)
        device = {"devices": [{"device_id": "g1", "entity_name": "gauge-1", "apikey": f"rivers-{tenant}"}]}
        answer = await ingest.post("/iot/devices", json=device)
        assert answer.status_code == 201, answer.text
    async with hub.client("catalog", headers) as catalog:

        async def is_published() -> bool:
            answer = await catalog.post("/datasets", json=DATASET)
            assert answer.status_code in (201, 404), answer.text
            return answer.status_code == 201

        await until(is_published)


async def _rows(database_url: str, tenant: str) -> dict[str, int]:
    """Return how many rows each table holds of a tenant."""
    connection = await asyncpg.connect(database_url)
    try:
        counts = {}
        for record in await connection.fetch(TABLES):
            schema = record["name"].partition(".")[0]
            statement = (
                f"select count(*) from {record['name']} t join {schema}.tenant using (tenant_id) where tenant.name = $1"
            )
            counts[record["name"]] = await connection.fetchval(statement, tenant)
        return counts
    finally:
        await connection.close()


def _without_tallies(rows: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in rows.items() if not name.endswith(TALLIES)}


async def _orphans(database_url: str) -> list[str]:
    """Return the tables that hold rows of no tenant."""
    connection = await asyncpg.connect(database_url)
    try:
        found = []
        for record in await connection.fetch(TABLES):
            schema = record["name"].partition(".")[0]
            statement = (
                f"select count(*) from {record['name']} where tenant_id is not null"
                f" and tenant_id not in (select tenant_id from {schema}.tenant)"
            )
            if await connection.fetchval(statement):
                found.append(record["name"])
        return found
    finally:
        await connection.close()


async def _is_forgotten(database_url: str, name: str) -> bool:
    """Tell whether no service knows a tenant any more."""
    connection = await asyncpg.connect(database_url)
    try:
        counts = [
            await connection.fetchval(f"select count(*) from {service}.tenant where name = $1", name)
            for service in SERVICES[1:]
        ]
        return counts == [0, 0, 0]
    finally:
        await connection.close()


async def test_a_deleted_tenant_leaves_no_row_in_any_service_and_nobody_elses_goes(
    hub: Hub, operator: httpx.AsyncClient, database_url: str
) -> None:
    for name in ("takamatsu", "marugame"):
        assert (await operator.put(f"/tenants/{name}", json={})).status_code == 201
        await _fill(hub, name)
    login = await register(operator, {}, grant("takamatsu", "read"))
    both = await register(operator, {}, grant("takamatsu", "read"), grant("marugame", "read"))

    async def is_counted() -> bool:
        return (await _rows(database_url, "marugame"))["broker.type_statistics"] > 0

    await until(is_counted)  # the broker does so a moment after the write
    kept = await _rows(database_url, "marugame")
    assert {name for name, count in (await _rows(database_url, "takamatsu")).items() if count} >= {
        "broker.entity",
        "broker.history",
        "broker.subscription",
        "broker.v2_registration",
        "catalog.dataset",
        "ingest.device",
        "ingest.device_group",
    }
    answer = await operator.delete("/tenants/takamatsu")
    assert answer.status_code == 202
    assert answer.json() == {
        "name": "takamatsu",
        "status": "deleting",
        "rows": {},
        "awaited": ["broker", "catalog", "ingest"],
    }

    async def is_gone() -> bool:
        return (await operator.get("/tenants/takamatsu")).status_code == 404

    await until(is_gone)
    state = (await operator.get("/tenants/takamatsu/deletion")).json()
    assert state["status"] == "deleted"
    assert state["awaited"] == []
    assert all(state["rows"][service] > 0 for service in SERVICES[1:])

    async def is_forgotten() -> bool:
        return await _is_forgotten(database_url, "takamatsu")

    await until(is_forgotten)
    assert _without_tallies(await _rows(database_url, "marugame")) == _without_tallies(kept)
    assert (await operator.get(f"/clients/{login.client_id}")).status_code == 404
    left = (await operator.get(f"/clients/{both.client_id}")).json()["grants"]
    assert [each["tenant"] for each in left] == ["marugame"]
    assert [name for name in await _orphans(database_url) if not name.endswith(TALLIES)] == []


async def test_a_tenant_that_is_being_deleted_is_closed_and_its_name_is_free_afterwards(
    hub: Hub, operator: httpx.AsyncClient
) -> None:
    await operator.put("/tenants/takamatsu", json={})
    await _fill(hub, "takamatsu")
    headers = await hub.headers_in("takamatsu")
    async with hub.client("broker", headers) as broker:
        await operator.delete("/tenants/takamatsu")

        async def is_closed() -> bool:
            return (await broker.get("/ngsi-ld/v1/types")).status_code == 404

        await until(is_closed)
        assert (await operator.patch("/tenants/takamatsu", json={"title": "x"})).status_code == 409

        async def is_created_anew() -> bool:
            return (await operator.post("/tenants", json={"name": "takamatsu"})).status_code == 201

        await until(is_created_anew)

        async def is_open() -> bool:
            return (await broker.get("/ngsi-ld/v1/types")).status_code == 200

        await until(is_open)
        assert (await broker.get("/v2/entities")).json() == []
        assert (await broker.get("/v2/subscriptions")).json() == []


async def test_every_service_hands_out_all_that_it_has_of_a_tenant(hub: Hub, operator: httpx.AsyncClient) -> None:
    await operator.put("/tenants/takamatsu", json={"population": 417496})
    await operator.put("/tenants/marugame", json={})
    await _fill(hub, "takamatsu")
    await _fill(hub, "marugame")
    await operator.patch("/tenants/takamatsu", json={"status": "suspended"})
    login = await register(operator, {}, grant("takamatsu", "admin"))
    tables: dict[str, list[str]] = {}
    for service in SERVICES:
        async with hub.client(service, await hub.headers(login)) as client:
            answer = await client.get("/tenants/takamatsu/export")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson"), answer.text
            assert "marugame" not in answer.text
            rows = [json.loads(line) for line in answer.text.splitlines()]
            tables[service] = sorted({row["table"] for row in rows})
            assert (await client.get("/tenants/marugame/export")).status_code == 403
            assert (await client.get("/tenants/takamatsu/export", headers={"Authorization": ""})).status_code == 401
    assert tables["auth"] == ["client", "tenant"]
    assert {"entity", "history", "subscription", "v2_registration"} <= set(tables["broker"])
    assert {"device", "device_group"} <= set(tables["ingest"])
    assert {"dataset"} <= set(tables["catalog"])


async def test_a_tenant_with_others_below_it_or_paid_for_by_it_is_not_deleted(
    hub: Hub, operator: httpx.AsyncClient
) -> None:
    await operator.put("/tenants/kagawa", json={})
    await operator.put("/tenants/takamatsu", json={"parent": "kagawa"})
    await operator.put("/tenants/marugame", json={"billing_party": "kagawa"})
    answer = await operator.delete("/tenants/kagawa")
    assert (answer.status_code, "marugame, takamatsu" in answer.json()["detail"]) == (409, True)
    assert (await operator.get("/tenants/kagawa")).json()["status"] == "active"


async def test_only_the_operator_deletes_and_only_a_service_confirms(hub: Hub, operator: httpx.AsyncClient) -> None:
    await operator.put("/tenants/takamatsu", json={})
    login = await register(operator, {}, grant("takamatsu", "*"))
    async with hub.client("auth", await hub.headers(login)) as client:
        assert (await client.delete("/tenants/takamatsu")).status_code == 403
        assert (await client.put("/tenants/takamatsu/deletion/broker", json={"rows": 0})).status_code == 403
        assert (await client.get("/tenants/takamatsu/deletion")).status_code == 403
    assert (await operator.put("/tenants/takamatsu/deletion/broker", json={"rows": 0})).status_code == 409
    assert (await operator.put("/tenants/takamatsu/deletion/portal", json={"rows": 0})).status_code == 404
    assert (await operator.delete("/tenants/nobody")).status_code == 404
