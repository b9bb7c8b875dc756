"""Streams of changes as a reader meets them: what is told, from where on, and that nothing is missed."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.integration.broker.stream.conftest import replica
from tests.support.event_stream import Told, reading
from tests.support.shared_broker import new_tenant

LD = "/stream/ngsi-ld/entities"
V2 = "/stream/v2/entities"
ONE = "urn:ngsi-ld:Gauge:1"
WRITERS, ROUNDS = 6, 40


@pytest.fixture
async def client(broker_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of the shared context broker, in a tenant of its own that has one entity."""
    async with httpx.AsyncClient(base_url=broker_url, headers={"NGSILD-Tenant": new_tenant()}) as client:
        await write(client, 999_999, depth=0)
        yield client


@pytest.fixture
async def own(broker: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a context broker of this test's own."""
    async with httpx.AsyncClient(base_url=broker) as client:
        yield client


async def write(client: httpx.AsyncClient, number: int, **values: Any) -> None:
    """Store a gauge, or some of its attributes."""
    entity = {"id": f"urn:ngsi-ld:Gauge:{number}", "type": "Gauge", **values}
    answer = await client.post("/ngsi-ld/v1/entityOperations/upsert?options=update", json=[entity])
    assert answer.is_success, answer.text


async def test_changes_and_deletions_are_told_as_they_happen(client: httpx.AsyncClient) -> None:
    await write(client, 1, level=1)
    async with reading(client, f"{LD}?type=Gauge&format=simplified") as stream:
        (ready,) = await stream.read_many(1)
        assert ready.kind == "ready"
        assert "@context" in ready.data
        await write(client, 1, level=2)
        await write(client, 2, level=7, river="Asuwa")
        assert (await client.delete(f"/ngsi-ld/v1/entities/{ONE}")).status_code == 204
        changed, created, deleted = await stream.read_many(3)
    assert changed == Told("message", {"id": ONE, "type": "Gauge", "level": 2})
    assert created.data == {"id": "urn:ngsi-ld:Gauge:2", "type": "Gauge", "level": 7, "river": "Asuwa"}
    assert deleted.kind == "deleted"
    assert deleted.data.keys() == {"id", "type", "deletedAt"}


@pytest.mark.parametrize(
    "query",
    [
        "id=urn:ngsi-ld:Gauge:1",
        "idPattern=:1$",
        "attrs=level",
        "q=level>5",
        "scopeQ=/kagawa/%23",
        "georel=near;maxDistance==2000&geometry=Point&coordinates=[134,34]",
        "notificationTrigger=attributeDeleted",
    ],
)
async def test_a_stream_is_filtered_like_a_subscription(client: httpx.AsyncClient, query: str) -> None:
    point = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [134.0, 34.0]}}
    async with reading(client, f"{LD}?{query}") as stream:
        await stream.read_many(1)
        await write(client, 9, depth=1)
        await write(client, 1, level=9, scope="/kagawa/takamatsu", location=point)
        if "Deleted" in query:
            await client.delete(f"/ngsi-ld/v1/entities/{ONE}/attrs/level")
        (told,) = await stream.read_many(1)
    assert told.data["id"] == ONE
    assert (told.data.get("location") is None) is (query == "attrs=level")


async def test_ngsiv2_readers_are_told_of_changes_in_their_words(client: httpx.AsyncClient) -> None:
    headers = {"Fiware-ServicePath": "/parks"}
    async with reading(client, f"{V2}?type=Room&attrs=level&options=keyValues&servicePath=/parks") as stream:
        await stream.read_many(1)
        room = {"id": "r", "type": "Room", "level": {"value": 1}, "name": {"value": "x"}}
        await client.post("/v2/entities", json={**room, "id": "other"})
        await client.post("/v2/entities", json=room, headers=headers)
        for value in (1, 2):  # only the second is a change
            answer = await client.patch("/v2/entities/r/attrs", json={"level": {"value": value}}, headers=headers)
            assert answer.status_code == 204
        await client.patch("/v2/entities/r/attrs", json={"name": {"value": "y"}}, headers=headers)
        await client.delete("/v2/entities/r", headers=headers)
        told = await stream.read_many(3)
    assert [each.data.get("level") for each in told] == [1, 2, None]
    assert told[0].data == {"id": "r", "type": "Room", "level": 1}
    assert told[2] == Told("deleted", {"id": "r", "type": "Room"})


