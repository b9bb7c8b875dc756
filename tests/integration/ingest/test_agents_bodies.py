"""What a city's scripts provision the IoT agents with: the forms that the agents take beside their model."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from services.ingest.http.ignored import HEADER
from tests.support.ingest import GROUP, HEADERS, IngestBench, entity_id, running_ingest
from tests.support.ngsild_peer import NgsildPeer

OTHER = {**HEADERS, "fiware-service": "sabae"}


async def groups(bench: IngestBench, headers: dict[str, str] = HEADERS) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await bench.client.get("/iot/groups", headers=headers)).json()["groups"]
    return found


async def test_forms_of_groups_beside_the_model_are_taken(bench: IngestBench) -> None:
    body = {**GROUP, "type": "Gauge", "protocol": "IoTA-JSON", "service": "x", "subservice": "/x", "service_path": "y"}
    del body["entity_type"]
    answer = await bench.client.post("/iot/groups", json={"groups": [body]}, headers=HEADERS)
    assert (answer.status_code, HEADER in answer.headers) == (201, False)
    place = {"service": "fukui", "subservice": "/"}
    lists = {"commands": [], "lazy": [], "static_attributes": []}
    assert await groups(bench) == [{**place, **lists, **GROUP, "entity_type": "Gauge", "protocol": "IoTA-JSON"}]
    which = {"resource": "/iot/json", "apikey": "rivers"}
    answer = await bench.client.put("/iot/groups", params=which, json={"type": "Level"}, headers=HEADERS)
    assert answer.status_code == 204
    assert (await groups(bench))[0]["entity_type"] == "Level"


async def test_each_tenant_may_have_a_group_without_an_api_key(bench: IngestBench) -> None:
    body = {"groups": [{"apikey": "", "resource": "", "entity_type": "Pot"}]}
    for headers, status in ((HEADERS, 201), (OTHER, 201), (OTHER, 409)):
        assert (await bench.client.post("/iot/groups", json=body, headers=headers)).status_code == status
    assert (await bench.client.delete("/iot/groups?resource=&apikey=", headers=HEADERS)).status_code == 204
    assert ([each["apikey"] for each in await groups(bench, OTHER)], await groups(bench)) == ([""], [])


async def test_a_group_can_be_given_another_api_key(bench: IngestBench) -> None:
    await bench.provision()
    lamps = {"apikey": "lamps", "resource": "/iot/json"}
    assert (await bench.client.post("/iot/groups", json={"groups": [lamps]}, headers=OTHER)).status_code == 201
    [read] = await groups(bench)
    which = {"resource": "/iot/json", "apikey": "rivers"}
    for change, status in ((read, 204), ({"apikey": "lamps"}, 409), ({"apikey": "gauges"}, 204)):
        answer = await bench.client.put("/iot/groups", params=which, json=change, headers=HEADERS)
        assert answer.status_code == status
    assert await groups(bench) == [{**read, "apikey": "gauges"}]
    assert (await bench.send("gauge-1", {"level": 1})).json()["name"] == "DEVICE_GROUP_NOT_FOUND"


async def test_what_is_read_of_a_device_can_be_sent_back(bench: IngestBench) -> None:
    await bench.provision(1)
    url = "/iot/devices/gauge-1"
    read = (await bench.client.get(url, headers=HEADERS)).json()
    changed = {**read, "entity_type": "Gauge"}
    assert (await bench.client.put(url, json=changed, headers=HEADERS)).status_code == 204
    assert (await bench.client.get(url, headers=HEADERS)).json() == changed
    answer = await bench.client.put(url, json={"device_id": "gauge-2"}, headers=HEADERS)
    assert (answer.status_code, "device_id" in answer.json()["message"]) == (400, True)


async def test_a_list_that_was_read_can_be_sent_to_another_hub(bench: IngestBench) -> None:
    await bench.provision(2)
    other = {"fiware-service": "elsewhere", "fiware-servicepath": "/"}
    for kind in ("groups", "devices"):
        listed = (await bench.client.get(f"/iot/{kind}", headers=HEADERS)).json()
        for each in listed[kind]:
            each["apikey"] = "moved"
        assert (await bench.client.post(f"/iot/{kind}", json=listed, headers=other)).status_code == 201
        moved = (await bench.client.get(f"/iot/{kind}", headers=other)).json()
        assert moved["count"] == listed["count"]


async def test_fields_that_nothing_follows_from_are_kept_and_named(bench: IngestBench, peer: NgsildPeer) -> None:
    attributes = [{"name": "waterLevel", "object_id": "level", "type": "Number", "reverse": [{"expression": "${@x}"}]}]
    static = [{"name": "owner", "type": "Text"}, {"name": "city", "values": "x", "value": "福井"}]
    device = {
        "device_id": "gauge-1",
        "apikey": "",
        "service": "smartGondor",
        "service_path": "/gardens",
        "timezon": "Asia/Tokyo",
        "attributes": attributes,
        "static_attributes": static,
    }
    assert (await bench.client.post("/iot/groups", json={"groups": [GROUP]}, headers=HEADERS)).status_code == 201
    answer = await bench.client.post("/iot/devices", json={"devices": [device]}, headers=HEADERS)
    assert (answer.status_code, answer.headers[HEADER]) == (
        201,
        "devices.0.timezon, devices.0.static_attributes.1.values",
    )
    shown = (await bench.client.get("/iot/devices/gauge-1", headers=HEADERS)).json()
    assert shown == {
        "device_id": "gauge-1",
        "service": "fukui",
        "service_path": "/",
        "timezon": "Asia/Tokyo",
        "attributes": attributes,
        "static_attributes": static,
        "commands": [],
        "lazy": [],
        "entity_name": "urn:ngsi-ld:WaterLevelObserved:gauge-1",
        "entity_type": "WaterLevelObserved",
    }
    assert (await bench.send("gauge-1", {"level": 1})).status_code == 200
    entity = peer.entities["fukui", entity_id(1)]
    assert (entity["city"]["value"], "owner" in entity) == ("福井", False)


async def test_groups_without_a_version_get_that_of_the_installation(database_url: str, peer: NgsildPeer) -> None:
    async with running_ingest(database_url, broker_url=peer.url, ingest_ngsi_version="v2") as bench:
        bodies = [{**GROUP, "autoprovision": True}, {**GROUP, "apikey": "ld", "ngsiVersion": "ld"}]
        assert (await bench.client.post("/iot/groups", json={"groups": bodies}, headers=HEADERS)).status_code == 201
        assert [each["ngsiVersion"] for each in await groups(bench)] == ["v2", "ld"]
        assert (await bench.send("gauge-1", {"level": "3.5"})).status_code == 200
        [(_, identifier)] = peer.entities
        assert identifier == "WaterLevelObserved:gauge-1"


@pytest.fixture
def kept_level() -> Iterator[None]:
    logger = logging.getLogger("hiroba")
    before = logger.level
    yield
    logger.setLevel(before)


@pytest.mark.usefixtures("kept_level")
async def test_the_level_of_the_log_is_told_and_set(bench: IngestBench) -> None:
    for given, told in (("fatal", "FATAL"), ("WARNING", "WARN"), ("DEBUG", "DEBUG")):
        assert (await bench.client.put("/admin/log", params={"level": given})).status_code == 200
        assert (await bench.client.get("/admin/log")).json() == {"level": told}
    assert logging.getLogger("hiroba.ingest").isEnabledFor(logging.DEBUG)
    for query, words in (("?level=ALLRIGHT", "invalid log level"), ("", "log level missing")):
        answer = await bench.client.put(f"/admin/log{query}")
        assert (answer.status_code, answer.json()) == (400, {"error": words})
