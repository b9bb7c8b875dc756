from typing import Any

import httpx
import pytest

from tests.support.shared_broker import new_tenant

GAUGE: dict[str, Any] = {
    "id": "urn:ngsi-ld:Gauge:1",
    "type": "Gauge",
    "level": {"type": "Property", "value": 1.5, "unitCode": "MTR"},
    "river": {"type": "Property", "value": "九頭竜川"},
}
ONE = "entities/urn:ngsi-ld:Gauge:1"
ERRORS = "https://uri.etsi.org/ngsi-ld/errors/"


def kind(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).removeprefix(ERRORS)


async def created(broker: httpx.AsyncClient, **changes: Any) -> None:
    answer = await broker.post("entities", json={**GAUGE, **changes})
    assert answer.status_code == 201, answer.text


@pytest.mark.clause("5.6.1")
async def test_a_created_entity_is_read_back(broker: httpx.AsyncClient) -> None:
    answer = await broker.post("entities", json=GAUGE)
    assert answer.status_code == 201
    assert answer.headers["location"] == "/ngsi-ld/v1/" + ONE
    assert (await broker.get(ONE)).json() == GAUGE


@pytest.mark.clause("5.6.1")
async def test_creating_an_entity_twice_is_refused(broker: httpx.AsyncClient) -> None:
    await created(broker)
    answer = await broker.post("entities", json=GAUGE)
    assert (answer.status_code, kind(answer)) == (409, "AlreadyExists")


@pytest.mark.clause("5.6.2")
async def test_an_update_adds_what_is_not_there(broker: httpx.AsyncClient) -> None:
    await created(broker)
    answer = await broker.patch(ONE + "/attrs", json={"level": {"value": 2}, "wind": {"value": 1}})
    assert answer.status_code == 204
    entity = (await broker.get(ONE)).json()
    assert entity["level"] == {"type": "Property", "value": 2}
    assert entity["wind"] == {"type": "Property", "value": 1}


@pytest.mark.clause("5.6.2")
async def test_an_update_tells_what_it_could_not_delete(broker: httpx.AsyncClient) -> None:
    await created(broker)
    null = {"type": "Property", "value": "urn:ngsi-ld:null"}
    answer = await broker.patch(ONE + "/attrs", json={"level": {"value": 2}, "wind": null})
    assert answer.status_code == 207
    assert [each["attributeName"].rsplit("/", 1)[1] for each in answer.json()["notUpdated"]] == ["wind"]


@pytest.mark.clause("5.6.3")
async def test_appending_without_overwriting_keeps_what_is_there(broker: httpx.AsyncClient) -> None:
    await created(broker)
    answer = await broker.post(ONE + "/attrs?options=noOverwrite", json={"level": {"value": 2}, "wind": {"value": 1}})
    assert answer.status_code == 207
    entity = (await broker.get(ONE, params={"format": "simplified"})).json()
    assert (entity["level"], entity["wind"]) == (1.5, 1)


@pytest.mark.clause("5.6.4")
async def test_a_partial_update_keeps_other_members(broker: httpx.AsyncClient) -> None:
    await created(broker)
    assert (await broker.patch(ONE + "/attrs/level", json={"value": 3})).status_code == 204
    assert (await broker.get(ONE)).json()["level"] == {"type": "Property", "value": 3, "unitCode": "MTR"}


@pytest.mark.clause("5.6.5")
async def test_a_deleted_attribute_is_gone(broker: httpx.AsyncClient) -> None:
    await created(broker)
    assert (await broker.delete(ONE + "/attrs/level")).status_code == 204
    assert (await broker.delete(ONE + "/attrs/level")).status_code == 404


@pytest.mark.clause("5.6.6")
async def test_a_deleted_entity_is_gone(broker: httpx.AsyncClient) -> None:
    await created(broker)
    assert (await broker.delete(ONE)).status_code == 204
    answer = await broker.get(ONE)
    assert (answer.status_code, kind(answer)) == (404, "ResourceNotFound")


@pytest.mark.clause("5.6.17")
async def test_a_merge_writes_and_deletes_only_what_it_names(broker: httpx.AsyncClient) -> None:
    await created(broker)
    body = {"level": {"unitCode": "CMT"}, "river": "urn:ngsi-ld:null", "wind": 4}
    assert (await broker.patch(ONE, json=body)).status_code == 204
    entity = (await broker.get(ONE)).json()
    assert entity["level"] == {"type": "Property", "value": 1.5, "unitCode": "CMT"}
    assert "river" not in entity
    assert entity["wind"]["value"] == 4


