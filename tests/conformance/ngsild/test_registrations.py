from typing import Any

import httpx
import pytest

from tests.support.receiver import Receiver, receiving

GATE = "urn:ngsi-ld:FloodGate:1"
ATTRS = f"entities/{GATE}/attrs"
ERRORS = "https://uri.etsi.org/ngsi-ld/errors/"


def registration(endpoint: str = "http://127.0.0.1:9", **changes: Any) -> dict[str, Any]:
    return {
        "type": "ContextSourceRegistration",
        "information": [{"entities": [{"type": "FloodGate", "id": GATE}], "propertyNames": ["open"]}],
        "mode": "exclusive",
        "operations": ["updateOps"],
        "endpoint": endpoint,
        **changes,
    }


def source(receiver: Receiver) -> str:
    return receiver.url.removesuffix("/notify")


def kind(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).removeprefix(ERRORS)


@pytest.mark.clause("5.9.2", "5.9.3", "5.9.4", "5.10.1")
async def test_a_registration_is_made_read_changed_and_deleted(broker: httpx.AsyncClient) -> None:
    made = await broker.post("csourceRegistrations", json=registration(operator="Kagawa"))
    path = made.headers["location"].removeprefix("/ngsi-ld/v1/")
    found = (await broker.get(path)).json()
    assert found == {"id": found["id"], **registration(operator="Kagawa")}
    change = {"registrationName": "gate", "operator": None}
    assert (await broker.patch(path, json=change)).status_code == 204
    found = (await broker.get(path)).json()
    assert found["registrationName"] == "gate"
    assert "operator" not in found
    assert (await broker.delete(path)).status_code == 204
    assert kind(await broker.get(path)) == (404, "ResourceNotFound")


@pytest.mark.clause("5.9.2")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"endpoint": None}, "endpoint"),
        ({"information": []}, "information"),
        ({"information": [{"propertyNames": ["open"]}]}, "information.entities"),
        ({"information": [{"entities": [{"type": "FloodGate", "id": GATE}]}]}, "information.propertyNames"),
        ({"mode": "exclusively"}, "mode"),
        ({"mode": "auxiliary"}, "operations"),
        ({"operations": ["paint"]}, "operations"),
        ({"expiresAt": "2001-01-01T00:00:00Z"}, "expiresAt"),
        ({"contextSourceInfo": [{"key": "X-Key", "value": 1}]}, "contextSourceInfo.value"),
        ({"contextSourceInfo": [{"key": "X-Key", "value": "a\r\nHost: b"}]}, "contextSourceInfo.value"),
        ({"management": {"timeout": 0}}, "management.timeout"),
    ],
)
async def test_a_wrong_registration_names_its_member(
    broker: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    answer = await broker.post("csourceRegistrations", json=registration(**change))
    assert (*kind(answer), answer.json()["field"]) == (400, "BadRequestData", field)


@pytest.mark.clause("4.3.6.3", "5.9.2")
async def test_what_stands_against_an_exclusive_registration_is_a_conflict(broker: httpx.AsyncClient) -> None:
    gate = {"id": GATE, "type": "FloodGate", "open": {"type": "Property", "value": False}}
    await broker.post("entities", json=gate)
    assert kind(await broker.post("csourceRegistrations", json=registration())) == (409, "Conflict")
    await broker.delete(f"{ATTRS}/open")
    assert (await broker.post("csourceRegistrations", json=registration(id="urn:r:1"))).status_code == 201
    assert kind(await broker.post("csourceRegistrations", json=registration())) == (409, "Conflict")
    again = await broker.post("csourceRegistrations", json=registration(id="urn:r:1", mode="inclusive"))
    assert kind(again) == (409, "AlreadyExists")


async def test_a_fiware_agent_that_registers_a_device_again_takes_the_place_of_what_it_registered(
    broker: httpx.AsyncClient,
) -> None:
    fiware = {"Fiware-Service": "gates", "Fiware-ServicePath": "/a", "NGSILD-Tenant": "gates"}
    information = registration()["information"]
    more = [{**information[0], "propertyNames": ["open", "close"]}]
    for body, headers, status in (
        (registration(), fiware, 201),
        (registration(information=more), fiware, 201),
        (registration("http://127.0.0.1:19"), fiware, 409),
        (registration(), {**fiware, "Fiware-ServicePath": "/b"}, 409),
        (registration(), {"NGSILD-Tenant": "gates"}, 409),
    ):
        assert (await broker.post("csourceRegistrations", json=body, headers=headers)).status_code == status
    [kept] = (await broker.get("csourceRegistrations?type=FloodGate", headers=fiware)).json()
    assert kept["information"][0]["propertyNames"] == ["open", "close"]


@pytest.mark.clause("5.10.2")
async def test_registrations_are_queried_by_what_their_sources_have(broker: httpx.AsyncClient) -> None:
    place = {"type": "Point", "coordinates": [136.2, 36.0]}
    await broker.post("csourceRegistrations", json=registration(id="urn:r:1", location=place, operator="Kagawa"))
    every: dict[str, Any] = {
        "information": [{"entities": [{"type": "Gauge", "idPattern": "urn:g:.*"}]}],
        "mode": "inclusive",
    }
    await broker.post("csourceRegistrations", json=registration(id="urn:r:2", **every))

    async def ids(query: str) -> list[str]:
        answer = await broker.get(f"csourceRegistrations?{query}")
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()]

    assert await ids("type=FloodGate") == ["urn:r:1"]
    assert await ids("id=urn:g:7") == ["urn:r:2"]
    assert await ids("attrs=open") == ["urn:r:1", "urn:r:2"]
    assert await ids("attrs=open&type=FloodGate") == ["urn:r:1"]
    assert await ids('type=FloodGate,Gauge&csf=operator=="Kagawa"') == ["urn:r:1"]
    near = "georel=near;maxDistance==1000&geometry=Point&coordinates=[136.2,36.0]"
    assert await ids(near) == ["urn:r:1"]
    assert kind(await broker.get("csourceRegistrations")) == (400, "BadRequestData")


