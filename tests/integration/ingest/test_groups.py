"""`/iot/groups` and `/iot/services`: what is stored, returned, changed and refused."""

from typing import Any

import pytest

from tests.support.ingest import GROUP, HEADERS, IngestBench

EVERY_FIELD: dict[str, Any] = {
    "apikey": "k1",
    "resource": "",
    "entity_type": "Room",
    "attributes": [{"object_id": "t", "name": "temperature", "type": "Number", "metadata": {"a": {"value": 1}}}],
    "static_attributes": [{"name": "city", "type": "Text", "value": "福井"}],
    "lazy": [{"name": "l", "type": "Number"}],
    "commands": [{"name": "ping", "type": "command", "mqtt": {"qos": "1", "retain": False}}],
    "internal_attributes": [{"lorawan": {"a": 1}}],
    "explicitAttrs": True,
    "timestamp": True,
    "timezone": "Asia/Tokyo",
    "autoprovision": False,
    "transport": "MQTT",
    "endpoint": "http://127.0.0.1:9",
    "ngsiVersion": "ld",
    "payloadType": "iotagent",
    "expressionLanguage": "jexl",
    "storeLastMeasure": False,
    "useCBflowControl": True,
    "cmdMode": "legacy",
    "trust": "t",
    "cbHost": "http://127.0.0.1:1026",
    "defaultEntityNameConjunction": ":",
}  # fmt: skip
PLACE = {"service": "fukui", "subservice": "/"}


@pytest.mark.parametrize("name", ["services", "groups"])
async def test_a_group_is_returned_as_it_was_posted(bench: IngestBench, name: str) -> None:
    answer = await bench.client.post(f"/iot/{name}", json={name: [EVERY_FIELD]}, headers=HEADERS)
    assert (answer.status_code, answer.json()) == (201, {})
    listed = await bench.client.get(f"/iot/{name}", headers=HEADERS)
    assert listed.json() == {"count": 1, name: [{**PLACE, **EVERY_FIELD}]}


async def test_groups_are_listed_by_service_path_or_all(bench: IngestBench) -> None:
    for path, key in (("/", "k1"), ("/a", "k2"), ("/a", "k3")):
        headers = {**HEADERS, "fiware-servicepath": path}
        body = {"groups": [{"apikey": key, "resource": ""}]}
        assert (await bench.client.post("/iot/groups", json=body, headers=headers)).status_code == 201
    counts = {}
    for path in ("/", "/a", "/b", "/*"):
        listed = await bench.client.get("/iot/groups?limit=1", headers={**HEADERS, "fiware-servicepath": path})
        counts[path] = listed.json()["count"], len(listed.json()["groups"])
    assert counts == {"/": (1, 1), "/a": (2, 1), "/b": (0, 0), "/*": (3, 1)}


async def test_a_change_keeps_the_other_fields(bench: IngestBench) -> None:
    await bench.provision()
    which = {"resource": "/iot/json", "apikey": "rivers"}
    answer = await bench.client.put("/iot/groups", params=which, json={"entity_type": "Other"}, headers=HEADERS)
    assert answer.status_code == 204
    [group] = (await bench.client.get("/iot/groups", headers=HEADERS)).json()["groups"]
    assert group == {**PLACE, "commands": [], "lazy": [], "static_attributes": [], **GROUP, "entity_type": "Other"}


@pytest.mark.parametrize("device", [False, True])
async def test_a_removed_group_leaves_or_takes_its_devices(bench: IngestBench, device: bool) -> None:
    await bench.provision(1)
    which = {"resource": "/iot/json", "apikey": "rivers", **({"device": "true"} if device else {})}
    assert (await bench.client.delete("/iot/services", params=which, headers=HEADERS)).status_code == 204
    assert (await bench.client.get("/iot/services", headers=HEADERS)).json()["count"] == 0
    assert (await bench.client.get("/iot/devices", headers=HEADERS)).json()["count"] == (0 if device else 1)
    again = await bench.client.delete("/iot/services", params=which, headers=HEADERS)
    assert (again.status_code, again.json()["name"]) == (404, "DEVICE_GROUP_NOT_FOUND")


