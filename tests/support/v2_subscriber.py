"""An NGSIv2 subscriber of a tenant of its own, with a receiver, for tests of what it is told."""

import asyncio
from typing import Any

import httpx

from tests.support.receiver import Received, Receiver

ROOM: dict[str, Any] = {
    "id": "r1",
    "type": "Room",
    "level": {"type": "Number", "value": 1, "metadata": {"unit": {"type": "Text", "value": "m"}}},
    "name": {"type": "Text", "value": "north"},
}


class Subscriber:
    """One tenant's client with a receiver; rooms are watched unless told otherwise."""

    def __init__(self, broker: httpx.AsyncClient, receiver: Receiver) -> None:
        self.broker = broker
        self.receiver = receiver

    async def subscribe(self, condition: dict[str, Any] | None = None, **given: Any) -> str:
        """Subscribe and return the subscription's id; `http` or another channel is in `given`, or the plain one."""
        channels = ("http", "httpCustom", "mqtt", "mqttCustom")
        notification = given.pop("notification", {})
        if not any(name in notification for name in channels):
            notification = {"http": {"url": self.receiver.url}, **notification}
        if "httpCustom" in notification:
            notification["httpCustom"].setdefault("url", self.receiver.url)
        entities = given.pop("entities", [{"idPattern": ".*", "type": "Room"}])
        subject = {"entities": entities, **({"condition": condition} if condition else {})}
        body = {"subject": subject, "notification": notification, **given}
        answer = await self.broker.post("/v2/subscriptions", json=body)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"].rsplit("/", 1)[1]

    async def shown(self, subscription_id: str) -> dict[str, Any]:
        """Return the subscription as it is shown."""
        found: dict[str, Any] = (await self.broker.get(f"/v2/subscriptions/{subscription_id}")).json()
        return found

    async def create(self, **changed: Any) -> None:
        """Create a room."""
        answer = await self.broker.post("/v2/entities", json={**ROOM, **changed})
        assert answer.status_code == 201, answer.text

    async def write(self, query: str = "", **attributes: Any) -> None:
        """Write attributes of the room."""
        answer = await self.broker.post(f"/v2/entities/r1/attrs{query}", json=attributes)
        assert answer.status_code == 204, answer.text

    async def told(self, count: int) -> list[Received]:
        """Return what came, which must be so much and no more once all has been sent."""
        received = await self.receiver.wait_for(count) if count else []
        deadline = asyncio.get_running_loop().time() + 60
        while asyncio.get_running_loop().time() < deadline:
            health = (await self.broker.get("/deliveries")).json()
            if not any(each["pending"] for each in health):
                break
            await asyncio.sleep(0.02)
        assert len(self.receiver.received) == count
        return received
