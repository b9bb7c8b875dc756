"""Who may follow a stream: like a query, with a token or a ticket made of one, and no longer than it is good."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.broker.stream.conftest import replica
from tests.support.auth import grant
from tests.support.event_stream import reading
from tests.support.issuer import Issuer, issuing

LD = "/stream/ngsi-ld/entities"
V2 = "/stream/v2/entities"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
async def client(issuer: Issuer, database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a context broker that wants tokens, in which Fukui has one entity."""
    with replica(database_url, tmp_path, auth="required", auth_url=issuer.url, issuer=issuer.url) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            headers = {**issuer.bearer(grant("*", "*")), "NGSILD-Tenant": "fukui"}
            answer = await client.post("/ngsi-ld/v1/entities", json={"id": "urn:g:1", "type": "G"}, headers=headers)
            assert answer.status_code == 201
            yield client


@pytest.mark.parametrize("path", [f"{LD}?tenant=fukui", f"{V2}?tenant=fukui"])
async def test_a_stream_wants_a_token_with_a_grant_to_read(
    client: httpx.AsyncClient, issuer: Issuer, path: str
) -> None:
    for headers, status in (
        ({}, 401),
        (issuer.bearer(grant("takamatsu", "read")), 403),
        (issuer.bearer(grant("fukui", "write", "subscribe")), 403),
        (issuer.bearer(grant("fukui", "read")), 200),
    ):
        async with reading(client, path, headers=headers) as stream:
            assert stream.status == status


async def test_a_service_path_is_authorised_like_a_query(client: httpx.AsyncClient, issuer: Issuer) -> None:
    headers = issuer.bearer(grant("fukui", "read", path="/parks/#"))
    for query, status in (("", 403), ("&servicePath=/roads", 403), ("&servicePath=/parks/%23", 200)):
        async with reading(client, f"{V2}?tenant=fukui{query}", headers=headers) as stream:
            assert stream.status == status


async def test_a_reader_is_told_what_its_grants_reach_and_no_more(client: httpx.AsyncClient, issuer: Issuer) -> None:
    writer = {**issuer.bearer(grant("*", "*")), "NGSILD-Tenant": "fukui"}
    narrow = issuer.bearer({**grant("fukui", "read", types=("Gauge",)), "attributes": ["level"]})
    async with reading(client, f"{LD}?tenant=fukui&format=simplified", headers=narrow) as stream:
        await stream.read_many(1)
        for number, kind in enumerate(("Pump", "Gauge")):
            entity = {"id": f"urn:x:{number}", "type": kind, "level": 1, "secret": 4711}
            answer = await client.post("/ngsi-ld/v1/entities", json=entity, headers=writer)
            assert answer.status_code == 201
        await client.patch("/ngsi-ld/v1/entities/urn:x:1/attrs", json={"secret": 4712}, headers=writer)
        await client.patch("/ngsi-ld/v1/entities/urn:x:1/attrs", json={"level": 2}, headers=writer)
        await client.delete("/ngsi-ld/v1/entities/urn:x:1", headers=writer)
        told = await stream.read_many(3)
    assert [each.data.get("level") for each in told] == [1, 2, None]
    assert [each.data["id"] for each in told] == ["urn:x:1"] * 3
    assert all("secret" not in each.data for each in told)
    async with reading(client, f"{LD}?tenant=fukui&q=secret>1", headers=narrow) as stream:
        assert stream.status == 403


async def test_a_ticket_opens_streams_and_nothing_else(client: httpx.AsyncClient, issuer: Issuer) -> None:
    assert (await client.post("/stream/tickets")).status_code == 401
    answer = await client.post("/stream/tickets", headers=issuer.bearer(grant("fukui", "read")))
    assert answer.status_code == 201
    ticket = answer.json()["ticket"]
    async with reading(client, f"{LD}?tenant=fukui&ticket={ticket}") as stream:
        assert stream.status == 200
    async with reading(client, f"{LD}?tenant=takamatsu&ticket={ticket}") as stream:
        assert stream.status == 403
    asked = await client.get("/ngsi-ld/v1/entities?type=G", headers={"Authorization": f"Bearer {ticket}"})
    assert asked.status_code == 401


async def test_a_stream_ends_with_its_token(client: httpx.AsyncClient, issuer: Issuer) -> None:
    headers = issuer.bearer(grant("fukui", "read"), seconds=-8)  # good for two more seconds of leeway
    async with reading(client, f"{LD}?tenant=fukui", headers=headers) as stream:
        assert stream.status == 200
        await stream.read_many(1)
        async with asyncio.timeout(60):
            assert await stream.read() is None
