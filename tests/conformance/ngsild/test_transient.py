from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.kernel.clock import to_iso
from tests.support.patience import until
from tests.support.receiver import receiving

GAUGE = {"id": "urn:g:1", "type": "Gauge"}
LATE = "2100-01-01T00:00:00Z"


def soon(seconds: float) -> str:
    return to_iso(datetime.now(UTC) + timedelta(seconds=seconds))


@pytest.mark.clause("4.22")
async def test_an_attribute_whose_time_is_over_is_not_shown_and_its_deletion_is_notified(
    broker: httpx.AsyncClient,
) -> None:
    async with receiving() as receiver:
        subscription = {
            "type": "Subscription",
            "entities": [{"type": "Gauge"}],
            "notificationTrigger": ["attributeDeleted"],
            "notification": {"endpoint": {"uri": receiver.url}},
        }
        assert (await broker.post("subscriptions", json=subscription)).status_code == 201
        level = {"type": "Property", "value": 1, "expiresAt": soon(2)}
        name = {"type": "Property", "value": "a", "expiresAt": LATE}
        assert (await broker.post("entities", json={**GAUGE, "level": level, "name": name})).status_code == 201

        async def is_over() -> bool:
            return (await broker.get("entities/urn:g:1")).json().keys() == {"id", "type", "name"}

        await until(is_over)
        await receiver.wait_for(1)
    assert (await broker.get("entities?type=Gauge&q=level")).json() == []


@pytest.mark.clause("4.5.2.2", "4.8", "6.3.11")
async def test_expiry_is_shown_with_the_system_attributes(broker: httpx.AsyncClient) -> None:
    gauge = {**GAUGE, "expiresAt": LATE, "level": {"value": 1, "expiresAt": LATE}}
    assert (await broker.post("entities", json=gauge)).status_code == 201
    assert "expiresAt" not in (await broker.get("entities/urn:g:1")).text
    found = (await broker.get("entities/urn:g:1?options=sysAttrs")).json()
    assert (found["expiresAt"], found["level"]["expiresAt"]) == (LATE, LATE)


@pytest.mark.clause("4.5.2.2")
async def test_the_proof_of_an_entity_is_kept_with_what_it_seals(broker: httpx.AsyncClient) -> None:
    proof = {
        "type": "Property",
        "value": {"type": "DataIntegrityProof", "proofValue": "z1"},
        "entityIdSealed": "urn:g:1",
        "entityTypeSealed": "Gauge",
    }
    gauge = {"id": "urn:g:1", "type": "Gauge", "ngsildproof": proof}
    assert (await broker.post("entities", json=gauge)).status_code == 201
    assert (await broker.get("entities/urn:g:1")).json() == gauge
    wrong = {"id": "urn:g:2", "type": "Gauge", "ngsildproof": {"type": "Property", "value": "text"}}
    assert (await broker.post("entities", json=wrong)).status_code == 400


@pytest.mark.clause("4.22", "4.9")
async def test_no_query_finds_an_entity_by_an_attribute_that_has_expired(broker: httpx.AsyncClient) -> None:
    end = soon(1)
    for number in range(5):
        level = {"type": "Property", "value": number, "expiresAt": end}
        gauge = {"id": f"urn:g:{number}", "type": "Gauge", "level": level, "name": {"value": "a", "expiresAt": LATE}}
        assert (await broker.post("entities", json=gauge)).status_code == 201

    async def is_over() -> bool:
        found = await broker.get("entities?type=Gauge&q=level>=0&count=true")
        return (found.json(), found.headers["ngsild-results-count"]) == ([], "0")

    await until(is_over)
    assert len((await broker.get('entities?type=Gauge&q=name=="a"')).json()) == 5
    assert (await broker.get("entities?attrs=level")).json() == []
    assert len((await broker.get("entities?type=Gauge&q=!level")).json()) == 5