@pytest.mark.clause("4.3.6.3", "5.6.2")
async def test_a_command_goes_to_the_source_that_has_it(broker: httpx.AsyncClient) -> None:
    gate = {"id": GATE, "type": "FloodGate", "name": {"type": "Property", "value": "North"}}
    await broker.post("entities", json=gate)
    async with receiving() as receiver:
        info = [{"key": "X-Key", "value": "secret"}, {"key": "X-Trace", "value": "urn:ngsi-ld:request"}]
        body = registration(source(receiver), contextSourceInfo=info)
        assert (await broker.post("csourceRegistrations", json=body)).status_code == 201
        change = {"open": {"type": "Property", "value": True}, "name": {"type": "Property", "value": "South"}}
        answer = await broker.patch(ATTRS, json=change, headers={"X-Trace": "7"})
        assert answer.status_code == 204, answer.text
        (asked,) = receiver.received
    assert (asked.method, asked.path) == ("PATCH", f"/ngsi-ld/v1/entities/{GATE}/attrs/")
    assert asked.body == {"open": {"type": "Property", "value": True}}
    assert (asked.headers["X-Key"], asked.headers["X-Trace"]) == ("secret", "7")
    entity = (await broker.get(f"entities/{GATE}?format=simplified")).json()
    assert (entity["name"], "open" in entity) == ("South", False)


@pytest.mark.clause("5.6.4", "5.6.5", "5.6.19")
@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
async def test_a_write_of_one_attribute_goes_to_its_source(broker: httpx.AsyncClient, method: str) -> None:
    async with receiving() as receiver:
        await broker.post("csourceRegistrations", json=registration(source(receiver), operations=["redirectionOps"]))
        body = None if method == "DELETE" else {"type": "Property", "value": True}
        assert (await broker.request(method, f"{ATTRS}/open", json=body)).status_code == 204
        (asked,) = receiver.received
    assert (asked.method, asked.path) == (method, f"/ngsi-ld/v1/entities/{GATE}/attrs/open")


