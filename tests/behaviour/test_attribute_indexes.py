"""Declared attribute indexes over HTTP, through both faces."""

import asyncio

import httpx

from tests.support.faces import FaceClient
from tests.support.shared_broker import new_tenant


async def _declared(client: httpx.AsyncClient, tenant: str, name: str) -> None:
    headers = {"Fiware-Service": tenant}
    assert (await client.put(f"/indexes/{name}", headers=headers)).status_code == 204
    async with asyncio.timeout(60):
        while not await _all_ready(client, headers):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _all_ready(client: httpx.AsyncClient, headers: dict[str, str]) -> bool:
    return all(each["is_ready"] for each in (await client.get("/indexes", headers=headers)).json())


async def test_queries_by_an_indexed_attribute_find_what_they_found_before(
    broker: httpx.AsyncClient, tenant: str, writer: FaceClient, reader: FaceClient
) -> None:
    for number in range(5):
        await writer.create(f"urn:ngsi-ld:Gauge:{number}", "Gauge", {"level": number, "place": f"橋{number}"})

    async def found(q: str) -> list[str]:
        return sorted(each["id"] for each in (await reader.query(type="Gauge", q=q)).json())

    questions = ("level==3", "level>2", "level==1..2", "level==0,4", "level!=1")
    before = [await found(q) for q in questions]
    await _declared(broker, tenant, "level")
    assert [await found(q) for q in questions] == before
    await writer.update("urn:ngsi-ld:Gauge:3", {"level": 9})
    assert await found("level==9") == ["urn:ngsi-ld:Gauge:3"]
    assert await found("level==3") == []


async def test_an_index_that_is_not_there_cannot_be_dropped(
    broker: httpx.AsyncClient, writer: FaceClient, tenant: str
) -> None:
    await writer.create("urn:ngsi-ld:Gauge:1", "Gauge", {"level": 1})
    answer = await broker.delete("/indexes/level", headers={"Fiware-Service": tenant})
    assert answer.status_code == 404


async def test_an_unknown_tenant_has_no_indexes(broker: httpx.AsyncClient) -> None:
    answer = await broker.get("/indexes", headers={"Fiware-Service": new_tenant()})
    assert answer.status_code == 404