async def test_a_second_group_of_the_same_resource_and_key_is_refused(bench: IngestBench) -> None:
    await bench.provision()
    for service, resource, status in (("fukui", "/iot/json", 409), ("fukui", "", 201), ("other", "/x", 409)):
        body = {"services": [{**GROUP, "resource": resource}]}
        answer = await bench.client.post("/iot/services", json=body, headers={**HEADERS, "fiware-service": service})
        assert answer.status_code == status
        if status == 409:
            assert answer.json()["name"] == "DUPLICATE_GROUP"


async def test_of_several_groups_all_are_created_or_none(bench: IngestBench) -> None:
    body = {"groups": [{"apikey": "a", "resource": ""}, {"apikey": "a", "resource": ""}]}
    assert (await bench.client.post("/iot/groups", json=body, headers=HEADERS)).status_code == 409
    assert (await bench.client.get("/iot/groups", headers=HEADERS)).json()["count"] == 0


async def test_a_group_is_only_changed_from_its_own_service_path(bench: IngestBench) -> None:
    await bench.provision()
    which = {"resource": "/iot/json", "apikey": "rivers"}
    headers = {**HEADERS, "fiware-servicepath": "/other"}
    answer = await bench.client.put("/iot/groups", params=which, json={}, headers=headers)
    assert (answer.status_code, answer.json()["name"]) == (403, "MISMATCHED_SERVICE")
    foreign = await bench.client.put(
        "/iot/groups", params=which, json={}, headers={**HEADERS, "fiware-service": "other"}
    )
    assert (foreign.status_code, foreign.json()["name"]) == (404, "DEVICE_GROUP_NOT_FOUND")


async def test_the_headers_are_mandatory(bench: IngestBench) -> None:
    for missing in HEADERS:
        headers = {name: value for name, value in HEADERS.items() if name != missing}
        answer = await bench.client.get("/iot/groups", headers=headers)
        assert (answer.status_code, answer.json()["name"]) == (400, "MISSING_HEADERS")
        assert missing in answer.json()["message"]


async def test_a_group_that_breaks_a_rule_is_refused_by_the_field(bench: IngestBench) -> None:
    for change, words in (({"apikey": None}, "services.0.apikey"), ({"attributes": 1}, "services.0.attributes")):
        body = {"services": [{**GROUP, **change}]}
        answer = await bench.client.post("/iot/services", json=body, headers=HEADERS)
        assert (answer.status_code, answer.json()["name"]) == (400, "WRONG_SYNTAX")
        assert words in answer.json()["message"]


async def test_a_body_that_is_none_is_refused(bench: IngestBench) -> None:
    headers = {**HEADERS, "content-type": "application/json"}
    for body in (b"", b"{", b"[]", b'{"groups": []}', b'{"services": [{}]}', b"\xff"):
        answer = await bench.client.post("/iot/groups", content=body, headers=headers)
        assert (answer.status_code, answer.json()["name"]) == (400, "WRONG_SYNTAX")


async def test_other_requests_are_refused_in_the_agents_dialect(bench: IngestBench) -> None:
    for method, path, status, name in (
        ("PUT", "/iot/groups?apikey=k", 400, "MISSING_HEADERS"),
        ("DELETE", "/iot/services", 400, "MISSING_HEADERS"),
        ("GET", "/iot/groups?limit=0", 400, "WRONG_SYNTAX"),
        ("GET", "/iot/groups?offset=x", 400, "WRONG_SYNTAX"),
        ("PATCH", "/iot/groups", 405, "METHOD_NOT_IMPLEMENTED"),
        ("GET", "/iot/nothing", 404, "NOT_FOUND"),
    ):
        answer = await bench.client.request(method, path, headers=HEADERS)
        assert (answer.status_code, answer.json()["name"]) == (status, name)
        assert answer.json().keys() == {"name", "message"}


async def test_a_service_path_that_is_none_is_refused(bench: IngestBench) -> None:
    for path in ("parks", "/a,/b", "/#", "/a*", "/" + "a" * 600):
        answer = await bench.client.get("/iot/groups", headers={**HEADERS, "fiware-servicepath": path})
        assert (answer.status_code, answer.json()["name"]) == (400, "WRONG_SYNTAX")
        assert "Fiware-ServicePath" in answer.json()["message"]
