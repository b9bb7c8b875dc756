"""Configuration: devices ask for attributes of their entities, once or whenever they change, and are told."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.support.ingest import HEADERS, IngestBench
from tests.support.mqtt import device, mosquitto
from tests.support.patience import until
from tests.support.providing import commanding, listener
from tests.support.receiver import Receiver, receiving

POT = "urn:ngsi-ld:Pot:pot1"
V2 = {"Fiware-Service": "fukui", "Fiware-ServicePath": "/"}
GROUP = {"apikey": "pots", "resource": "/iot/json", "entity_type": "Pot"}
NAMES = {"k": "pots", "i": "pot1"}
TEXT = {"content-type": "text/plain"}


async def provision(bench: IngestBench, broker: httpx.AsyncClient, **fields: Any) -> None:
    answer = await bench.client.post("/iot/groups", json={"groups": [GROUP]}, headers=HEADERS)
    assert answer.status_code == 201, answer.text
    body = {"devices": [{"device_id": "pot1", **fields}]}
    answer = await bench.client.post("/iot/devices", json=body, headers=HEADERS)
    assert answer.status_code == 201, answer.text
    await give(broker, interval=60, mode="day")


async def give(broker: httpx.AsyncClient, **values: Any) -> None:
    attributes = {name: {"type": "Property", "value": value} for name, value in values.items()}
    answer = await broker.post(
        "/ngsi-ld/v1/entityOperations/upsert?options=update",
        json=[{"id": POT, "type": "Pot", **attributes}],
        headers={"NGSILD-Tenant": "fukui"},
    )
    assert answer.status_code in (201, 204), answer.text


async def subscriptions(broker: httpx.AsyncClient) -> list[list[str]]:
    found = (await broker.get("/v2/subscriptions", headers=V2)).json()
    return sorted(each["subject"]["condition"]["attrs"] for each in found)


def told(written: bytes) -> dict[str, Any]:
    values: dict[str, Any] = orjson.loads(written)
    assert re.fullmatch(r"\d{8}T\d{6}Z", values.pop("dt"))
    return values


async def test_configuration_is_posted_to_the_devices_endpoint(database_url: str, broker: httpx.AsyncClient) -> None:
    async with commanding(database_url, broker) as bench, receiving() as pot:
        await provision(bench, broker, transport="HTTP", endpoint=f"{pot.url}/")
        body = {"type": "configuration", "fields": ["interval", "missing"]}
        answer = await bench.devices.post("/iot/json/configuration", params=NAMES, json=body)
        assert (answer.status_code, answer.json()) == (200, {})
        assert (pot.received[-1].path, told(pot.received[-1].raw)) == ("/notify/configuration", {"interval": 60})
        assert pot.received[-1].headers["fiware-service"] == "fukui"
        answer = await bench.devices.post(
            "/iot/d/configuration", params=NAMES, content="configuration|interval|mode", headers=TEXT
        )
        assert answer.status_code == 200
        written = pot.received[-1].raw.decode()
        assert re.fullmatch(r"pot1@configuration\|interval=60\|mode=day\|dt=\d{8}T\d{6}Z", written)
        await _refused(bench, pot, body)


async def _refused(bench: IngestBench, pot: Receiver, body: dict[str, Any]) -> None:
    """See that what cannot be answered is refused with its reason."""
    url = "/iot/json/configuration"
    pot.statuses = [404]
    found = [await bench.devices.post(url, params=NAMES, json=body)]
    without = {"endpoint": "", "transport": "MQTT"}
    assert (await bench.client.put("/iot/devices/pot1", json=without, headers=HEADERS)).status_code == 204
    found += [
        await bench.devices.post(url, params=NAMES, json=body),
        await bench.devices.post(url, params=NAMES, json={"type": "other", "fields": ["a"]}),
        await bench.devices.post(url, params=NAMES, json={"type": "configuration", "fields": []}),
        await bench.devices.post(url, params=NAMES, json={"type": "subscription", "fields": ["a<b"]}),
        await bench.devices.post(url, params={**NAMES, "k": "nobody's"}, json=body),
        await bench.devices.post(url, params=NAMES, content="x", headers={"content-type": "text/csv"}),
    ]
    assert [(each.status_code, each.json()["name"]) for each in found] == [
        (503, "DEVICE_ENDPOINT_ERROR"),
        (400, "ENDPOINT_NOT_FOUND"),
        *[(400, "WRONG_SYNTAX")] * 3,
        (404, "DEVICE_GROUP_NOT_FOUND"),
        (400, "UNSUPPORTED_TYPE"),
    ]


async def test_a_device_is_told_whenever_what_it_subscribed_to_changes(
    database_url: str, broker: httpx.AsyncClient
) -> None:
    async with commanding(database_url, broker) as bench, receiving() as pot:
        await provision(bench, broker, transport="HTTP", endpoint=pot.url)
        for fields in (["mode", "interval"], ["interval", "mode"], ["mode"]):
            asked = {"type": "subscription", "fields": fields}
            assert (await bench.devices.post("/iot/json/configuration", params=NAMES, json=asked)).status_code == 200
        await until(lambda: _are(broker, [["interval", "mode"], ["mode"]]))
        await give(broker, interval=30)
        await pot.wait_for(1)
        assert told(pot.received[0].raw) == {"interval": 30, "mode": "day"}
        forged = await bench.client.post("/notify/configuration", json={"data": [{"id": POT}]})
        assert forged.status_code == 401
        ended = {"type": "subscription", "fields": []}
        assert (await bench.devices.post("/iot/json/configuration", params=NAMES, json=ended)).status_code == 200
        await until(lambda: _are(broker, []))


async def _are(broker: httpx.AsyncClient, wanted: list[list[str]]) -> bool:
    return await subscriptions(broker) == wanted


@pytest.mark.needs("mosquitto")
async def test_configuration_is_told_over_mqtt_in_the_language_of_the_question(
    database_url: str, broker: httpx.AsyncClient, tmp_path: Path
) -> None:
    with mosquitto(tmp_path) as mqtt:
        async with commanding(database_url, broker, mqtt_url=mqtt.url) as bench, device(mqtt) as pot:
            await until(lambda: bench.parts.receiver.is_connected)
            await provision(bench, broker, transport="MQTT")
            topic = "pots/pot1/configuration/commands"
            async with listener(mqtt, "/pots/pot1/configuration/values") as received:
                pot.publish(f"/json/{topic}", {"type": "configuration", "fields": ["interval", "missing"]})
                assert told(await asyncio.wait_for(received.get(), 60)) == {"interval": 60}
                for each in (f"/ul/{topic}", f"/{topic}"):
                    pot.publish(each, b"configuration|interval")
                    written = (await asyncio.wait_for(received.get(), 60)).decode()
                    assert re.fullmatch(r"pot1@configuration\|interval=60\|dt=\d{8}T\d{6}Z", written)
                pot.publish(f"/ul/{topic}", b"subscription|mode")
                await until(lambda: _are(broker, [["mode"]]))
                await give(broker, mode="night")
                written = (await asyncio.wait_for(received.get(), 60)).decode()
                assert re.fullmatch(r"pot1@configuration\|mode=night\|dt=\d{8}T\d{6}Z", written)
                pot.publish(f"/json/{topic}", {"type": "configuration", "fields": []})
                pot.publish(f"/ul/{topic}", b"setup|interval")
                await until(lambda: _are_parked(bench))
            assert (await bench.client.delete("/iot/devices/pot1", headers=HEADERS)).status_code == 204
            await until(lambda: _are(broker, []))


async def _are_parked(bench: IngestBench) -> bool:
    return [each["reason"] for each in await bench.letters()] == ["not-a-measure"] * 2
