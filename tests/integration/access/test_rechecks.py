"""Subscriptions stop, or show less, when the grants of their makers vanish or the tenant asks more."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.integration.access.conftest import City
from tests.support.auth import Login, register
from tests.support.patience import until
from tests.support.receiver import Receiver, receiving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


async def _subscribed(city: City, receiver: Receiver, *grants: dict[str, Any]) -> tuple[Login, str]:
    login = await register(city.operator, {}, *grants)
    caller = await city.client(await city.hub.headers(login))
    subject = {"entities": [{"idPattern": ".*"}]}
    body = {"subject": subject, "notification": {"http": {"url": receiver.url}, "attrsFormat": "keyValues"}}
    made = await caller.post("/v2/subscriptions", json=body)
    assert made.status_code == 201, made.text
    return login, made.headers["Location"].rpartition("/")[2]


async def _health(city: City, subscription_id: str) -> dict[str, Any]:
    master = await city.client(await city.hub.headers())
    answer = await master.get(f"/deliveries/{subscription_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _write(master: httpx.AsyncClient, entity_id: str, kind: str = "Park", **values: str) -> None:
    attributes = {name: {"value": value} for name, value in values.items()}
    answer = await master.post("/v2/entities", json={"id": entity_id, "type": kind, **attributes})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("types", [["*"], ["Park"]])
async def test_a_subscription_stops_with_a_reason_when_its_makers_grants_vanish(
    city: City, receiver: Receiver, types: list[str]
) -> None:
    login, subscription_id = await _subscribed(city, receiver, city.grant("subscribe", types=types))
    master = await city.client(await city.hub.headers())
    await _write(master, "park-1", name="前")
    await receiver.until(lambda: "park-1" in str(receiver.bodies))
    change = {"grants": [city.grant("read")]}
    assert (await city.operator.patch(f"/clients/{login.client_id}", json=change)).status_code == 200

    async def is_stopped() -> bool:
        found = await _health(city, subscription_id)
        return not found["is_active"] and "grants" in (found["stopped"] or "")

    await until(is_stopped)
    await _write(master, "park-2", name="後")
    other, _ = await _subscribed(city, receiver, city.grant("subscribe"))
    await _write(master, "park-3", name="別")
    await receiver.until(lambda: "park-3" in str(receiver.bodies))
    assert "park-2" not in str(receiver.bodies)
    assert other.client_id != login.client_id


async def test_a_subscription_shows_less_when_its_makers_grants_do(city: City, receiver: Receiver) -> None:
    login, subscription_id = await _subscribed(city, receiver, city.grant("subscribe"))
    master = await city.client(await city.hub.headers())
    change = {"grants": [city.grant("subscribe", types=["Park"])]}
    assert (await city.operator.patch(f"/clients/{login.client_id}", json=change)).status_code == 200
    number = 0

    async def is_narrowed() -> bool:
        nonlocal number
        number += 1
        await _write(master, f"gauge-{number}", "Gauge")
        await _write(master, f"park-{number}")
        await receiver.until(lambda: f"park-{number}'" in str(receiver.bodies))
        return f"gauge-{number}'" not in str(receiver.bodies)

    await until(is_narrowed)
    assert (await _health(city, subscription_id))["is_active"]


async def test_what_a_tenant_asks_later_holds_for_subscriptions_that_there_are(city: City, receiver: Receiver) -> None:
    await _subscribed(city, receiver, city.grant("read", "subscribe"))
    master = await city.client(await city.hub.headers())
    classes = [{"type": "Resident", "attribute": "address", "legal_class": "personal"}]
    assert (await city.operator.put(f"/tenants/{city.name}/classes", json={"classes": classes})).is_success
    number = 0

    async def is_kept_back() -> bool:
        nonlocal number
        number += 1
        await _write(master, f"r-{number}", "Resident", address=f"番町{number}", band="30-39")
        await receiver.until(lambda: f"r-{number}'" in str(receiver.bodies))
        return f"番町{number}'" not in str(receiver.bodies)

    await until(is_kept_back)


async def test_only_the_hubs_services_ask_for_what_a_subject_stands_for(city: City) -> None:
    caller = await city.caller(city.grant("admin"))
    token = {"Authorization": caller.headers["authorization"]}
    assert (await city.operator.get("/subjects/administrator/standing", headers=token)).status_code == 403
    told = (await city.operator.get("/subjects/nobody/standing")).json()
    assert told == {"grants": [], "ial": 0, "aal": 0, "service": "", "purposes": []}