@pytest.mark.clause("5.6.2", "6.3.17")
async def test_what_a_source_refuses_is_told(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        receiver.status = 500
        await broker.post("csourceRegistrations", json=registration(source(receiver), id="urn:r:1"))
        answer = await broker.patch(ATTRS, json={"open": {"value": True}})
        assert answer.status_code == 207
        assert answer.json()["updated"] == []
        assert (await broker.patch(f"{ATTRS}/open", json={"value": True})).status_code == 502
    found = (await broker.get("csourceRegistrations/urn:r:1")).json()
    assert (found["status"], found["timesSent"], found["timesFailed"]) == ("failed", 2, 2)


@pytest.mark.clause("4.20", "5.6.3")
async def test_what_a_source_does_not_support_is_a_conflict(broker: httpx.AsyncClient) -> None:
    await broker.post("csourceRegistrations", json=registration())
    answer = await broker.post(ATTRS, json={"open": {"value": True}})
    assert kind(answer) == (409, "Conflict")


@pytest.mark.clause("6.3.18")
async def test_a_request_that_comes_back_is_a_loop(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        await broker.post("csourceRegistrations", json=registration(source(receiver)))
        await broker.patch(ATTRS, json={"open": {"value": True}})
        via = receiver.received[0].headers["Via"]
        answer = await broker.patch(ATTRS, json={"open": {"value": True}}, headers={"Via": via})
        assert answer.status_code == 508
        assert len(receiver.received) == 1


@pytest.mark.clause("4.3.6.6")
async def test_a_source_is_asked_in_the_context_it_registered(broker: httpx.AsyncClient) -> None:
    hosted = await broker.post("jsonldContexts", json={"@context": {"aufmachen": "https://gate.example/open"}})
    theirs = str(broker.base_url).removesuffix("/ngsi-ld/v1/") + hosted.headers["location"]
    ours = {"open": "https://gate.example/open"}
    async with receiving() as receiver:
        body = registration(source(receiver), contextSourceInfo=[{"key": "jsonldContext", "value": theirs}])
        ld = {"Content-Type": "application/ld+json"}
        made = await broker.post("csourceRegistrations", json={**body, "@context": ours}, headers=ld)
        assert made.status_code == 201, made.text
        sent = {"open": {"type": "Property", "value": True}, "@context": ours}
        assert (await broker.patch(ATTRS, json=sent, headers=ld)).status_code == 204
        (asked,) = receiver.received
    assert asked.body == {"aufmachen": {"type": "Property", "value": True}}
    assert theirs in asked.headers["Link"]


@pytest.mark.clause("5.9.2")
async def test_an_iot_agent_registers_a_command(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        body = {
            **registration(source(receiver)),
            "@context": ["https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.6.jsonld"],
            "contextSourceInfo": [
                {
                    "key": "jsonldContext",
                    "value": ["https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.6.jsonld"],
                }
            ],
        }
        tenant = broker.headers["NGSILD-Tenant"]
        headers = {"Content-Type": "application/ld+json", "fiware-service": tenant, "fiware-servicepath": "/gates"}
        made = await broker.post("csourceRegistrations/", json=body, headers=headers)
        assert (made.status_code, "location" in made.headers) == (201, True)
        assert (await broker.patch(ATTRS, json={"open": {"value": True}})).status_code == 204
        (asked,) = receiver.received
    assert (asked.headers["Fiware-Service"], asked.headers["Fiware-ServicePath"]) == (tenant, "/gates")


@pytest.mark.clause("6.3.20")
@pytest.mark.parametrize("path", ["temporal/entities?timerel=before", "csourceSubscriptions", "entityMaps/urn:m:1"])
async def test_what_is_not_there_yet_is_told(broker: httpx.AsyncClient, path: str) -> None:
    assert kind(await broker.get(path)) == (501, "OperationNotSupported")
    assert (await broker.get(path, headers={"Accept": "text/csv"})).status_code == 406
