"""An ingest in this process, with what it talks to, for tests."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from services.ingest.main import create_api, create_measures_app
from services.ingest.parts import Parts
from services.ingest.settings import IngestSettings
from services.ingest.sink.port import EntitySink
from services.kernel.app import wrap
from services.kernel.identity import TokenVerifier
from services.kernel.lifeline import die_with_parent
from services.local.ports import free_port
from tests.support.lifespan import living
from tests.support.patience import until

HEADERS = {"fiware-service": "fukui", "fiware-servicepath": "/"}
GROUP: Mapping[str, Any] = {
    "apikey": "rivers",
    "resource": "/iot/json",
    "entity_type": "WaterLevelObserved",
    "autoprovision": False,
    "attributes": [{"object_id": "level", "name": "waterLevel", "type": "Number", "unitCode": "MTR"}],
    "derivations": [
        {
            "name": "alertLevel",
            "kind": "rank-of-threshold",
            "of": "waterLevel",
            "thresholds": ["standbyLevel", "cautionLevel", "evacuationLevel", "dangerLevel"],
        }
    ],
}


def gauge(number: int, **more: Any) -> dict[str, Any]:
    """Return a river gauge as a device."""
    static = [
        {"name": "name", "type": "Text", "value": f"観測所{number}"},
        {"name": "standbyLevel", "type": "Number", "value": 3.5, "unitCode": "MTR"},
        {"name": "dangerLevel", "type": "Number", "value": 6.1, "unitCode": "MTR"},
    ]
    return {"device_id": f"gauge-{number}", "static_attributes": static, **more}


def entity_id(number: int) -> str:
    """Return the entity of a gauge."""
    return f"urn:ngsi-ld:WaterLevelObserved:gauge-{number}"


@dataclass
class IngestBench:
    """A running ingest: a client of its provisioning port, one of its measures' port, and its parts."""

    client: httpx.AsyncClient
    devices: httpx.AsyncClient
    parts: Parts
    app: Any = None

    async def provision(self, *numbers: int, group: Mapping[str, Any] = GROUP, **more: Any) -> None:
        """Create the group and gauges."""
        answer = await self.client.post("/iot/services", json={"services": [dict(group)]}, headers=HEADERS)
        assert answer.status_code == 201, answer.text
        if numbers:
            body = {"devices": [gauge(number, **more) for number in numbers]}
            answer = await self.client.post("/iot/devices", json=body, headers=HEADERS)
            assert answer.status_code == 201, answer.text

    async def send(self, device_id: str, body: Any, apikey: str = "rivers", **parameters: str) -> httpx.Response:
        """Send a measure over HTTP."""
        names = {"k": apikey, "i": device_id, **parameters}
        return await self.devices.post("/iot/json", params=names, json=body)

    async def letters(self, **parameters: str) -> list[dict[str, Any]]:
        """Return the dead letters, oldest first."""
        answer = await self.client.get("/dead-letters", params={"limit": "1000", **parameters})
        assert answer.status_code == 200, answer.text
        return list(reversed(answer.json()["letters"]))


@contextlib.asynccontextmanager
async def running_ingest(
    database_url: str, sink: EntitySink | None = None, verifier: TokenVerifier | None = None, **settings: Any
) -> AsyncIterator[IngestBench]:
    """Run an ingest; without `mqtt_url` its MQTT broker is away. `verifier` stands in for the one of the settings."""
    given = {
        "database_url": database_url,
        "mqtt_url": f"mqtt://127.0.0.1:{free_port()}",
        "auth_url": f"http://127.0.0.1:{free_port()}",
        "tenant_creation": "on-write",
        "ingest_key": "a key for tests of 32 characters!",
        **settings,
    }
    api = create_api(IngestSettings(**given), sink)
    if verifier is not None:
        api.state.verifier = api.state.parts.verifier = verifier
    parts: Parts = api.state.parts
    app = wrap(api, parts.settings, api.state.registry)
    async with living(app), contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(
                httpx.AsyncClient(transport=httpx.ASGITransport(each), base_url="http://ingest.test", timeout=60)  # type: ignore[arg-type]
            )
            for each in (app, create_measures_app(parts))
        ]
        yield IngestBench(clients[0], clients[1], parts, app)


@contextlib.asynccontextmanager
async def listening(app: Any, port: int) -> AsyncIterator[str]:
    """Let an app whose lifespan runs elsewhere listen on a loopback port, in this event loop."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    task = asyncio.ensure_future(server.serve())
    try:
        await until(lambda: server.started)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@contextlib.contextmanager
def ingest_process(
    database_url: str, broker_url: str, mqtt_url: str, port: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run ingest in a process of its own, which the test may kill; `port` is that of provisioning and imports."""
    environment = {
        "HIROBA_DATABASE_URL": database_url,
        "HIROBA_BROKER_URL": broker_url,
        "HIROBA_AUTH_URL": f"http://127.0.0.1:{free_port()}",
        "HIROBA_MQTT_URL": mqtt_url,
        "HIROBA_TENANT_CREATION": "on-write",
        "HIROBA_INGEST_PORT": str(port or free_port()),
        "HIROBA_INGEST_HTTP_PORT": str(free_port()),
    }
    command = [sys.executable, "-m", "services.cli", "serve", "ingest"]
    process = subprocess.Popen(command, env={**os.environ, **environment}, preexec_fn=die_with_parent())
    try:
        yield process
    finally:
        process.kill()
        process.wait(60)
