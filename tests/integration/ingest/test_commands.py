"""Commands: from the context broker through ingest to a device, and its result back, over each transport."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from aiohttp import web

from services.local.ports import free_port
from tests.support.ingest import HEADERS, IngestBench
from tests.support.mqtt import device, mosquitto
from tests.support.patience import until
from tests.support.providing import commanding, listener

LAMP = "urn:ngsi-ld:Lamp:lamp1"
TENANT = {"Fiware-Service": "fukui"}
V2 = {**TENANT, "Fiware-ServicePath": "/"}
GROUP = {
    "apikey": "lamps",
    "resource": "/iot/json",
    "entity_type": "Lamp",
    "commands": [{"name": "on", "type": "command"}, {"name": "dim", "type": "command"}],
}


async def provision(bench: IngestBench, broker: httpx.AsyncClient, group: dict[str, Any], **fields: Any) -> None:
    answer = await bench.client.post("/iot/groups", json={"groups": [group]}, headers=HEADERS)
    assert answer.status_code == 201, answer.text
    body = {"devices": [{"device_id": "lamp1", **fields}]}
    answer = await bench.client.post("/iot/devices", json=body, headers=HEADERS)
    assert answer.status_code == 201, answer.text
    await until(lambda: _is_registered(broker))
    assert (await bench.send("lamp1", {"brightness": 1}, "lamps")).status_code == 200


async def _is_registered(broker: httpx.AsyncClient) -> bool:
    v2 = (await broker.get("/v2/registrations", headers=V2)).json()
    ld = (await broker.get("/ngsi-ld/v1/csourceRegistrations?type=Lamp", headers={"NGSILD-Tenant": "fukui"})).json()
    return len(v2) == 1 and len(ld) == 1


async def give(broker: httpx.AsyncClient, name: str, value: Any) -> None:
    """Update a command's attribute with NGSIv2."""
    body = {name: {"type": "command", "value": value}}
    answer = await broker.patch(f"/v2/entities/{LAMP}/attrs?type=Lamp", json=body, headers=V2)
    assert answer.status_code == 204, answer.text


async def state(broker: httpx.AsyncClient, name: str) -> tuple[Any, Any]:
    """Return status and info of a command."""
    entity = (await broker.get(f"/v2/entities/{LAMP}?options=keyValues", headers=V2)).json()
    return entity.get(f"{name}_status"), entity.get(f"{name}_info")


async def until_state(broker: httpx.AsyncClient, name: str, wanted: tuple[Any, Any]) -> None:
    async def holds() -> bool:
        return await state(broker, name) == wanted

    await until(holds)


@pytest.mark.needs("mosquitto")
async def test_a_command_reaches_a_device_over_mqtt_and_its_result_comes_back(
    database_url: str, broker: httpx.AsyncClient, tmp_path: Path
) -> None:
    with mosquitto(tmp_path) as mqtt:
        async with commanding(database_url, broker, mqtt_url=mqtt.url) as bench, device(mqtt) as lamp:
            await until(lambda: bench.parts.receiver.is_connected)
            computed = {"name": "dim", "type": "command", "expression": "{level: dim, by: id}"}
            await provision(bench, broker, {**GROUP, "commands": [GROUP["commands"][0], computed]}, transport="MQTT")
            async with listener(mqtt, "/lamps/lamp1/cmd") as received:
                await give(broker, "on", {"level": 5})
                assert orjson.loads(await asyncio.wait_for(received.get(), 60)) == {"on": {"level": 5}}
                assert (await state(broker, "on"))[0] == "PENDING"
                lamp.publish("/json/lamps/lamp1/cmdexe", {"on": "is on"})
                await until_state(broker, "on", ("OK", "is on"))
                answer = await broker.patch(
                    f"/ngsi-ld/v1/entities/{LAMP}/attrs/dim",
                    json={"type": "Property", "value": 30},
                    headers={"NGSILD-Tenant": "fukui"},
                )
                assert answer.status_code == 204, answer.text
                assert orjson.loads(await asyncio.wait_for(received.get(), 60)) == {"level": 30, "by": "lamp1"}
                lamp.publish("/lamps/lamp1/cmdexe", {"dim": 30})
                await until_state(broker, "dim", ("OK", 30))
                lamp.publish("/json/lamps/lamp1/cmdexe", {"explode": 1})

                async def is_parked() -> bool:
                    return [each["reason"] for each in await bench.letters()] == ["unknown-command"]

                await until(is_parked)


