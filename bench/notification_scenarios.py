"""The scenarios of the benchmark of notifications; each returns its figures in the form of all benchmarks."""

import asyncio
import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.notification_city import one_each, pending, subscribe, subscription, unsubscribe_all, uri
from bench.processor_time import processor_s
from bench.receivers import Arrivals, Receivers
from bench.updates import Updates, put_all, put_steadily
from services.local.ports import free_port

_GOLDEN = 0.6180339887
_QUIET_S = 12.0
_HOT = 90_000
_SEVERAL = 4
_STATIONS = 10


@dataclass
class Place:
    """What a scenario runs on: the broker's port, the processes, the receivers, and how long to measure."""

    url: str
    broker: int
    receivers: Receivers
    processes: dict[str, int]
    seconds: float
    gauges: int = 10_000

    def spent(self) -> dict[str, float]:
        """Return the processor time of each process so far."""
        return {name: processor_s(pid) for name, pid in self.processes.items()}

    def any_gauge(self, number: int) -> int:
        """Return gauges spread over all, never the same neighbours."""
        return int(number * _GOLDEN * self.gauges) % self.gauges

    def updates(self, choose: Callable[[int], int] | None = None) -> Updates:
        """Return updates of gauges."""
        return Updates(choose or self.any_gauge, uri)

    async def settle(self) -> None:
        """Wait until nothing waits and what came is forgotten."""
        while await pending(self.url):  # noqa: ASYNC110 - another process takes them
            await asyncio.sleep(0.2)
        await self.receivers.take()


def figures(name: str, face: str, updates: Updates, arrivals: Arrivals, **more: Any) -> dict[str, Any]:
    """Return a scenario's figures: notifications a second and milliseconds from update to arrival."""
    return {
        "name": name,
        "face": face,
        "ratio": None,
        "throughput": round(arrivals.rate, 1),
        "limit": None,
        **{f"p{share}_ms": round(arrivals.percentile_ms(share / 100), 2) for share in (50, 95, 99)},
        "updates": len(updates.acknowledged),
        "updates_per_s": round(len(updates.acknowledged) / updates.measured.seconds, 1),
        "update_p50_ms": round(updates.measured.percentile_ms(0.5), 2),
        "update_p95_ms": round(updates.measured.percentile_ms(0.95), 2),
        "refused": sum(count for status, count in updates.measured.statuses.items() if status != 204),
        "lost": arrivals.lost(updates.acknowledged),
        "duplicates": arrivals.duplicates,
        "disordered": arrivals.disordered(updates.acknowledged),
        **more,
    }


def _cost(place: Place, before: dict[str, float], arrivals: Arrivals) -> dict[str, Any]:
    """Return microseconds of processor time for each notification, by process."""
    after = place.spent()
    count = max(1, len(arrivals.rows))
    return {f"{name}_us": round((after[name] - before[name]) * 1_000_000 / count) for name in after}


async def steady(place: Place, face: str) -> list[dict[str, Any]]:
    """Measure 10,000 subscriptions, 500 updates a second with one match each."""
    await subscribe(place.broker, one_each(place.gauges, face, place.receivers.ports))
    await put_steadily(place.broker, place.updates(), rate=500, seconds=1)
    await place.settle()
    before = place.spent()
    updates = await put_steadily(place.broker, place.updates(), rate=500, seconds=place.seconds)
    arrivals = await place.receivers.take_until(len(updates.acknowledged), _QUIET_S)
    return [figures("notify-500-a-second", face, updates, arrivals) | _cost(place, before, arrivals)]


async def saturated(place: Place, face: str) -> list[dict[str, Any]]:
    """Measure updates with one match each as fast as the broker takes them; the subscriptions are there already."""
    await place.settle()
    return [await _saturate(place, "notify-saturated", face)]


async def hot(place: Place, face: str) -> list[dict[str, Any]]:
    """Measure one subscription to everything, while all updates are for it."""
    await unsubscribe_all(place.url)
    everything = [] if face == "ngsi-ld" else [{"idPattern": ".*"}]
    url = f"http://127.0.0.1:{place.receivers.ports[0]}/{_HOT}"
    await subscribe(place.broker, [subscription(face, everything, url)])
    return [await _saturate(place, "notify-one-subscription", face)]


async def several(place: Place, face: str) -> list[dict[str, Any]]:
    """Measure four subscriptions to everything, so that each update is told four times."""
    await unsubscribe_all(place.url)
    everything = [] if face == "ngsi-ld" else [{"idPattern": ".*"}]
    urls = (f"http://127.0.0.1:{port}/{_HOT + number}" for number, port in enumerate(place.receivers.ports[:_SEVERAL]))
    await subscribe(place.broker, [subscription(face, everything, url) for url in urls])
    return [await _saturate(place, "notify-four-subscriptions", face, _SEVERAL)]


