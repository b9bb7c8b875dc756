"""Connectors: fetched by schedule, once for each version, by one process, without telling their secrets."""

import asyncio
import base64
import contextlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from aiohttp import web

from tests.support.ingest import IngestBench, running_ingest
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until

TENANT = {"Fiware-Service": "yaizu"}
ROWS = "ID,名称,住所,緯度,経度\n1,A公園,焼津市1,34.8,138.3\n2,B公園,焼津市2,34.9,138.4\n"


@dataclass
class Source:
    """A city's server: what it was asked, and how it answers."""

    url: str = ""
    text: str = ROWS
    etag: str = '"1"'
    status: int = 200
    location: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        self.asked.append(dict(request.headers))
        self.keys.append(request.query.get("key", ""))
        if self.status != 200:
            return web.Response(status=self.status, headers={"Location": self.location} if self.location else {})
        if request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=304, headers={"ETag": self.etag})
        headers = {"ETag": self.etag} if self.etag else {}
        return web.Response(body=self.text.encode("cp932"), content_type="text/csv", headers=headers)


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    """Serve a source on a free loopback port."""
    found = Source()
    app = web.Application()
    app.router.add_get("/data/222127_park.csv", found.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/data/222127_park.csv"
    yield found
    await runner.cleanup()


@contextlib.asynccontextmanager
async def ingest(database_url: str, peer: NgsildPeer, **settings: Any) -> AsyncIterator[IngestBench]:
    given = {"egress": "loopback", **settings}
    async with running_ingest(database_url, broker_url=peer.url, **given) as bench:
        yield bench


def document(source: Source, **change: Any) -> dict[str, Any]:
    given = {
        "url": source.url + "?key={key}",
        "headers": {"X-Token": "{token}"},
        "secrets": {"key": "k&1", "token": "t0ps3cret"},
        "schedule": {"every_s": 3600},
        "type": "Park",
    }
    return {**given, **change}


async def settled(bench: IngestBench, outcome: str, name: str = "parks") -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def is_so() -> bool:
        nonlocal found
        found = (await bench.client.get(f"/connectors/{name}", headers=TENANT)).json()
        return bool(found["state"]["outcome"] == outcome)

    await until(is_so)
    return found


async def test_a_document_is_imported_once_for_each_version(
    database_url: str, peer: NgsildPeer, source: Source
) -> None:
    async with ingest(database_url, peer) as bench:
        answer = await bench.client.put("/connectors/parks", json=document(source), headers=TENANT)
        assert answer.status_code == 201, answer.text
        found = await settled(bench, "imported")
        assert (source.keys, source.asked[0]["X-Token"]) == (["k&1"], "t0ps3cret")
        assert "t0ps3cret" not in answer.text
        assert found["secrets"] == ["key", "token"]
        await until(lambda: len(peer.entities) == 2)
        runs = (await bench.client.get("/imports?connector=parks", headers=TENANT)).json()
        assert (runs["count"], runs["runs"][0]["report"]["file_name"]) == (1, "222127_park.csv")
        changed = document(source, description="Parks", secrets=None, schedule={"at": "0 6 * * *"})
        answer = await bench.client.put("/connectors/parks", json=changed, headers=TENANT)
        assert answer.status_code == 200, answer.text
        await until(lambda: len(source.asked) == 2)
        assert source.keys == ["k&1", "k&1"]
        await settled(bench, "imported")
        source.text = ROWS.replace("A公園", "C公園")
        source.etag = '"2"'
        answer = await bench.client.post("/connectors/parks/run", headers=TENANT)
        assert answer.status_code == 202
        await until(lambda: "C公園" in peer.values("yaizu", "urn:ngsi-ld:Park:yaizu-1", "name"))
        (told,) = (await bench.client.get("/sources", headers=TENANT)).json()
        assert (told["kind"], told["types"], told["host"]) == ("connector", ["Park"], "127.0.0.1")
        assert told["schedule"] == {"every_s": None, "at": "0 6 * * *"}
        assert "key" not in str(told), "nothing of address and secrets"
        assert (await bench.client.delete("/connectors/parks", headers=TENANT)).status_code == 204
        assert (await bench.client.get("/connectors", headers=TENANT)).json() == {"count": 0, "connectors": []}


async def test_what_has_not_changed_is_not_imported_again(database_url: str, peer: NgsildPeer, source: Source) -> None:
    async with ingest(database_url, peer) as bench:
        await bench.client.put("/connectors/parks", json=document(source), headers=TENANT)
        await settled(bench, "imported")
        for etag in ('"1"', ""):  # by the server's word, then by the content itself
            source.etag = etag
            await _make_due(database_url)
            await settled(bench, "unchanged")
            await _forget_outcome(database_url)
        assert [("If-None-Match" in each) for each in source.asked] == [False, True, True]
        assert (await bench.client.get("/imports?connector=parks", headers=TENANT)).json()["count"] == 1


async def test_a_source_that_fails_is_asked_again_later_each_time(
    database_url: str, peer: NgsildPeer, source: Source
) -> None:
    source.status = 500
    async with ingest(database_url, peer) as bench:
        await bench.client.put("/connectors/parks", json=document(source), headers=TENANT)
        found = await settled(bench, "failed")
        assert (found["failures"], found["state"]["error"]) == (1, "the server answers 500")
        source.status, source.location = 302, "http://169.254.169.254/latest/meta-data"
        await _make_due(database_url)
        await until(lambda: len(source.asked) == 2)

        async def has_failed_twice() -> bool:
            return bool((await bench.client.get("/connectors/parks", headers=TENANT)).json()["failures"] == 2)

        await until(has_failed_twice)
        found = (await bench.client.get("/connectors/parks", headers=TENANT)).json()
        assert "does not call" in found["state"]["error"]
        source.status = 200
        await _make_due(database_url)
        assert (await settled(bench, "imported"))["failures"] == 0


async def test_a_document_that_is_too_large_is_not_read(database_url: str, peer: NgsildPeer, source: Source) -> None:
    source.text = ROWS * 100
    async with ingest(database_url, peer, ingest_import_limit_bytes=1024) as bench:
        await bench.client.put("/connectors/parks", json=document(source), headers=TENANT)
        found = await settled(bench, "failed")
        assert "larger than 1,024 bytes" in found["state"]["error"]


async def test_of_several_processes_one_runs_a_connector(database_url: str, peer: NgsildPeer, source: Source) -> None:
    async with ingest(database_url, peer) as first, ingest(database_url, peer) as second:
        for number in range(4):
            answer = await first.client.put(f"/connectors/parks-{number}", json=document(source), headers=TENANT)
            assert answer.status_code == 201
            second.parts.connecting.kick()
        for number in range(4):
            await settled(first, "imported", f"parks-{number}")
        await asyncio.sleep(0)
        assert len(source.asked) == 4


async def test_documents_are_pushed_by_who_knows_the_secret(database_url: str, peer: NgsildPeer) -> None:
    push = {"scheme": "hmac-sha256", "header": "X-Signature", "secret": "key"}
    body = {"push": push, "secrets": {"key": "s3cret"}, "type": "Park"}
    content = b'{"items": [{"ID": 1, "\xe5\x90\x8d\xe7\xa7\xb0": "A"}]}'
    digest = hmac.new(b"s3cret", content, "sha256").digest()
    async with ingest(database_url, peer) as bench:
        assert (await bench.client.put("/connectors/parks", json=body, headers=TENANT)).status_code == 201
        assert (await bench.client.post("/connectors/parks/run", headers=TENANT)).status_code == 409
        shown = digest.hex(), f"sha256={digest.hex()}", base64.b64encode(digest).decode()
        for signature in shown:
            answer = await bench.devices.post(
                "/push/parks?tenant=yaizu", content=content, headers={"X-Signature": signature}
            )
            assert answer.status_code == 202, answer.text
        await until(lambda: ("yaizu", "urn:ngsi-ld:Park:yaizu-1") in peer.entities)
        assert (await bench.client.get("/imports?connector=parks", headers=TENANT)).json()["count"] == 3
        wrong: list[tuple[str, Any, int]] = [
            ("parks?tenant=yaizu", {}, 401),
            ("parks?tenant=yaizu", {"X-Signature": digest.hex()[:-1] + "x"}, 401),
            ("parks?tenant=yaizu", {"X-Signature": b"\xe9\xff"}, 401),
            ("parks", {"X-Signature": digest.hex()}, 404),
            ("none?tenant=yaizu", {"X-Signature": digest.hex()}, 404),
        ]
        for place, headers, status in wrong:
            answer = await bench.devices.post(f"/push/{place}", content=content, headers=headers)
            assert (place, answer.status_code) == (place, status)
        token = {**body, "push": {"scheme": "token", "header": "Authorization", "secret": "key"}}
        assert (await bench.client.put("/connectors/parks", json=token, headers=TENANT)).status_code == 200
        for given, status in (("Bearer s3cret", 202), ("s3cret", 202), ("Bearer s3cre", 401)):
            headers = {"Authorization": given}
            answer = await bench.devices.post("/push/parks?tenant=yaizu", content=content, headers=headers)
            assert (given, answer.status_code) == (given, status)


async def test_what_cannot_be_a_connector_is_refused(database_url: str, peer: NgsildPeer, source: Source) -> None:
    async with ingest(database_url, peer, egress="public") as bench:
        for change, field in (
            ({}, "url"),
            ({"url": "ftp://example.jp/a", "headers": {}}, "url"),
            ({"schedule": {"at": "61 * * * *"}}, "schedule.at"),
            ({"secrets": {}}, "secrets"),
            ({"type": None, "feed": "none"}, "feed"),
            ({"type": None, "mapping": "none"}, "mapping"),
            ({"options": {"a": "b"}}, "options"),
            ({"mapping": "park", "type": "Well"}, "type"),
            ({"type": "A B"}, None),
        ):
            body = document(source, **change)
            answer = await bench.client.put("/connectors/parks", json=body, headers=TENANT)
            assert answer.status_code in (400, 404), (change, answer.text)
            if field:
                assert answer.json()["field"] == field, answer.text
        for method, place in (("GET", "/none"), ("DELETE", "/none"), ("POST", "/none/run")):
            assert (await bench.client.request(method, f"/connectors{place}", headers=TENANT)).status_code == 404
        assert (await bench.client.get("/connectors", headers=TENANT)).json()["count"] == 0
    assert source.asked == []


async def _make_due(database_url: str) -> None:
    await _execute(database_url, "update connector set next_at = now() where leased_until is null")


async def _forget_outcome(database_url: str) -> None:
    await _execute(database_url, "update connector set state = state - 'outcome'")


async def _execute(database_url: str, statement: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "ingest"})
    try:

        async def is_free() -> bool:
            return bool(await connection.fetchval("select bool_and(leased_until is null) from connector"))

        await until(is_free)
        await connection.execute(statement)
    finally:
        await connection.close()
