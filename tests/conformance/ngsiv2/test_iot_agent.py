"""The requests of the FIWARE IoT agent, in its order: measures, and a command's way to the device and back."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from tests.support.receiver import receiving
from tests.support.serving import served
from tests.support.v2_provider import providing

PATH = {"fiware-servicepath": "/plant"}


def _measure(pressure: int, instant: str) -> dict[str, Any]:
    metadata = {"TimeInstant": {"type": "DateTime", "value": instant}, "unitCode": {"type": "Text", "value": "HPA"}}
    return {
        "id": "Pump:p1",
        "type": "Pump",
        "pressure": {"type": "Number", "value": pressure, "metadata": metadata},
        "TimeInstant": {"type": "DateTime", "value": instant, "metadata": {}},
    }


def _command(name: str, **values: str) -> dict[str, Any]:
    results = {"status": "commandStatus", "info": "commandResult"}
    return {f"{name}_{part}": {"type": results[part], "value": value} for part, value in values.items()}


@pytest.fixture
def commands() -> list[Any]:
    """Return what the agent was asked."""
    return []


@pytest.fixture
def agent(commands: list[Any]) -> Iterator[str]:
    app = FastAPI()

    async def take(request: Request) -> Response:
        commands.append((request.url.path, await request.json()))
        return Response(status_code=204)

    app.add_route("/v2/op/update", take, methods=["POST"])
    app.add_route("//op/update", take, methods=["POST"])
    with served(app) as url:
        yield url


async def test_a_measure_creates_or_updates(v2: httpx.AsyncClient) -> None:
    first = _measure(1013, "2026-11-21T00:00:00.000Z")
    upsert = "/v2/entities?options=upsert"
    assert (await v2.post(upsert, json=first, headers=PATH)).status_code == 204
    second = _measure(1014, "2026-11-21T00:01:00.000Z")
    assert (await v2.post(f"{upsert},flowControl", json=second, headers=PATH)).status_code == 204
    assert (await v2.get("/v2/entities/Pump:p1", headers=PATH)).json() == second


async def test_measures_of_one_entity_in_a_batch_end_at_the_last(v2: httpx.AsyncClient) -> None:
    measures = [_measure(1000 + minute, f"2026-11-21T00:0{minute}:00.000Z") for minute in range(4)]
    done = await v2.post("/v2/op/update", json={"actionType": "append", "entities": measures}, headers=PATH)
    assert done.status_code == 204
    assert (await v2.get("/v2/entities/Pump:p1", headers=PATH)).json() == measures[-1]


@pytest.mark.parametrize(("base", "asked_at"), [("", "//op/update"), ("/v2", "/v2/op/update")])
async def test_a_command_goes_to_the_agent_and_its_result_comes_back(
    v2: httpx.AsyncClient, agent: str, commands: list[Any], base: str, asked_at: str
) -> None:
    await v2.post("/v2/entities", json=_measure(1013, "2026-11-21T00:00:00.000Z"), headers=PATH)
    registration = {
        "dataProvided": {"entities": [{"type": "Pump", "id": "Pump:p1"}], "attrs": ["stop"]},
        "provider": {"http": {"url": f"{agent}{base}"}},
    }
    registered = await v2.post("/v2/registrations", json=registration, headers=PATH)
    assert (registered.status_code, "location" in registered.headers) == (201, True)
    command = {"stop": {"type": "command", "value": {"after": 5}}}
    assert (await v2.patch("/v2/entities/Pump:p1/attrs?type=Pump", json=command, headers=PATH)).status_code == 204
    [(path, sent)] = commands
    assert (path, sent["entities"][0]["stop"]["value"]) == (asked_at, {"after": 5})
    for result in (_command("stop", status="PENDING"), _command("stop", status="OK", info="stopped")):
        batch = {"actionType": "append", "entities": [{"id": "Pump:p1", "type": "Pump", **result}]}
        assert (await v2.post("/v2/op/update", json=batch, headers=PATH)).status_code == 204
    query = "options=keyValues,skipForwarding&attrs=stop_status,stop_info"
    read = (await v2.get(f"/v2/entities/Pump:p1?{query}", headers=PATH)).json()
    assert read == {"id": "Pump:p1", "type": "Pump", "stop_status": "OK", "stop_info": "stopped"}


async def test_a_command_of_a_device_without_entity_goes_to_the_agent(
    v2: httpx.AsyncClient, agent: str, commands: list[Any]
) -> None:
    registration = {
        "dataProvided": {"entities": [{"type": "Pump", "id": "Pump:p2"}], "attrs": ["stop"]},
        "provider": {"http": {"url": agent}},
    }
    await v2.post("/v2/registrations", json=registration, headers=PATH)
    entity = {"id": "Pump:p2", "type": "Pump", "stop": {"type": "command", "value": ""}}
    batch = {"actionType": "update", "entities": [entity]}
    assert (await v2.post("/v2/op/update", json=batch, headers=PATH)).status_code == 204
    assert commands[0][1]["entities"][0]["id"] == "Pump:p2"


async def test_a_command_is_notified_to_an_agent_that_subscribed(v2: httpx.AsyncClient) -> None:
    """`cmdMode: notification`: the command is an attribute of the entity, null until it is given."""
    async with receiving() as receiver:
        subscription = {
            "description": "Managed by IOTA: Pump:p3 Pump stop",
            "subject": {"entities": [{"id": "Pump:p3", "type": "Pump"}], "condition": {"attrs": ["stop"]}},
            "notification": {
                "http": {"url": receiver.url},
                "attrs": ["stop"],
                "attrsFormat": "normalized",
                "onlyChangedAttrs": True,
            },
        }
        created = await v2.post("/v2/subscriptions", json=subscription, headers=PATH)
        assert created.status_code == 201
        entity = {"id": "Pump:p3", "type": "Pump", "stop": {"type": "command", "value": None}}
        assert (await v2.post("/v2/entities?options=upsert", json=entity, headers=PATH)).status_code == 204
        command = {"stop": {"type": "command", "value": {"after": 5}}}
        changed = await v2.patch("/v2/entities/Pump:p3/attrs?type=Pump", json=command, headers=PATH)
        assert changed.status_code == 204
        told = (await receiver.wait_for(2))[1]
    assert told.headers["Fiware-ServicePath"] == "/plant"
    assert told.headers["Fiware-Service"] == v2.headers["fiware-service"]
    assert told.headers["Ngsiv2-AttrsFormat"] == "normalized"
    assert told.headers["Fiware-Correlator"].startswith(f"{changed.headers['fiware-correlator']}; cbnotif=")
    assert told.body == {
        "subscriptionId": created.headers["location"].rpartition("/")[2],
        "data": [{"id": "Pump:p3", "type": "Pump", "stop": {"type": "command", "value": {"after": 5}, "metadata": {}}}],
    }
    assert (await v2.delete(created.headers["location"], headers=PATH)).status_code == 204


async def test_a_lazy_attribute_is_asked_of_the_agent(v2: httpx.AsyncClient) -> None:
    await v2.post("/v2/entities", json=_measure(1013, "2026-11-21T00:00:00.000Z"), headers=PATH)
    level = {"id": "Pump:p1", "type": "Pump", "level": {"type": "Number", "value": 4, "metadata": {}}}
    with providing(level) as agent:
        registration = {
            "dataProvided": {"entities": [{"type": "Pump", "id": "Pump:p1"}], "attrs": ["level", "stop"]},
            "provider": {"http": {"url": agent.url}},
        }
        location = (await v2.post("/v2/registrations", json=registration, headers=PATH)).headers["location"]
        read = (await v2.get("/v2/entities/Pump:p1?type=Pump&options=keyValues", headers=PATH)).json()
        assert (read["pressure"], read["level"]) == (1013, 4)
        listed = (await v2.get("/v2/entities?type=Pump&options=keyValues,skipForwarding", headers=PATH)).json()
        assert "level" not in listed[0]
        assert (await v2.delete(location, headers=PATH)).status_code == 204
        read = (await v2.get("/v2/entities/Pump:p1?type=Pump&options=keyValues", headers=PATH)).json()
        assert "level" not in read
    assert [each.path for each in agent.asked] == ["//op/query"]
    assert agent.asked[0].body == {"entities": [{"id": "Pump:p1", "type": "Pump"}], "attrs": ["level", "stop"]}