@pytest.mark.needs("mosquitto")
async def test_a_command_is_written_as_its_definition_says(
    database_url: str, broker: httpx.AsyncClient, tmp_path: Path
) -> None:
    commands = [
        {"name": "on", "type": "command", "expression": "{set: on * 2, by: id}", "payloadType": "text"},
        {"name": "dim", "type": "command", "payloadType": "binaryfromhex"},
    ]
    with mosquitto(tmp_path) as mqtt:
        async with commanding(database_url, broker, mqtt_url=mqtt.url) as bench:
            await until(lambda: bench.parts.receiver.is_connected)
            await provision(bench, broker, {**GROUP, "commands": commands}, protocol="PDI-IoTA-UltraLight")
            async with listener(mqtt, "/lamps/lamp1/cmd") as received:
                await give(broker, "on", 21)
                assert await asyncio.wait_for(received.get(), 60) == b"lamp1@on|set=42|by=lamp1"
                await give(broker, "dim", "0aff")
                assert await asyncio.wait_for(received.get(), 60) == b"\x0a\xff"
                await give(broker, "dim", "not hexadecimal")

                async def fails() -> bool:
                    return (await state(broker, "dim"))[0] == "ERROR"

                await until(fails)


@pytest.mark.parametrize("protocol", ["json", "ul"])
async def test_a_device_that_fetches_its_commands_gets_them_once(
    database_url: str, broker: httpx.AsyncClient, protocol: str
) -> None:
    async with commanding(database_url, broker) as bench:
        await provision(bench, broker, GROUP, polling=True)
        await give(broker, "on", "now")
        await give(broker, "dim", 5)
        assert (await state(broker, "on"))[0] == "PENDING"
        path = "/iot/json" if protocol == "json" else "/iot/d"
        names = {"k": "lamps", "i": "lamp1", "getCmd": "1"}
        answer = await bench.devices.get(path, params=names)
        expected = {"on": "now", "dim": 5} if protocol == "json" else "lamp1@on|now#lamp1@dim|5"
        assert (answer.json() if protocol == "json" else answer.text) == expected
        assert (await state(broker, "on"))[0] == "DELIVERED"
        again = await bench.devices.get(path, params=names)
        assert again.text in ("{}", "")
        text = {"content-type": "text/plain"}
        if protocol == "json":
            answer = await bench.devices.post("/iot/json/commands", params=names, json={"on": "done"})
        else:
            answer = await bench.devices.post(path, params=names, content="lamp1@on|done", headers=text)
        assert answer.status_code == 200
        assert await state(broker, "on") == ("OK", "done")


async def test_a_device_that_registers_itself_takes_its_groups_commands(
    database_url: str, broker: httpx.AsyncClient
) -> None:
    async with commanding(database_url, broker) as bench:
        group = {**GROUP, "autoprovision": True, "transport": "HTTP"}
        assert (await bench.client.post("/iot/groups", json={"groups": [group]}, headers=HEADERS)).status_code == 201
        await until(bench.parts.registering.is_settled)
        assert (await bench.send("lamp1", {"brightness": 1}, "lamps")).status_code == 200
        await until(lambda: _is_registered(broker))
        await give(broker, "on", "now")
        answer = await bench.devices.get("/iot/json", params={"k": "lamps", "i": "lamp1", "getCmd": "1"})
        assert answer.json() == {"on": "now"}


async def test_a_measure_is_answered_with_the_commands_that_wait(database_url: str, broker: httpx.AsyncClient) -> None:
    async with commanding(database_url, broker) as bench:
        await provision(bench, broker, GROUP, polling=True)
        await give(broker, "on", "now")
        answer = await bench.send("lamp1", {"brightness": 2}, "lamps", getCmd="1")
        assert answer.json() == {"on": "now"}


async def test_a_command_that_nobody_fetches_expires(database_url: str, broker: httpx.AsyncClient) -> None:
    async with commanding(database_url, broker, ingest_command_expiry_s=0.2) as bench:
        await provision(bench, broker, {**GROUP, "ngsiVersion": "v2"}, polling=True, entity_name=LAMP)
        await give(broker, "on", "now")
        await until_state(broker, "on", ("EXPIRED", None))
        attribute = (await broker.get(f"/v2/entities/{LAMP}/attrs/on_status", headers=V2)).json()
        assert attribute["type"] == "commandStatus"
        answer = await bench.devices.get("/iot/json", params={"k": "lamps", "i": "lamp1", "getCmd": "1"})
        assert answer.json() == {}


