"""Quotas of a tenant hold in the context broker, through both faces, and nobody else notices."""

from typing import Any

import pytest

from tests.integration.access.conftest import City
from tests.support.patience import until

FACES = ("/ngsi-ld/v1/entities", "/v2/entities")


def _entity(number: int, face: str) -> dict[str, Any]:
    value = {"type": "Property", "value": 1} if face.startswith("/ngsi-ld") else {"type": "Number", "value": 1}
    return {"id": f"urn:ngsi-ld:T:{number}", "type": "T", "level": value}


async def _until_limited(city: City, path: str) -> Any:
    caller = await city.caller(city.grant("read", "write", "subscribe"))

    async def is_limited() -> bool:
        return "ratelimit" in (await caller.get(path)).headers

    await until(is_limited)
    return caller


@pytest.mark.parametrize("path", ["/ngsi-ld/v1/types", "/v2/types"])
async def test_what_is_left_of_a_quota_of_requests_is_told_and_then_refused(city: City, path: str) -> None:
    await city.put(quotas={"requests_per_day": 6, "client_requests_per_minute": 1000})
    caller = await _until_limited(city, path)
    answer = await caller.get(path)
    for _ in range(6):
        answer = await caller.get(path)
    assert answer.status_code == 429
    assert answer.headers["ratelimit-policy"].endswith('"requests_per_day";q=6;w=86400')
    assert '"requests_per_day";r=0;t=' in answer.headers["ratelimit"]
    assert 0 < int(answer.headers["retry-after"]) <= 86_400
    assert "quota requests_per_day (6)" in answer.text
    other = await (await city.client(await city.hub.headers())).get(path, headers={"Fiware-Service": ""})
    assert other.status_code == 200
    assert "ratelimit" not in other.headers


@pytest.mark.parametrize("face", FACES)
async def test_no_entity_is_created_beyond_the_quota_and_the_others_stay_usable(city: City, face: str) -> None:
    await city.put(quotas={"entities": 2, "requests_per_minute": 100_000})
    caller = await _until_limited(city, face + "?type=T")
    for number in (1, 2):
        assert (await caller.post(face, json=_entity(number, face))).status_code == 201
    refused = await caller.post(face, json=_entity(3, face))
    assert refused.status_code == 403
    assert "quota entities (2)" in refused.text
    change = {"level": _entity(1, face)["level"]}
    assert (await caller.patch(f"{face}/urn:ngsi-ld:T:1/attrs", json=change)).status_code == 204
    assert (await caller.delete(f"{face}/urn:ngsi-ld:T:1")).status_code == 204

    async def has_room() -> bool:
        return bool((await caller.post(face, json=_entity(4, face))).status_code == 201)

    await until(has_room)


async def test_a_batch_stores_what_there_is_room_for(city: City) -> None:
    await city.put(quotas={"entities": 3, "requests_per_minute": 100_000})
    caller = await _until_limited(city, "/ngsi-ld/v1/types")
    entities = [_entity(number, FACES[0]) for number in range(5)]
    answer = await caller.post("/ngsi-ld/v1/entityOperations/upsert", json=entities)
    assert answer.status_code == 207, answer.text
    assert len(answer.json()["success"]) == 3
    assert "quota entities (3)" in answer.text
    again = await caller.post("/ngsi-ld/v1/entityOperations/upsert", json=entities[:3])
    assert again.status_code in (201, 204)


async def test_a_subscription_beyond_the_quota_is_refused(city: City) -> None:
    await city.put(quotas={"subscriptions": 1, "requests_per_minute": 100_000})
    caller = await _until_limited(city, "/ngsi-ld/v1/types")
    subscription = {
        "type": "Subscription",
        "entities": [{"type": "T"}],
        "notification": {"endpoint": {"uri": "http://127.0.0.1:9/"}},
    }
    assert (await caller.post("/ngsi-ld/v1/subscriptions", json=subscription)).status_code == 201
    refused = await caller.post("/ngsi-ld/v1/subscriptions", json=subscription)
    assert (refused.status_code, "quota subscriptions (1)" in refused.text) == (403, True)


async def test_a_tenant_whose_storage_is_full_can_delete_and_read_alone(city: City) -> None:
    await city.put(quotas={"storage_mb": 0, "requests_per_minute": 100_000})
    caller = await _until_limited(city, "/ngsi-ld/v1/types")
    refused = await caller.post("/ngsi-ld/v1/entities", json=_entity(1, FACES[0]))
    assert (refused.status_code, "quota storage_mb (0)" in refused.text) == (403, True)
    assert (await caller.delete("/ngsi-ld/v1/entities/urn:ngsi-ld:T:1")).status_code == 404