async def _saturate(place: Place, name: str, face: str, subscriptions: int = 1) -> dict[str, Any]:
    before = place.spent()
    most = [0]
    watching = asyncio.create_task(_watch_pending(place, most))
    updates = await put_all(place.broker, place.updates(), connections=64, seconds=place.seconds)
    arrivals = await place.receivers.take_until(len(updates.acknowledged) * subscriptions, _QUIET_S)
    watching.cancel()
    more = {"lost": arrivals.lost(updates.acknowledged, subscriptions), "most_pending": most[0]}
    return figures(name, face, updates, arrivals) | _cost(place, before, arrivals) | more


async def _watch_pending(place: Place, most: list[int]) -> None:
    while True:
        most[0] = max(most[0], await pending(place.url))
        await asyncio.sleep(0.5)


async def isolated(place: Place, face: str) -> list[dict[str, Any]]:
    """Measure 48 well receivers with and without a dead and a five-second one beside them, in turn."""
    ports = place.receivers.ports
    slow, dead = ports[0], free_port()
    well = range(2, len(ports))
    rounds: dict[bool, list[float]] = {False: [], True: []}
    for is_ill in itertools.islice(itertools.cycle((False, True)), 6):
        await unsubscribe_all(place.url)
        await place.receivers.delay(slow, 5000 if is_ill else 0)
        urls = {1: f"http://127.0.0.1:{dead if is_ill else ports[1]}/1"}
        wanted = [
            subscription(
                face, [{"id": uri(number), "type": "Gauge0"}], urls.get(number, f"http://127.0.0.1:{port}/{number}")
            )
            for number, port in enumerate(ports)
        ]
        await subscribe(place.broker, wanted)
        await put_steadily(place.broker, place.updates(lambda n: n % len(ports)), rate=500, seconds=0.5)
        await asyncio.sleep(0.5)
        await place.receivers.take()
        updates = await put_steadily(
            place.broker, place.updates(lambda n: n % len(ports)), rate=500, seconds=place.seconds / 2
        )
        for_well = {stamp: entity for stamp, entity in updates.acknowledged.items() if entity in well}
        arrivals = await place.receivers.take_until(len(for_well), 2)
        arrivals.rows = [row for row in arrivals.rows if row[0] in well and row[1] in for_well]
        updates.acknowledged = for_well
        rounds[is_ill].append(arrivals.percentile_ms(0.95))
        if is_ill:
            last = updates, arrivals
    await place.receivers.delay(slow, 0)
    without, beside = statistics.median(rounds[False]), statistics.median(rounds[True])
    more = {"p95_without_ms": round(without, 2), "p95_beside_ms": round(beside, 2)}
    more["change"] = round(beside / without - 1, 3)
    return [figures("notify-beside-ill-receivers", face, *last) | more]


async def replayed(place: Place, face: str) -> list[dict[str, Any]]:
    """Replay ten weather stations, 50 observations a second, to a receiver that takes 100 ms for each."""
    await unsubscribe_all(place.url)
    port = place.receivers.ports[0]
    await place.receivers.delay(port, 100)
    stations = [{"id": uri(number), "type": "Gauge0"} for number in range(_STATIONS)]
    await subscribe(place.broker, [subscription(face, stations, f"http://127.0.0.1:{port}/{_HOT}")])
    updates = await put_steadily(place.broker, place.updates(lambda n: n % _STATIONS), rate=50, seconds=place.seconds)
    arrivals = await place.receivers.take_until(len(updates.acknowledged), _QUIET_S)
    await place.receivers.delay(port, 0)
    return [figures("notify-ten-weather-stations", face, updates, arrivals)]


async def measure(place: Place, names: list[str], faces: tuple[str, ...]) -> list[dict[str, Any]]:
    """Run the scenarios, those of these names where names are given, through each face that they are meant for."""
    found: list[dict[str, Any]] = []
    plan = [(scenario, face) for face in faces for scenario in (steady, saturated, hot, several)]
    for scenario, face in [*plan, (isolated, faces[0]), (replayed, faces[0])]:
        if names and scenario.__name__ not in names:
            continue
        began = time.monotonic()
        if scenario is steady:
            await unsubscribe_all(place.url)
        found += await scenario(place, face)
        print(found[-1], f"{time.monotonic() - began:.0f} s", flush=True)
    return found