async def test_a_command_is_posted_to_the_devices_endpoint(database_url: str, broker: httpx.AsyncClient) -> None:
    seen: list[tuple[str, Any, str]] = []

    async def take(request: web.Request) -> web.Response:
        seen.append((request.path, await request.json(), request.headers.get("X-Key", "")))
        return web.json_response({"on": "turned"}) if len(seen) == 1 else web.Response(status=500, text="broken")

    app = web.Application()
    app.router.add_post("/{tail:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    commands = [{"name": "on", "type": "command", "headers": {"X-Key": "'k-' + id"}}]
    try:
        async with commanding(database_url, broker) as bench:
            endpoint = f"'http://127.0.0.1:{port}/lamps/' + id"
            await provision(bench, broker, {**GROUP, "commands": commands}, endpoint=endpoint, transport="HTTP")
            await give(broker, "on", 1)
            await until_state(broker, "on", ("OK", "turned"))
            assert seen == [("/lamps/lamp1", {"on": 1}, "k-lamp1")]
            await give(broker, "on", 2)
            await until_state(broker, "on", ("ERROR", "The device answers 500: broken"))
    finally:
        await runner.cleanup()


async def test_an_endpoint_in_a_network_that_is_not_called_fails_the_command(
    database_url: str, broker: httpx.AsyncClient
) -> None:
    async with commanding(database_url, broker, egress="public") as bench:
        await provision(bench, broker, GROUP, endpoint="http://127.0.0.1:9/", transport="HTTP")
        await give(broker, "on", 1)

        async def fails() -> bool:
            return (await state(broker, "on"))[0] == "ERROR"

        await until(fails)


async def test_without_its_device_a_command_is_no_longer_taken(database_url: str, broker: httpx.AsyncClient) -> None:
    async with commanding(database_url, broker) as bench:
        await provision(bench, broker, GROUP, polling=True)
        assert (await bench.client.delete("/iot/devices/lamp1", headers=HEADERS)).status_code == 204

        async def is_taken_back() -> bool:
            return (await broker.get("/v2/registrations", headers=V2)).json() == []

        await until(is_taken_back)


async def test_what_is_no_command_is_not_found(database_url: str, broker: httpx.AsyncClient) -> None:
    async with commanding(database_url, broker) as bench:
        await provision(bench, broker, GROUP)
        body = {"actionType": "update", "entities": [{"id": LAMP, "type": "Lamp", "explode": {"value": 1}}]}
        answer = await bench.client.post("/v2/op/update", json=body, headers=V2)
        assert answer.status_code == 404
        answer = await bench.client.post("/v2/op/update", json={"entities": 5}, headers=V2)
        assert answer.status_code == 400


async def test_commands_come_as_notifications_where_the_group_says_so(
    database_url: str, broker: httpx.AsyncClient
) -> None:
    async with commanding(database_url, broker) as bench:
        group = {**GROUP, "cmdMode": "notification"}
        created = await bench.client.post("/iot/groups", json={"groups": [group]}, headers=HEADERS)
        assert created.status_code == 201, created.text
        devices = {"devices": [{"device_id": "lamp1", "polling": True}]}
        assert (await bench.client.post("/iot/devices", json=devices, headers=HEADERS)).status_code == 201
        await until(lambda: _is_subscribed(broker))
        assert (await broker.get("/v2/registrations", headers=V2)).json() == []
        initial = (await broker.get(f"/v2/entities/{LAMP}", headers=V2)).json()
        assert initial["on"] == {"type": "command", "value": None, "metadata": {}}
        waiting = {"k": "lamps", "i": "lamp1", "getCmd": "1"}
        for _ in range(2):
            await give(broker, "on", "now")
            await until(lambda: _is_pending(broker))
            assert (await bench.devices.get("/iot/json", params=waiting)).json() == {"on": "now"}
            answer = await bench.devices.post("/iot/json/commands", params=waiting, json={"on": "done"})
            assert answer.status_code == 200
            await until_state(broker, "on", ("OK", "done"))
        changed = {"cmdMode": "legacy"}
        assert (await bench.client.put("/iot/devices/lamp1", json=changed, headers=HEADERS)).status_code == 204
        await until(lambda: _is_registered(broker))
        assert (await broker.get("/v2/subscriptions", headers=V2)).json() == []
        await give(broker, "dim", 5)
        assert (await bench.devices.get("/iot/json", params=waiting)).json() == {"dim": 5}


async def test_a_notification_is_held_against_its_seal(database_url: str, broker: httpx.AsyncClient) -> None:
    async with commanding(database_url, broker) as bench:
        await provision(bench, broker, {**GROUP, "lazy": [{"name": "battery"}]}, polling=True)
        body = {"data": [{"id": LAMP, "on": {"value": 1}, "dim": {"value": None}}]}
        mine = bench.parts.seal.close(f"fukui\n{LAMP}")
        for seal, status in ((mine, 204), (bench.parts.seal.close("fukui\nother"), 401), ("no seal", 401)):
            answer = await bench.client.post("/notify", json=body, headers={"X-Hiroba-Seal": seal})
            assert answer.status_code == status
        assert (await bench.client.post("/notify", json={"data": [5]}, headers=V2)).status_code == 400
        refused = await bench.client.put("/iot/devices/lamp1", json={"cmdMode": "pigeon"}, headers=HEADERS)
        assert (refused.status_code, "cmdMode" in refused.text) == (400, True)
        waiting = {"k": "lamps", "i": "lamp1", "getCmd": "1"}
        assert (await bench.devices.get("/iot/json", params=waiting)).json() == {"on": 1}


async def _is_subscribed(broker: httpx.AsyncClient) -> bool:
    found = (await broker.get("/v2/subscriptions", headers=V2)).json()
    return [each["subject"]["condition"]["attrs"] for each in found] == [["dim", "on"]]


async def _is_pending(broker: httpx.AsyncClient) -> bool:
    return (await state(broker, "on"))[0] == "PENDING"
