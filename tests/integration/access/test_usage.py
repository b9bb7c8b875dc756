"""What a tenant's clients do in the context broker is counted, by client, and seen at auth."""

from tests.integration.access.conftest import City
from tests.support.patience import until

ENTITY = {"id": "urn:ngsi-ld:T:1", "type": "T", "level": {"type": "Property", "value": 1}}


async def test_calls_are_counted_by_client_interactive_and_batch_apart(city: City) -> None:
    caller = await city.caller(city.grant("read", "write"))
    assert (await caller.post("/ngsi-ld/v1/entities", json=ENTITY)).status_code == 201
    for _ in range(3):
        assert (await caller.get("/ngsi-ld/v1/entities/urn:ngsi-ld:T:1")).status_code == 200
    assert (await caller.get("/v2/entities/urn:ngsi-ld:T:1")).status_code == 200
    assert (await caller.get("/ngsi-ld/v1/entities/urn:ngsi-ld:T:2")).status_code == 404
    assert (await caller.delete("/ngsi-ld/v1/subscriptions/urn:ngsi-ld:Subscription:1")).status_code == 403
    assert (await caller.post("/ngsi-ld/v1/entityOperations/upsert", json=[ENTITY])).status_code in (201, 204)
    query = {"type": "Query", "entities": [{"type": "T"}]}
    assert (await caller.post("/ngsi-ld/v1/entityOperations/query", json=query)).status_code == 200

    async def counted() -> dict[str, int]:
        answer = await city.operator.get("/usage", params={"tenant": city.name, "by": "client"})
        lines = [line for line in answer.json()["usage"] if line["client"].startswith("c-")]
        found = {line["kind"]: line["amount"] for line in lines}
        return found if sum(found.values()) >= 7 else {}

    assert await until(counted) == {"interactive": 6, "batch": 1}
