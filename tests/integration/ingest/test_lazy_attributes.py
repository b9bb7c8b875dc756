"""Lazy attributes: who reads an entity gets what its device answers, over each transport, and it is not stored."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from aiohttp import web

from services.local.ports import free_port
from tests.support.ingest import HEADERS, IngestBench
from tests.support.mqtt import MqttServer, device, mosquitto
from tests.support.patience import until
from tests.support.providing import commanding, listener

LAMP = "urn:ngsi-ld:Lamp:lamp1"
V2 = {"Fiware-Service": "fukui", "Fiware-ServicePath": "/"}
GROUP = {
    "apikey": "lamps",
    "resource": "/iot/json",
    "entity_type": "Lamp",
    "lazy": [
        {"object_id": "b", "name": "batteryLevel", "type": "Number", "metadata": {"unitCode": {"value": "C62"}}},
        {"object_id": "f", "name": "temperature", "type": "Number", "expression": "(f - 32) / 1.8"},
    ],
}
ASKED = {"entities": [{"id": LAMP, "type": "Lamp"}], "attrs": ["batteryLevel"]}


async def provision(bench: IngestBench, broker: httpx.AsyncClient, **fields: Any) -> None:
    for path, body in (
        ("/iot/groups", {"groups": [GROUP]}),
        ("/iot/devices", {"devices": [{"device_id": "lamp1", **fields}]}),
    ):
        answer = await bench.client.post(path, json=body, headers=HEADERS)
        assert answer.status_code == 201, answer.text
    assert (await bench.send("lamp1", {"brightness": 1}, "lamps")).status_code == 200

    async def is_registered() -> bool:
        asked = {"type": "Lamp"}
        ld = await broker.get("/ngsi-ld/v1/csourceRegistrations", params=asked, headers={"NGSILD-Tenant": "fukui"})
        return [each["operations"] for each in ld.json()] == [["retrieveOps"]]

    await until(is_registered)


async def shown(broker: httpx.AsyncClient, **asked: str) -> Mapping[str, Any]:
    """Read the lamp with NGSIv2."""
    answer = await broker.get(f"/v2/entities/{LAMP}", params={"type": "Lamp", **asked}, headers=V2)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@contextlib.asynccontextmanager
async def answering(mqtt: MqttServer, answers: Mapping[str, tuple[str, bytes]]) -> AsyncIterator[list[str]]:
    """Let a device answer each question, if it knows an answer, on a topic; yield the questions it was asked."""
    questions: list[str] = []
    async with listener(mqtt, "/lamps/lamp1/lazy/commands") as asked, device(mqtt) as lamp:

        async def answer() -> None:
            while True:
                questions.append((await asked.get()).decode())
                if questions[-1] in answers:
                    lamp.publish(*answers[questions[-1]])

        task = asyncio.ensure_future(answer())
        try:
            yield questions
        finally:
            task.cancel()


@pytest.mark.needs("mosquitto")
async def test_a_device_over_mqtt_is_asked_when_its_entity_is_read(
    database_url: str, broker: httpx.AsyncClient, tmp_path: Path
) -> None:
    all_of_it = orjson.dumps({"type": "lazy", "fields": ["b", "f"]}).decode()
    one = orjson.dumps({"type": "lazy", "fields": ["b"]}).decode()
    answers = {
        all_of_it: ("/json/lamps/lamp1/lazy/values", b'{"b": "47", "f": 68, "other": 1}'),
        one: ("lamps/lamp1/lazy/values", b'{"b": 46}'),
        "lamp1@lazy|b|f": ("/ul/lamps/lamp1/lazy/values", b"b|45|f|50"),
    }
    with mosquitto(tmp_path) as mqtt:
        settings = {"mqtt_url": mqtt.url, "ingest_lazy_timeout_s": 60}
        async with commanding(database_url, broker, **settings) as bench, answering(mqtt, answers) as questions:
            await until(lambda: bench.parts.receiver.is_connected)
            await provision(bench, broker)
            found = await shown(broker)
            assert (found["batteryLevel"]["type"], found["batteryLevel"]["value"]) == ("Number", 47)
            assert found["batteryLevel"]["metadata"]["unitCode"] == {"type": "Text", "value": "C62"}
            assert (found["temperature"]["value"], found["brightness"]["value"]) == (20, 1)
            assert "other" not in found
            both = await asyncio.gather(*(shown(broker, attrs="batteryLevel") for _ in range(3)))
            assert [each["batteryLevel"]["value"] for each in both] == [46, 46, 46]
            assert questions == [all_of_it, one, one, one]
            stored = await shown(broker, options="skipForwarding")
            assert "batteryLevel" not in stored
            retrieved = await bench.client.get(f"/ngsi-ld/v1/entities/{LAMP}?attrs=batteryLevel", headers=V2)
            assert retrieved.json()["batteryLevel"]["value"] == 46
            queried = await bench.client.get("/ngsi-ld/v1/entities?type=Lamp&attrs=batteryLevel", headers=V2)
            assert [each["id"] for each in queried.json()] == [LAMP]
            changed = {"protocol": "PDI-IoTA-UltraLight"}
            assert (await bench.client.put("/iot/devices/lamp1", json=changed, headers=HEADERS)).status_code == 204
            found = await shown(broker)
            assert (found["batteryLevel"]["value"], found["temperature"]["value"]) == (45, 10)


@pytest.mark.needs("mosquitto")
async def test_a_device_that_is_silent_is_not_waited_for_longer_than_is_said(
    database_url: str, broker: httpx.AsyncClient, tmp_path: Path
) -> None:
    with mosquitto(tmp_path) as mqtt:
        settings = {"mqtt_url": mqtt.url, "ingest_lazy_timeout_s": 0.5}
        async with commanding(database_url, broker, **settings) as bench, answering(mqtt, {}) as questions:
            await provision(bench, broker, protocol="PDI-IoTA-UltraLight")
            assert "batteryLevel" not in await shown(broker)
            refused = await bench.client.post("/v2/op/query", json=ASKED, headers=V2)
            assert refused.status_code == 503
            await until(lambda: questions == ["lamp1@lazy|b|f", "lamp1@lazy|b"])


async def test_a_device_with_an_endpoint_is_asked_there(database_url: str, broker: httpx.AsyncClient) -> None:
    values: dict[str, Any] = {"/lamps/lamp1/b": 47, "/lamps/lamp1/f": {"f": 68}}
    seen: list[str | None] = []

    async def take(request: web.Request) -> web.Response:
        seen.append(request.headers.get("fiware-service"))
        return web.json_response(values[request.path]) if request.path in values else web.Response(status=500)

    app = web.Application()
    app.router.add_get("/{tail:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        async with commanding(database_url, broker) as bench:
            await provision(bench, broker, endpoint=f"'http://127.0.0.1:{port}/lamps/' + id", transport="HTTP")
            found = await shown(broker)
            assert (found["batteryLevel"]["value"], found["temperature"]["value"]) == (47, 20)
            assert seen == ["fukui", "fukui"]
            del values["/lamps/lamp1/b"]
            assert "batteryLevel" not in await shown(broker)
    finally:
        await runner.cleanup()


async def test_what_cannot_be_asked_for_is_refused(database_url: str, broker: httpx.AsyncClient) -> None:
    async with commanding(database_url, broker) as bench:
        await provision(bench, broker, polling=True)
        for body, status in (
            (ASKED, 503),
            ({**ASKED, "attrs": ["brightness"]}, 404),
            ({"entities": [{"id": "urn:ngsi-ld:Lamp:none"}]}, 404),
            ({"entities": [{"idPattern": ".*"}]}, 400),
            ({"entities": []}, 400),
        ):
            answer = await bench.client.post("/v2/op/query", json=body, headers=V2)
            assert answer.status_code == status, body
        assert (await bench.client.get("/ngsi-ld/v1/entities", headers=V2)).status_code == 400
        assert "batteryLevel" not in await shown(broker)
