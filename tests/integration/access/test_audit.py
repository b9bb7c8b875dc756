"""What is refused and changed at the context broker is found in auth's audit log."""

from typing import Any

from tests.integration.access.conftest import City
from tests.support.patience import until


async def test_refusals_and_administrative_acts_are_searched_at_auth(city: City) -> None:
    reader = await city.caller(city.grant("read"))
    entity = {"id": "urn:ngsi-ld:T:1", "type": "T"}
    for _ in range(2):
        assert (await reader.post("/ngsi-ld/v1/entities", json=entity)).status_code == 403
    master = await city.client(await city.hub.headers())
    subscription = {
        "type": "Subscription",
        "entities": [{"type": "T"}],
        "notification": {"endpoint": {"uri": "http://127.0.0.1:9/"}},
    }
    assert (await master.post("/ngsi-ld/v1/subscriptions", json=subscription)).status_code == 201
    assert (await master.put("/indexes/level")).status_code == 204

    async def recorded() -> set[tuple[Any, ...]]:
        found = (await city.operator.get("/audit", params={"tenant": city.name, "limit": 1000})).json()
        shown = {(each["action"], each["status"]) for each in found if "-broker-" in each["segment"]}
        wanted = {
            ("POST /ngsi-ld/v1/entities", 403),
            ("POST /ngsi-ld/v1/subscriptions", 201),
            ("PUT /indexes/{attribute:path}", 204),
        }
        return shown if wanted <= shown else set()

    assert await until(recorded)
