"""/v2/registrations, and requests forwarded to providers; how commands reach devices."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from tests.support.serving import served

CAR = {"id": "car1", "type": "Car", "speed": {"type": "Number", "value": 50, "metadata": {}}}


class Provider:
    """Answers op/query and op/update and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.answer: list[Any] = [CAR]
        self.app = FastAPI()
        self.app.add_route("/{path:path}", self._take, methods=["POST"])

    async def _take(self, request: Request) -> Response:
        self.asked.append((request.url.path, dict(request.headers), await request.json()))
        return JSONResponse(self.answer) if request.url.path.endswith("query") else Response(status_code=204)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def url(provider: Provider) -> Iterator[str]:
    with served(provider.app) as address:
        yield address


def _registration(url: str, *attributes: str, mode: str = "all") -> dict[str, Any]:
    return {
        "description": "A car",
        "dataProvided": {"entities": [{"id": "car1", "type": "Car"}], "attrs": list(attributes)},
        "provider": {"http": {"url": url}, "supportedForwardingMode": mode},
    }


async def test_a_registration_is_created_shown_and_deleted(v2: httpx.AsyncClient) -> None:
    created = await v2.post("/v2/registrations", json=_registration("http://127.0.0.1:9", "speed"))
    assert created.status_code == 201
    location = created.headers["location"]
    shown = (await v2.get(location)).json()
    assert shown["dataProvided"] == {"entities": [{"id": "car1", "type": "Car"}], "attrs": ["speed"]}
    assert shown["status"] == "active"
    listed = await v2.get("/v2/registrations?options=count")
    assert listed.json() == [shown]
    assert listed.headers["fiware-total-count"] == "1"
    assert (await v2.delete(location)).status_code == 204
    assert (await v2.get(location)).status_code == 404
    assert (await v2.get("/v2/registrations/none")).status_code == 400


@pytest.mark.parametrize(
    ("member", "value", "status"),
    [
        ("dataProvided", None, 400),
        ("provider", None, 400),
        ("dataProvided", {"entities": []}, 400),
        ("dataProvided", {"entities": [{"idPattern": "car.*"}]}, 501),
        ("dataProvided", {"entities": [{"id": "a", "typePattern": "b"}]}, 501),
        ("provider", {"http": {"url": "nowhere"}}, 400),
        ("provider", {"http": {"url": "http://127.0.0.1:9"}, "supportedForwardingMode": "some"}, 400),
        ("expires", "soon", 400),
    ],
)
async def test_a_malformed_registration_is_refused(v2: httpx.AsyncClient, member: str, value: Any, status: int) -> None:
    body = {**_registration("http://127.0.0.1:9"), member: value}
    if value is None:
        del body[member]
    assert (await v2.post("/v2/registrations", json=body)).status_code == status


async def test_a_command_is_forwarded_to_the_agent(v2: httpx.AsyncClient, provider: Provider, url: str) -> None:
    headers = {"fiware-service": "factory", "fiware-servicepath": "/a"}
    await v2.post("/v2/entities", json={"id": "car1", "type": "Car", "other": {"value": 1}}, headers=headers)
    await v2.post("/v2/registrations", json=_registration(url, "ping"), headers=headers)
    command = {"ping": {"type": "command", "value": "now"}}
    done = await v2.patch("/v2/entities/car1/attrs?type=Car", json=command, headers=headers)
    assert done.status_code == 204
    path, sent, body = provider.asked[0]
    assert path == "//op/update"
    assert (sent["fiware-service"], sent["fiware-servicepath"]) == ("factory", "/a")
    assert sent["fiware-correlator"].endswith("; cbfwd=1")
    assert body["actionType"] == "update"
    assert body["entities"] == [
        {"id": "car1", "type": "Car", "ping": {"type": "command", "value": "now", "metadata": {}}}
    ]
    status = {"id": "car1", "type": "Car", "ping_status": {"type": "commandStatus", "value": "PENDING"}}
    batch = {"actionType": "append", "entities": [status]}
    assert (await v2.post("/v2/op/update", json=batch, headers=headers)).status_code == 204


async def test_an_update_of_an_entity_that_only_a_provider_has(
    v2: httpx.AsyncClient, provider: Provider, url: str
) -> None:
    await v2.post("/v2/registrations", json=_registration(f"{url}/v2", "speed"))
    done = await v2.put("/v2/entities/car1/attrs/speed?type=Car", json={"value": 1})
    assert done.status_code == 204
    assert provider.asked[0][0] == "/v2/op/update"
    refused = await v2.patch("/v2/entities/car1/attrs?type=Car", json={"colour": {"value": "red"}})
    assert refused.status_code == 404