@pytest.mark.clause("5.6.18")
async def test_a_replaced_entity_has_only_what_is_sent(broker: httpx.AsyncClient) -> None:
    await created(broker)
    assert (await broker.put(ONE, json={"id": GAUGE["id"], "type": "Gauge", "wind": 4})).status_code == 204
    assert (await broker.get(ONE, params={"format": "simplified"})).json().keys() == {"id", "type", "wind"}


@pytest.mark.clause("5.6.19")
async def test_a_replaced_attribute_loses_its_members(broker: httpx.AsyncClient) -> None:
    await created(broker)
    assert (await broker.put(ONE + "/attrs/level", json={"type": "Property", "value": 9})).status_code == 204
    assert (await broker.get(ONE)).json()["level"] == {"type": "Property", "value": 9}


@pytest.mark.clause("5.6.8")
async def test_a_batch_tells_the_fate_of_each_entity(broker: httpx.AsyncClient) -> None:
    faulty = {"id": "urn:ngsi-ld:Gauge:2", "type": "Gauge", "level": {"type": "Property"}}
    answer = await broker.post("entityOperations/upsert", json=[GAUGE, faulty])
    assert answer.status_code == 207
    assert answer.json()["success"] == [GAUGE["id"]]
    assert answer.json()["errors"][0]["entityId"] == faulty["id"]
    assert answer.json()["errors"][0]["error"]["field"] == "level.value"


@pytest.mark.clause("5.6.8")
async def test_a_batch_with_a_known_key_is_not_applied_again(broker: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    path = "entityOperations/upsert?options=update"
    first = await broker.post(path, json=[GAUGE], headers=key)
    await broker.patch(ONE + "/attrs", json={"level": 7})
    second = await broker.post(path, json=[GAUGE], headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert (await broker.get(ONE, params={"format": "simplified"})).json()["level"] == 7


@pytest.mark.clause("5.6.8")
async def test_an_entity_with_a_known_key_of_its_own_is_left_out(broker: httpx.AsyncClient) -> None:
    path = "entityOperations/upsert?options=update"
    twice = [{**GAUGE, "level": 1}, {**GAUGE, "level": 2}]
    first = await broker.post(path, json=twice, headers={"Idempotency-Items": "a,b"})
    again = await broker.post(path, json=[{**GAUGE, "level": 1}], headers={"Idempotency-Items": "a"})
    assert (first.status_code, again.status_code) == (201, 204)
    assert (await broker.get(ONE, params={"format": "simplified"})).json()["level"] == 2
    refused = await broker.post(path, json=twice, headers={"Idempotency-Items": "c"})
    assert refused.status_code == 400


@pytest.mark.clause("5.6.10")
async def test_a_batch_delete_tells_what_was_not_there(broker: httpx.AsyncClient) -> None:
    await created(broker)
    answer = await broker.post("entityOperations/delete", json=[GAUGE["id"], "urn:ngsi-ld:Gauge:9"])
    assert answer.status_code == 207
    assert answer.json()["success"] == [GAUGE["id"]]


@pytest.mark.clause("6.3.5")
async def test_json_with_a_context_in_the_body_is_refused(broker: httpx.AsyncClient) -> None:
    answer = await broker.post("entities", json={**GAUGE, "@context": {}})
    assert (answer.status_code, kind(answer)) == (400, "BadRequestData")


@pytest.mark.clause("6.3.4")
async def test_another_media_type_is_refused(broker: httpx.AsyncClient) -> None:
    answer = await broker.post("entities", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


@pytest.mark.clause("6.3.20")
async def test_an_unknown_parameter_is_refused(broker: httpx.AsyncClient) -> None:
    answer = await broker.get("entities?type=Gauge&colour=red")
    assert (answer.status_code, kind(answer)) == (400, "InvalidRequest")


@pytest.mark.clause("6.3.14")
async def test_a_tenant_s_entities_are_its_own(broker: httpx.AsyncClient) -> None:
    other = new_tenant()
    await broker.post("entities", json=GAUGE, headers={"NGSILD-Tenant": other})
    answer = await broker.get(ONE, headers={"NGSILD-Tenant": other})
    assert answer.headers["ngsild-tenant"] == other
    assert (await broker.get(ONE)).status_code == 404
    assert kind(await broker.get(ONE, headers={"NGSILD-Tenant": new_tenant()})) == "NonexistentTenant"