async def test_linked_entities_can_be_asked_for_and_shown(client: httpx.AsyncClient) -> None:
    river = {"id": "urn:ngsi-ld:River:1", "type": "River", "flow": 3}
    await client.post("/ngsi-ld/v1/entities", json=river)
    query = "type=Gauge&q=river{flow}>2&join=inline&format=simplified"
    async with reading(client, f"{LD}?{query}") as stream:
        await stream.read_many(1)
        await write(client, 2, level=1)
        await write(client, 1, river={"type": "Relationship", "object": river["id"]})
        (told,) = await stream.read_many(1)
    assert told.data == {"id": ONE, "type": "Gauge", "river": river}


async def test_another_tenants_changes_are_not_told(client: httpx.AsyncClient, broker_url: str) -> None:
    path = f"{LD}?tenant={client.headers['NGSILD-Tenant']}"
    async with httpx.AsyncClient(base_url=broker_url) as plain, reading(plain, path) as stream:
        await stream.read_many(1)
        await write(plain, 1, level=4711)
        await write(client, 1, level=1)
        (told,) = await stream.read_many(1)
    assert told.data["level"]["value"] == 1


async def test_two_tenants_in_one_request_are_refused(client: httpx.AsyncClient) -> None:
    async with reading(client, f"{LD}?tenant=another") as stream:
        assert stream.status == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{LD}?q=((", 400),
        (f"{LD}?limit=5", 400),
        (f"{LD}?notificationTrigger=never", 400),
        (f"{V2}?options=values", 400),
        (f"{V2}?colour=red", 400),
        (f"{V2}?alterationTypes=never", 400),
        ("/stream/other", 404),
    ],
)
async def test_what_cannot_be_streamed_is_refused(client: httpx.AsyncClient, path: str, status: int) -> None:
    async with reading(client, path) as stream:
        assert stream.status == status


async def test_a_reader_that_was_away_is_told_what_it_missed(
    own: httpx.AsyncClient, database_url: str, tmp_path: Path
) -> None:
    await write(own, 1, level=0)
    async with reading(own, f"{LD}?attrs=level") as stream:
        await stream.read_many(1)
        await write(own, 1, level=1)
        await stream.read_many(1)
        last_id = stream.last_id
    await write(own, 1, level=2)
    await write(own, 1, name="not asked for")
    with replica(database_url, tmp_path) as other:
        path = f"{other}{LD}?attrs=level"
        async with httpx.AsyncClient() as second, reading(second, path, last_id=last_id) as stream:
            ready, missed = await stream.read_many(2)
            assert ready.kind == "ready"
            assert missed.data["level"]["value"] == 2
            await write(own, 1, level=3)  # through the first replica
            (told,) = await stream.read_many(1)
    assert told.data["level"]["value"] == 3


async def test_silence_moves_the_place_on(own: httpx.AsyncClient) -> None:
    await write(own, 1, level=0)
    async with reading(own, f"{LD}?attrs=level") as stream:
        await stream.read_many(1)
        first = stream.last_id
        await write(own, 1, name="not asked for")
        await asyncio.sleep(0.8)
        await write(own, 1, level=1)
        await stream.read_many(1)
        reached = stream.last_id
    assert int(reached.partition("-")[0]) > int(first.partition("-")[0])


@pytest.mark.parametrize("last_id", ["1-1-0", "nonsense", f"{10**15}-{10**15}-0"])
async def test_a_reader_that_was_away_too_long_is_told_of_the_gap(client: httpx.AsyncClient, last_id: str) -> None:
    await write(client, 1, level=0)
    async with reading(client, LD, last_id=last_id) as stream:
        (told,) = await stream.read_many(1)
        assert told.kind == "gap"
        await write(client, 1, level=1)
        (told,) = await stream.read_many(1)
    assert told.kind == "message"


