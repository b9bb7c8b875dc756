"""Writes of whole entities and of batches go to the context sources that have them instead of this broker (4.3.6.3)."""

from typing import Any

import httpx
import pytest

from tests.support.receiver import Received, Receiver, receiving

GATE = "urn:ngsi-ld:FloodGate:1"
ONE = f"entities/{GATE}"
DOCUMENT: dict[str, Any] = {
    "id": GATE,
    "type": "FloodGate",
    "open": {"type": "Property", "value": True},
    "name": {"type": "Property", "value": "North"},
}
THEIRS = {name: DOCUMENT[name] for name in ("id", "type", "open")}
BATCHES = ["createBatch", "upsertBatch", "updateBatch", "mergeBatch", "deleteBatch"]


async def register(broker: httpx.AsyncClient, receiver: Receiver, **changes: Any) -> None:
    body = {
        "id": "urn:r:1",
        "type": "ContextSourceRegistration",
        "information": [{"entities": [{"type": "FloodGate", "id": GATE}], "propertyNames": ["open"]}],
        "mode": "exclusive",
        "operations": ["redirectionOps"],
        "endpoint": receiver.url.removesuffix("/notify"),
        **changes,
    }
    answer = await broker.post("csourceRegistrations", json=body)
    assert answer.status_code == 201, answer.text


async def stored(broker: httpx.AsyncClient) -> dict[str, Any] | None:
    answer = await broker.get(ONE, params={"format": "simplified"})
    return answer.json() if answer.status_code == 200 else None


def asked(received: Received) -> tuple[str, str]:
    return received.method, received.path.removeprefix("/ngsi-ld/v1/")


def kinds(answer: httpx.Response) -> list[str]:
    return [each["error"]["type"].rsplit("/", 1)[1] for each in answer.json()["errors"]]