async def test_a_query_is_answered_by_the_provider_too(v2: httpx.AsyncClient, provider: Provider, url: str) -> None:
    await v2.post("/v2/registrations", json=_registration(f"{url}/v2", "speed"))
    read = await v2.get("/v2/entities/car1?type=Car")
    assert read.json() == CAR
    assert provider.asked[0][2] == {"entities": [{"id": "car1", "type": "Car"}], "attrs": ["speed"]}
    listed = await v2.get("/v2/entities?type=Car&options=count")
    assert listed.json() == [CAR]
    assert listed.headers["fiware-total-count"] == "1"
    assert (await v2.get("/v2/entities?type=Car&options=skipForwarding")).json() == []
    await v2.post("/v2/entities", json={"id": "car1", "type": "Car", "speed": {"value": 9}})
    assert (await v2.get("/v2/entities/car1?options=keyValues")).json()["speed"] == 9


async def test_a_provider_that_is_away_leaves_what_is_local(v2: httpx.AsyncClient) -> None:
    created = await v2.post("/v2/registrations", json=_registration("http://127.0.0.1:9", "speed"))
    assert (await v2.get("/v2/entities/car1?type=Car")).status_code == 404
    shown = (await v2.get(created.headers["location"])).json()["forwardingInformation"]
    assert shown["timesSent"] == 1
    assert "lastFailure" in shown
    assert "lastSuccess" not in shown


@pytest.mark.parametrize("in_batch", [False, True])
async def test_a_replacement_of_what_only_a_provider_has_is_forwarded(
    v2: httpx.AsyncClient, provider: Provider, url: str, in_batch: bool
) -> None:
    await v2.post("/v2/registrations", json=_registration(f"{url}/v2", "speed"))
    speed = {"speed": {"value": 1, "type": "Number"}}
    if in_batch:
        batch = {"actionType": "replace", "entities": [{"id": "car1", "type": "Car", **speed}]}
        done = await v2.post("/v2/op/update", json=batch)
    else:
        done = await v2.put("/v2/entities/car1/attrs?type=Car", json=speed)
    assert done.status_code == 204
    path, _, body = provider.asked[0]
    assert path == "/v2/op/update"
    assert [each["speed"]["value"] for each in body["entities"]] == [1]


async def test_what_neither_the_broker_nor_a_provider_has_is_named(
    v2: httpx.AsyncClient, provider: Provider, url: str
) -> None:
    await v2.post("/v2/registrations", json=_registration(f"{url}/v2", "speed"))
    changes = {"speed": {"value": 1}, "colour": {"value": "red"}}
    refused = await v2.patch("/v2/entities/car1/attrs?type=Car", json=changes)
    assert (refused.status_code, refused.json()["error"]) == (404, "PartialUpdate")
    assert "[ colour ]" in refused.json()["description"]
    assert [each[2]["entities"][0].keys() for each in provider.asked] == [{"id", "type", "speed"}]


async def test_a_chain_of_forwardings_ends(v2: httpx.AsyncClient, provider: Provider, url: str) -> None:
    await v2.post("/v2/registrations", json=_registration(f"{url}/v2", "speed"))
    hop = (await _asked(v2, provider))[1]["via"]
    for via in (f"1.1 other, {hop}", ", ".join(["1.1 other"] * 11)):
        assert (await v2.get("/v2/entities/car1?type=Car", headers={"via": via})).status_code == 404
    assert len(provider.asked) == 1


async def _asked(v2: httpx.AsyncClient, provider: Provider) -> tuple[str, dict[str, str], Any]:
    assert (await v2.get("/v2/entities/car1?type=Car")).status_code == 200
    return provider.asked[-1]


async def test_forwardings_are_counted_as_outgoing_transactions(
    v2: httpx.AsyncClient, provider: Provider, url: str
) -> None:
    await v2.post("/v2/registrations", json=_registration(f"{url}/v2", "speed"))
    await v2.get("/v2/entities/car1?type=Car")
    metrics = (await v2.get("/admin/metrics")).json()
    counted = metrics["services"][v2.headers["fiware-service"]]["sum"]
    assert counted["outgoingTransactions"] == 1
    assert counted["outgoingTransactionResponseSize"] > 0
    assert "outgoingTransactionErrors" not in counted