async def test_what_was_deleted_from_the_log_is_a_gap(database_url: str, tmp_path: Path) -> None:
    with replica(database_url, tmp_path, stream_retention_s=10) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            await write(client, 1, level=0)
            async with reading(client, LD) as stream:
                await stream.read_many(1)
                last_id = stream.last_id
                await write(client, 1, level=1)
                await stream.read_many(1)
                await _age_the_log(database_url)
                async with asyncio.timeout(90):
                    while await _logged(database_url):  # noqa: ASYNC110  # the broker tells nobody of it
                        await asyncio.sleep(0.1)
            async with reading(client, LD, last_id=last_id) as stream:
                (told,) = await stream.read_many(1)
    assert told.kind == "gap"


async def _age_the_log(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("update broker.change_log set created_at = created_at - interval '1 hour'")
    await connection.close()


async def _logged(database_url: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        return int(await connection.fetchval("select count(*) from broker.change_log"))
    finally:
        await connection.close()


async def test_without_readers_nothing_is_logged(own: httpx.AsyncClient, database_url: str) -> None:
    await write(own, 1, level=0)
    assert await _logged(database_url) == 0


async def test_a_tenant_has_no_more_streams_than_it_may(database_url: str, tmp_path: Path) -> None:
    with replica(database_url, tmp_path, streams_per_tenant=1) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            await write(client, 1, level=0)
            async with reading(client, LD) as first:
                await first.read_many(1)
                async with reading(client, LD) as second:
                    assert second.status == 429
            async with asyncio.timeout(60):
                while True:
                    async with reading(client, LD) as third:
                        if third.status == 200:
                            break
                    await asyncio.sleep(0.05)


async def test_a_burst_larger_than_what_is_kept_in_memory_is_told_whole(client: httpx.AsyncClient) -> None:
    async with reading(client, f"{LD}?format=simplified&attrs=level") as stream:
        await stream.read_many(1)
        for start in range(0, 7000, 1000):
            batch = [{"id": f"urn:ngsi-ld:Gauge:{start + n}", "type": "Gauge", "level": n} for n in range(1000)]
            answer = await client.post("/ngsi-ld/v1/entityOperations/create", json=batch, timeout=60)
            assert answer.status_code == 201
        told = await stream.read_many(7000, 60)
    assert len({each.data["id"] for each in told}) == 7000


async def test_readers_that_come_and_go_over_two_replicas_miss_nothing_and_keep_each_entitys_order(
    broker: str, database_url: str, tmp_path: Path
) -> None:
    with replica(database_url, tmp_path) as other:
        async with httpx.AsyncClient(base_url=broker) as one, httpx.AsyncClient(base_url=other) as two:
            for number in range(WRITERS):
                await write(one, number, level=-1)
            seen: dict[str, list[int]] = {}
            started = asyncio.Event()
            reader = asyncio.create_task(_read_in_bits([one, two], seen, started))
            await started.wait()
            await asyncio.gather(*(_write_on(random.choice([one, two]), number) for number in range(WRITERS)))
            await asyncio.wait_for(reader, 60)
    assert list(seen.values()) == [list(range(ROUNDS))] * WRITERS


async def _write_on(client: httpx.AsyncClient, number: int) -> None:
    for level in range(ROUNDS):
        await write(client, number, level=level)


async def _read_in_bits(clients: list[httpx.AsyncClient], seen: dict[str, list[int]], started: asyncio.Event) -> None:
    last_id = None
    while sum(map(len, seen.values())) < WRITERS * ROUNDS:
        async with reading(random.choice(clients), f"{LD}?format=simplified&attrs=level", last_id=last_id) as stream:
            (ready,) = await stream.read_many(1)
            assert ready.kind == "ready"
            last_id = stream.last_id
            started.set()
            for _ in range(random.randint(1, 30)):
                if sum(map(len, seen.values())) == WRITERS * ROUNDS:
                    return
                (told,) = await stream.read_many(1)
                seen.setdefault(told.data["id"], []).append(told.data["level"])
                last_id = stream.last_id
