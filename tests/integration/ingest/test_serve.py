"""The service as one process with two ports: how it starts and ends."""

import asyncio
import os
import signal
import subprocess
import sys

import httpx
import pytest

from services.ingest.main import create_api, create_measures_api, serve
from services.ingest.settings import IngestSettings
from services.ingest.sink.port import EntityBatch, Written
from services.local.ports import free_port
from tests.support.ingest import GROUP, HEADERS, entity_id, gauge, running_ingest
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until


class BrokenSink:
    """A sink with a fault that nobody foresaw."""

    async def write(self, batch: EntityBatch) -> Written:
        raise ZeroDivisionError("a fault")

    async def is_reachable(self) -> bool:
        return True

    async def close(self) -> None:
        """Release nothing."""


def _start(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "services.cli", "serve", "ingest"], env=environment)


async def _answers(url: str) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(url)).status_code == 200
        except httpx.TransportError:
            return False


async def test_at_sigterm_the_measure_under_way_is_committed_and_answered(database_url: str, peer: NgsildPeer) -> None:
    north, south = free_port(), free_port()
    environment = {
        **os.environ,
        "HIROBA_DATABASE_URL": database_url,
        "HIROBA_BROKER_URL": peer.url,
        "HIROBA_AUTH_URL": f"http://127.0.0.1:{free_port()}",
        "HIROBA_MQTT_URL": f"mqtt://127.0.0.1:{free_port()}",
        "HIROBA_INGEST_PORT": str(north),
        "HIROBA_INGEST_HTTP_PORT": str(south),
        "HIROBA_TENANT_CREATION": "on-write",
    }
    process = _start(environment)
    try:
        await until(lambda: _answers(f"http://127.0.0.1:{south}/openapi.json"))
        async with httpx.AsyncClient(timeout=30) as client:
            base = f"http://127.0.0.1:{north}/iot"
            await client.post(f"{base}/groups", json={"groups": [dict(GROUP)]}, headers=HEADERS)
            await client.post(f"{base}/devices", json={"devices": [gauge(1)]}, headers=HEADERS)
            peer.flowing.clear()
            url = f"http://127.0.0.1:{south}/iot/json"
            names = {"k": "rivers", "i": "gauge-1"}
            sending = asyncio.ensure_future(client.post(url, params=names, json={"level": 1}))
            await until(lambda: peer.requests == 1)
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            peer.flowing.set()
            assert (await sending).status_code == 200
        assert await asyncio.to_thread(process.wait, 20) == 0
        assert peer.values("fukui", entity_id(1), "waterLevel") == [1]
    finally:
        process.kill()


async def test_a_fault_that_ends_the_intake_ends_the_service(database_url: str) -> None:
    settings = {"database_url": database_url, "mqtt_url": f"mqtt://127.0.0.1:{free_port()}"}
    async with running_ingest(database_url) as bench:
        await bench.provision(1)
    south = free_port()
    service = asyncio.ensure_future(
        serve(
            IngestSettings(**settings, ingest_port=free_port(), ingest_http_port=south, ingest_http_wait_s=1),
            BrokenSink(),
        )
    )
    await until(lambda: _answers(f"http://127.0.0.1:{south}/openapi.json"))
    async with httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{south}/iot/json"
        sending = asyncio.ensure_future(client.post(url, params={"k": "rivers", "i": "gauge-1"}, json={"level": 1}))
        with pytest.raises(RuntimeError, match="no longer taken in"):
            await asyncio.wait_for(service, 60)
        sending.cancel()


async def test_every_route_is_documented() -> None:
    api = create_api(IngestSettings())
    documents = [api.openapi(), create_measures_api(api.state.parts).openapi()]
    operations = [
        (f"{method.upper()} {path}", operation)
        for document in documents
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    assert len(operations) > 60
    for name, operation in operations:
        assert operation["summary"], name
        assert operation["tags"], name
        assert "422" not in operation["responses"], name
        assert [each["name"] for each in operation.get("parameters", []) if not each.get("description")] == [], name
    identifiers = [operation["operationId"] for _, operation in operations]
    assert len(set(identifiers)) == len(identifiers)
