"""The demo from load to leisure: what `hiroba up` runs beside the services."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.local.calls import CallFailed, Calls
from services.local.demo.files import FLOOD_DAY, days
from services.local.demo.fukui import load_fukui
from services.local.demo.gauges import ENTITY_TYPE, TENANT, Gauge, Reading, last_levels, read_gauges, read_readings
from services.local.demo.progress import keep_progress, read_progress
from services.local.demo.replay import replay as publish
from services.local.demo.takamatsu import load_takamatsu
from services.local.screen import say
from services.local.settings import LocalSettings

LEISURE_SPEED = 60.0
PAUSE_BEFORE_LEISURE_S = 300.0
SHOWN_TIMEOUT_S = 120.0
QUIET_S = 1.5
_LOOK_S = 0.25


def receiver_url(settings: LocalSettings) -> str:
    """Return where the demo's receiver takes notifications."""
    return f"http://127.0.0.1:{settings.demo_receiver_port}/notify"


async def load(settings: LocalSettings) -> None:
    """Load both cities; again, when they are there already. Raises CallFailed."""
    async with Calls(settings) as calls:
        fukui = await load_fukui(settings, calls, receiver_url(settings))
        takamatsu = await load_takamatsu(settings, calls)
    for line in (*takamatsu, *fukui):
        say(line)


def replay_days(settings: LocalSettings, wanted: Sequence[str], speed: float | None) -> None:
    """Replay days one after the other and say what was sent. Raises ReplayFailed."""
    known = frozenset(gauge.number for gauge in read_gauges())
    for day in wanted:
        say(f"{day}: {publish(read_readings(day), known, settings.own_mqtt_url, speed).summary()}")


def await_days(settings: LocalSettings, wanted: Sequence[str]) -> None:
    """Wait until the broker shows days that were replayed, and say so. Raises CallFailed."""
    for day in wanted:
        seconds = asyncio.run(await_shown(settings, read_readings(day)))
        say(f"{day}: all of it is in the broker, {seconds:.1f} s later")


async def await_shown(settings: LocalSettings, readings: Sequence[Reading]) -> float:
    """Wait until the broker shows the last level of every known gauge; return the seconds. Raises CallFailed."""
    gauges = {gauge.entity_id: gauge for gauge in read_gauges()}
    last = last_levels(readings)
    started = time.monotonic()
    async with Calls(settings) as calls:
        while True:
            query = {"type": ENTITY_TYPE, "limit": 1000, "attrs": "waterLevel"}
            url = f"{settings.broker_url}/ngsi-ld/v1/entities"
            shown = (await calls.call("GET", url, tenant=TENANT, params=query)).body
            observed = {each["id"]: each["waterLevel"]["observedAt"] for each in shown if "waterLevel" in each}
            if all(_is_reached(gauge, last, observed) for gauge in gauges.values()):
                return time.monotonic() - started
            if time.monotonic() - started > SHOWN_TIMEOUT_S:
                raise CallFailed(f"The readings are not in the broker after {SHOWN_TIMEOUT_S:.0f} s")
            await asyncio.sleep(_LOOK_S)


async def await_told(settings: LocalSettings) -> int:
    """Wait until no more notifications come to the demo's receiver; return how many came. Raises CallFailed."""
    url = f"http://127.0.0.1:{settings.demo_receiver_port}/notifications"
    received, steady_since = -1, time.monotonic()
    async with Calls(settings) as calls:
        while time.monotonic() - steady_since < QUIET_S:
            now = (await calls.call("GET", url, params={"limit": 0})).body["received"]
            if now != received:
                received, steady_since = now, time.monotonic()
            await asyncio.sleep(_LOOK_S)
    return received


def run(settings: LocalSettings) -> None:
    """Load the demo, replay the flood day at once, then the other days at leisure. Raises CallFailed, ReplayFailed.

    A start that finds the demo done goes on where it stopped.
    """
    progress = read_progress(settings.directory)
    if not progress.is_loaded:
        asyncio.run(load(settings))
        progress = replace(progress, is_loaded=True)
        keep_progress(settings.directory, progress)
    if not progress.is_shown:
        replay_days(settings, [FLOOD_DAY], None)
        await_days(settings, [FLOOD_DAY])
        received = asyncio.run(await_told(settings))
        url = f"{receiver_url(settings).removesuffix('/notify')}/notifications"
        say(f"{FLOOD_DAY}: {received:,} notifications came; the changes of alert levels: {url}")
        progress = replace(progress, is_shown=True, days=(FLOOD_DAY,))
        keep_progress(settings.directory, progress)
    for day in [each for each in days() if each not in progress.days]:
        time.sleep(PAUSE_BEFORE_LEISURE_S)
        replay_days(settings, [day], LEISURE_SPEED)
        progress = replace(progress, days=(*progress.days, day))
        keep_progress(settings.directory, progress)


def _is_reached(gauge: Gauge, last: dict[str, Reading], observed: dict[str, str]) -> bool:
    if gauge.number not in last:
        return True
    instant = observed.get(gauge.entity_id)
    return instant is not None and datetime.fromisoformat(instant) >= last[gauge.number].time
