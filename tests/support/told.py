"""Levels that are written to gauges through a context broker, and what a receiver was told of them."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

_PAUSE_S = 0.01


@dataclass
class Written:
    """What came of writing levels to one gauge: acknowledged, and those of which nobody knows (no answer, or 503)."""

    acknowledged: list[int] = field(default_factory=list)
    unknown: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Told:
    """What a receiver was told, in order of arrival."""

    bodies: Sequence[Any]

    def levels(self, number: int) -> list[int]:
        """Return the levels of a gauge, repetitions left out by their notification's id."""
        seen: dict[str, int] = {}
        for body in self.bodies:
            entity = body["data"][0]
            if entity["id"] == f"urn:ngsi-ld:Gauge:{number}":
                seen.setdefault(body["id"], entity["level"])
        return list(seen.values())

    @property
    def repetitions(self) -> int:
        """How many notifications came again."""
        return len(self.bodies) - len({body["id"] for body in self.bodies})

    def has_all(self, written: dict[int, Written]) -> bool:
        """Tell whether everything acknowledged was told."""
        return all(set(each.acknowledged) <= set(self.levels(number)) for number, each in written.items())

    def check(self, name: str, written: dict[int, Written]) -> None:
        """Hold what was told against what was written, and print the figures."""
        for number, each in written.items():
            levels = self.levels(number)
            assert set(each.acknowledged) <= set(levels), "nothing due is lost"
            assert set(levels) - set(each.acknowledged) <= each.unknown | {0}, "nothing is told that was not written"
            assert levels == sorted(levels), "in the order of the writes"
        count = sum(len(each.acknowledged) for each in written.values())
        figures = f"{count} writes acknowledged, {len(self.bodies)} notifications, {self.repetitions} repeated"
        sys.stdout.write(f"\n{name}: {figures}\n")


async def subscribe(client: httpx.AsyncClient, url: str) -> None:
    """Subscribe to the levels of gauges."""
    body = {
        "type": "Subscription",
        "entities": [{"type": "Gauge"}],
        "watchedAttributes": ["level"],
        "notification": {"format": "simplified", "endpoint": {"uri": url}},
    }
    answer = await client.post("/ngsi-ld/v1/subscriptions", json=body)
    assert answer.status_code == 201, answer.text


async def create(client: httpx.AsyncClient, number: int, level: int = 0) -> int:
    """Create a gauge; return the answer's status."""
    body = {"id": f"urn:ngsi-ld:Gauge:{number}", "type": "Gauge", "level": {"type": "Property", "value": level}}
    return (await client.post("/ngsi-ld/v1/entities", json=body)).status_code


async def climb(clients: Sequence[httpx.AsyncClient], number: int, levels: Iterable[int], written: Written) -> None:
    """Write levels to a gauge, one after the other with pauses, through the first broker that answers."""
    path = f"/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:{number}/attrs"
    for level in levels:
        for client in clients:
            with contextlib.suppress(httpx.HTTPError):
                answer = await client.patch(path, json={"level": {"type": "Property", "value": level}})
                if answer.status_code == 204:
                    written.acknowledged.append(level)
                    break
            written.unknown.add(level)
        await asyncio.sleep(_PAUSE_S)


def until(seconds: float, levels: Iterable[int]) -> Iterable[int]:
    """Yield levels until some seconds are over."""
    end = time.monotonic() + seconds
    for level in levels:
        if time.monotonic() > end:
            return
        yield level