@pytest.mark.clause("5.6.1")
async def test_a_creation_is_parted_between_here_and_the_source(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        receiver.status = 201
        await register(broker, receiver)
        assert (await broker.post("entities", json=DOCUMENT)).status_code == 201
        assert [asked(each) for each in receiver.received] == [("POST", "entities")]
        assert receiver.bodies == [THEIRS]
    assert await stored(broker) == {"id": GATE, "type": "FloodGate", "name": "North"}


@pytest.mark.clause("5.6.1")
async def test_a_source_that_has_all_that_is_sent_leaves_nothing_here(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        receiver.status = 201
        await register(broker, receiver)
        assert (await broker.post("entities", json=THEIRS)).status_code == 201
    assert await stored(broker) is None


@pytest.mark.clause("5.6.1", "5.6.17", "5.6.18")
@pytest.mark.parametrize(("method", "path"), [("POST", "entities"), ("PUT", ONE), ("PATCH", ONE)])
async def test_what_a_source_does_not_support_is_a_conflict_or_a_part_of_one(
    broker: httpx.AsyncClient, method: str, path: str
) -> None:
    if method != "POST":
        await broker.post("entities", json={"id": GATE, "type": "FloodGate", "name": {"value": "South"}})
    async with receiving() as receiver:
        await register(broker, receiver, operations=["retrieveOps"])
        partly = await broker.request(method, path, json=DOCUMENT)
        assert (partly.status_code, kinds(partly)) == (207, ["Conflict"])
        assert partly.json()["errors"][0]["registrationId"] == "urn:r:1"
        if method == "PATCH":
            fully = await broker.patch(path, json={"open": {"value": False}})
            assert (fully.status_code, fully.json()["type"].rsplit("/", 1)[1]) == (409, "Conflict")
        assert receiver.received == []
    entity = await stored(broker)
    assert entity == {"id": GATE, "type": "FloodGate", "name": "North"}


@pytest.mark.clause("5.6.17", "5.6.18")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_replacing_and_merging_leave_to_the_source_what_it_has(broker: httpx.AsyncClient, method: str) -> None:
    await broker.post("entities", json={"id": GATE, "type": "FloodGate", "name": {"value": "South"}})
    async with receiving() as receiver:
        await register(broker, receiver)
        assert (await broker.request(method, ONE, json=DOCUMENT)).status_code == 204
        assert [asked(each) for each in receiver.received] == [(method, ONE)]
        assert receiver.bodies == [THEIRS]
    assert await stored(broker) == {"id": GATE, "type": "FloodGate", "name": "North"}


@pytest.mark.clause("5.6.6")
async def test_a_deletion_reaches_the_source_and_what_is_here(broker: httpx.AsyncClient) -> None:
    await broker.post("entities", json={"id": GATE, "type": "FloodGate", "name": {"value": "South"}})
    async with receiving() as receiver:
        await register(broker, receiver)
        assert (await broker.delete(ONE)).status_code == 204
        assert [asked(each) for each in receiver.received] == [("DELETE", ONE)]
        assert await stored(broker) is None
        assert (await broker.delete(ONE)).status_code == 204
        receiver.status = 404
        assert (await broker.delete(ONE)).status_code == 404


@pytest.mark.clause("5.6.6")
async def test_a_deletion_that_the_source_does_not_support_is_half_done(broker: httpx.AsyncClient) -> None:
    await broker.post("entities", json={"id": GATE, "type": "FloodGate", "name": {"value": "South"}})
    async with receiving() as receiver:
        await register(broker, receiver, operations=["updateOps"])
        half = await broker.delete(ONE)
        assert (half.status_code, half.json()["success"], kinds(half)) == (207, [GATE], ["Conflict"])
        assert (await broker.delete(ONE)).status_code == 409


@pytest.mark.clause("5.6.7", "5.6.8", "5.6.9", "5.6.10", "5.6.20")
@pytest.mark.parametrize("name", ["create", "upsert", "update", "merge", "delete"])
async def test_a_batch_goes_to_a_source_that_supports_batches_in_one(broker: httpx.AsyncClient, name: str) -> None:
    other = {"id": "urn:ngsi-ld:FloodGate:2", "type": "FloodGate", "open": {"value": True}}
    if name not in ("create", "upsert"):
        await broker.post("entities", json=other)
        await broker.post("entities", json={"id": GATE, "type": "FloodGate"})
    async with receiving() as receiver:
        receiver.status = 201 if name == "create" else 204
        await register(broker, receiver, operations=BATCHES)
        body: list[Any] = [GATE, other["id"]] if name == "delete" else [DOCUMENT, other]
        answer = await broker.post(f"entityOperations/{name}", json=body)
        assert answer.status_code == (201 if name in ("create", "upsert") else 204), answer.text
        assert [asked(each) for each in receiver.received] == [("POST", f"entityOperations/{name}")]
        assert receiver.bodies == [[GATE] if name == "delete" else [THEIRS]]
    expected = None if name == "delete" else {"id": GATE, "type": "FloodGate", "name": "North"}
    assert await stored(broker) == expected


@pytest.mark.clause("5.6.8")
async def test_without_batches_an_upsert_creates_and_then_replaces(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        receiver.statuses = [409, 204]
        await register(broker, receiver)
        answer = await broker.post("entityOperations/upsert", json=[DOCUMENT])
        assert (answer.status_code, answer.json()) == (201, [GATE])
        assert [asked(each) for each in receiver.received] == [("POST", "entities"), ("PUT", ONE)]


@pytest.mark.clause("5.6.8")
async def test_an_updating_upsert_updates_what_the_source_has(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        receiver.statuses = [409, 204]
        await register(broker, receiver, operations=["createEntity", "updateEntity"])
        answer = await broker.post("entityOperations/upsert?options=update", json=[THEIRS])
        assert answer.status_code == 204, answer.text
        assert asked(receiver.received[1]) == ("PATCH", f"{ONE}/attrs/")
    assert await stored(broker) is None


@pytest.mark.clause("5.6.20")
async def test_a_batch_tells_of_each_entity_what_its_source_refuses(broker: httpx.AsyncClient) -> None:
    other = {"id": "urn:ngsi-ld:FloodGate:2", "type": "FloodGate", "open": {"value": True}}
    await broker.post("entityOperations/create", json=[{"id": GATE, "type": "FloodGate"}, other])
    async with receiving() as receiver:
        receiver.status = 500
        await register(broker, receiver)
        answer = await broker.post("entityOperations/merge", json=[DOCUMENT, other])
    assert (answer.status_code, answer.json()["success"]) == (207, ["urn:ngsi-ld:FloodGate:2"])
    assert [each["entityId"] for each in answer.json()["errors"]] == [GATE]
    assert await stored(broker) == {"id": GATE, "type": "FloodGate", "name": "North"}


@pytest.mark.clause("4.3.6.3")
async def test_a_redirected_entity_is_the_sources_with_everything(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        receiver.status = 201
        whole = [{"entities": [{"type": "FloodGate", "idPattern": "urn:ngsi-ld:FloodGate:.*"}]}]
        await register(broker, receiver, mode="redirect", information=whole)
        sent = {**DOCUMENT, "scope": "/Kagawa"}
        assert (await broker.post("entities", json=sent)).status_code == 201
        assert receiver.bodies == [sent]
        assert await stored(broker) is None
        barrier = {**DOCUMENT, "id": "urn:ngsi-ld:FloodGate:x", "type": "Barrier"}
        assert (await broker.post("entities", json=barrier)).status_code == 201
        assert (await broker.patch(f"entities/{barrier['id']}/attrs", json={"open": {"value": 1}})).status_code == 204
        assert len(receiver.received) == 1


@pytest.mark.clause("5.5.13")
async def test_a_local_write_stays_here(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        await register(broker, receiver)
        assert (await broker.post("entities?local=true", json=DOCUMENT)).status_code == 201
        assert (await broker.delete(f"{ONE}?local=true")).status_code == 204
        assert receiver.received == []


@pytest.mark.clause("6.3.18")
async def test_a_creation_that_comes_back_is_a_loop(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        receiver.status = 201
        await register(broker, receiver)
        await broker.post("entities", json=THEIRS)
        via = {"Via": receiver.received[0].headers["Via"]}
        assert (await broker.post("entities", json=THEIRS, headers=via)).status_code == 508
        assert (await broker.post("entityOperations/upsert", json=[THEIRS], headers=via)).status_code == 508
        assert len(receiver.received) == 1


@pytest.mark.clause("5.6.21")
async def test_a_purge_goes_on_to_sources_of_the_same_types(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        await register(broker, receiver)
        await broker.post("entities", json={"id": "urn:ngsi-ld:FloodGate:2", "type": "FloodGate"})
        assert (await broker.delete("entities?type=FloodGate")).status_code == 204
        assert [(*asked(each), each.query) for each in receiver.received] == [("DELETE", "entities", "type=FloodGate")]
        assert (await broker.delete("entities?type=Gauge")).status_code == 204
        assert len(receiver.received) == 1


@pytest.mark.clause("5.6.21")
async def test_a_purge_that_the_source_does_not_support_is_a_conflict(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        await register(broker, receiver, operations=["updateOps"])
        assert (await broker.delete("entities?type=FloodGate")).status_code == 409
        await broker.post("entities", json={"id": "urn:ngsi-ld:FloodGate:2", "type": "FloodGate"})
        half = await broker.delete("entities?type=FloodGate")
        assert (half.status_code, kinds(half)) == (207, ["Conflict"])


@pytest.mark.clause("4.3.6.6")
async def test_entities_of_a_batch_in_several_contexts_bring_them_along(broker: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        both = [{"entities": [{"type": "https://example.org/Gate", "id": f"urn:g:{n}"} for n in (1, 2)]}]
        await register(broker, receiver, mode="redirect", information=both, operations=BATCHES)
        contexts = [{"Gate": "https://example.org/Gate"}, {"Tor": "https://example.org/Gate"}]
        items = [
            {"id": "urn:g:1", "type": "Gate", "@context": contexts[0]},
            {"id": "urn:g:2", "type": "Tor", "@context": contexts[1]},
        ]
        headers = {"Content-Type": "application/ld+json"}
        answer = await broker.post("entityOperations/upsert", json=items, headers=headers)
        assert answer.status_code == 204, answer.text
        (received,) = receiver.received
    assert received.headers["Content-Type"] == "application/ld+json"
    assert [each["type"] for each in received.body] == ["Gate", "Tor"]
    assert all("@context" in each for each in received.body)
