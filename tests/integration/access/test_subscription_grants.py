"""Subscriptions of callers whose grants do not reach everything: told only of what they may see, and only their own."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.integration.access.conftest import City
from tests.support.receiver import Receiver, receiving

LD = "/ngsi-ld/v1/subscriptions"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


def _v2(url: str, **more: Any) -> dict[str, Any]:
    subject = {"entities": [{"idPattern": ".*"}], **more}
    return {"subject": subject, "notification": {"http": {"url": url}, "attrsFormat": "keyValues"}}


def _ld(url: str, **more: Any) -> dict[str, Any]:
    notification = {"format": "simplified", "endpoint": {"uri": url, "accept": "application/json"}}
    return {
        "type": "Subscription",
        "entities": [{"type": "Park"}, {"type": "Gauge"}],
        "notification": notification,
        **more,
    }


@pytest.mark.parametrize("face", ["v2", "ld"])
async def test_notifications_hold_only_what_the_subscriber_may_see(city: City, receiver: Receiver, face: str) -> None:
    caller = await city.caller(city.grant("subscribe", types=["Park"], attributes=["name"]))
    path, body = ("/v2/subscriptions", _v2(receiver.url)) if face == "v2" else (LD, _ld(receiver.url))
    assert (await caller.post(path, json=body)).status_code == 201
    master = await city.client(await city.hub.headers())
    gauge = {"id": "gauge-1", "type": "Gauge", "level": {"value": 1}}
    park = {"id": "park-1", "type": "Park", "name": {"value": "中央公園"}, "owner": {"value": "山田"}}
    for entity in (gauge, park):
        assert (await master.post("/v2/entities", json=entity)).status_code == 201
    await master.patch("/v2/entities/park-1/attrs", json={"owner": {"value": "佐藤"}})
    await master.patch("/v2/entities/park-1/attrs", json={"name": {"value": "新公園"}})
    await receiver.until(lambda: "新公園" in str(receiver.bodies))
    await asyncio.sleep(0.3)
    told = [each.body["data"][0] for each in receiver.received]
    assert [each["name"] for each in told] == ["中央公園", "新公園"]
    assert all(set(each) == {"id", "type", "name"} for each in told)


async def test_a_subscriber_with_narrower_grants_sees_and_changes_only_its_own(city: City) -> None:
    master = await city.client(await city.hub.headers())
    mine = await city.caller(city.grant("subscribe", types=["Park"]))
    other = await city.caller(city.grant("subscribe", types=["Park"]))
    for face, body in (("/v2/subscriptions", _v2("http://127.0.0.1:9")), (LD, _ld("http://127.0.0.1:9"))):
        made = await mine.post(face, json=body)
        await master.post(face, json=body)
        where = made.headers["Location"]
        assert len((await mine.get(face)).json()) == 1
        assert len((await master.get(face)).json()) == 2
        assert (await other.get(face)).json() == []
        assert (await other.get(where)).status_code == 404
        assert (await other.delete(where)).status_code == 404
        change = {"description": "x"}
        assert (await other.patch(where, json=change)).status_code == 404
        assert (await mine.patch(where, json=change)).status_code == 204
        assert (await mine.delete(where)).status_code == 204


@pytest.mark.parametrize(
    "more",
    [
        {"q": 'owner=="山田"'},
        {"watchedAttributes": ["owner"]},
        {"geoQ": {"georel": "near;maxDistance==9", "geometry": "Point", "coordinates": [1, 1], "geoproperty": "owner"}},
    ],
)
async def test_a_subscription_cannot_ask_for_what_its_maker_may_not_see(city: City, more: dict[str, Any]) -> None:
    caller = await city.caller(city.grant("subscribe", types=["Park"], attributes=["name"]))
    assert (await caller.post(LD, json=_ld("http://127.0.0.1:9", **more))).status_code == 403
    made = await caller.post(LD, json=_ld("http://127.0.0.1:9"))
    assert made.status_code == 201
    assert (await caller.patch(made.headers["Location"], json=more)).status_code == 403


async def test_an_administrators_change_leaves_the_owners_limits(city: City, receiver: Receiver) -> None:
    caller = await city.caller(city.grant("subscribe", types=["Park"]))
    made = await caller.post("/v2/subscriptions", json=_v2(receiver.url))
    master = await city.client(await city.hub.headers())
    assert (await master.patch(made.headers["Location"], json={"description": "checked"})).status_code == 204
    await master.post("/v2/entities", json={"id": "gauge-1", "type": "Gauge", "level": {"value": 1}})
    await master.post("/v2/entities", json={"id": "park-1", "type": "Park"})
    await receiver.wait_for(1)
    await asyncio.sleep(0.3)
    assert [each.body["data"][0]["id"] for each in receiver.received] == ["park-1"]
