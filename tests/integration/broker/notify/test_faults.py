"""Real processes, real faults: every due notification arrives at least once, in order per entity, and no other."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.local.postgres import free_port
from tests.support.receiver import Receiver

pytestmark = pytest.mark.slow


class BrokerProcess:
    """A context broker in a process of its own."""

    def __init__(self, database_url: str, directory: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            **os.environ,
            "HIROBA_DATABASE_URL": database_url,
            "HIROBA_BROKER_PORT": str(self.port),
            "HIROBA_DATA_DIR": str(directory),
            "HIROBA_TENANT_CREATION": "on-write",
            "HIROBA_EGRESS": "loopback",
            "HIROBA_AUTH_URL": "http://127.0.0.1:9",
        }
        command = [sys.executable, "-m", "services.cli", "serve", "broker"]
        self.process = subprocess.Popen(command, env=environment, stderr=(directory / f"{self.port}.log").open("wb"))

    def wait_until_ready(self) -> None:
        """Return when it answers."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200:
                    return
            time.sleep(0.05)
        raise TimeoutError("the broker does not get ready")

    def end(self, number: int) -> None:
        """Send a signal and wait for the end."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(20)


class Fleet:
    """Context brokers on one database."""

    def __init__(self, database_url: str, directory: Path) -> None:
        self._database_url = database_url
        self._directory = directory
        self._processes: list[BrokerProcess] = []

    def start(self) -> BrokerProcess:
        """Start one more broker."""
        process = BrokerProcess(self._database_url, self._directory)
        self._processes.append(process)
        process.wait_until_ready()
        return process

    def end(self) -> None:
        """End all of them."""
        for process in self._processes:
            process.end(signal.SIGTERM)


@pytest.fixture
def fleet(database_url: str, tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(database_url, tmp_path)
    yield fleet
    fleet.end()


async def _subscribe(client: httpx.AsyncClient, receiver: Receiver) -> None:
    body = {
        "type": "Subscription",
        "entities": [{"type": "Gauge"}],
        "watchedAttributes": ["level"],
        "notification": {"format": "simplified", "endpoint": {"uri": receiver.url}},
    }
    answer = await client.post("/ngsi-ld/v1/subscriptions", json=body)
    assert answer.status_code == 201, answer.text


async def _create(client: httpx.AsyncClient, number: int) -> None:
    body = {"id": f"urn:ngsi-ld:Gauge:{number}", "type": "Gauge", "level": {"type": "Property", "value": 0}}
    answer = await client.post("/ngsi-ld/v1/entities", json=body)
    assert answer.status_code == 201, answer.text


async def _climb(client: httpx.AsyncClient, number: int, levels: range) -> list[int]:
    """Write levels one after the other; return those that were acknowledged."""
    written = []
    for level in levels:
        with contextlib.suppress(httpx.HTTPError):
            path = f"/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:{number}/attrs"
            answer = await client.patch(path, json={"level": {"type": "Property", "value": level}})
            if answer.status_code == 204:
                written.append(level)
    return written


def _told(receiver: Receiver, number: int) -> list[int]:
    """Return the levels that were told of a gauge, in order of arrival, repetitions left out by their id."""
    seen, levels = set(), []
    for body in receiver.bodies:
        entity = body["data"][0]
        if entity["id"] == f"urn:ngsi-ld:Gauge:{number}" and body["id"] not in seen:
            seen.add(body["id"])
            levels.append(entity["level"])
    return levels


async def _wait_until_told(receiver: Receiver, number: int, levels: set[int]) -> None:
    await receiver.until(lambda: levels <= set(_told(receiver, number)))


async def test_a_killed_broker_loses_nothing_that_it_acknowledged(fleet: Fleet, receiver: Receiver) -> None:
    first = await asyncio.to_thread(fleet.start)
    async with httpx.AsyncClient(base_url=first.url) as client:
        await _subscribe(client, receiver)
        await _create(client, 1)
        receiver.status = 503
        writing = asyncio.create_task(_climb(client, 1, range(1, 200)))
        await asyncio.sleep(0.5)
        first.end(signal.SIGKILL)
        written = await writing
    assert 0 < len(written) < 199
    receiver.status = 204
    receiver.received.clear()
    await asyncio.to_thread(fleet.start)
    await _wait_until_told(receiver, 1, set(written))
    told = _told(receiver, 1)
    assert told == sorted(told)
    assert set(told) - set(written) <= {0, max(written) + 1}  # the write under way when it died may have committed


async def test_two_brokers_on_one_database_tell_all_in_order(fleet: Fleet, receiver: Receiver) -> None:
    brokers = await asyncio.gather(asyncio.to_thread(fleet.start), asyncio.to_thread(fleet.start))
    async with (
        httpx.AsyncClient(base_url=brokers[0].url) as one,
        httpx.AsyncClient(base_url=brokers[1].url) as other,
    ):
        await _subscribe(one, receiver)
        await asyncio.gather(*(_create(one, number) for number in range(6)))
        writing = [_climb((one, other)[number % 2], number, range(1, 40)) for number in range(6)]
        written = await asyncio.gather(*writing)
    assert all(levels == list(range(1, 40)) for levels in written)
    for number in range(6):
        await _wait_until_told(receiver, number, set(range(40)))
        assert _told(receiver, number) == list(range(40))
    ids = [body["id"] for body in receiver.bodies]
    assert len(ids) == len(set(ids)), "no fault, no repetition"


async def test_a_broker_that_is_stopped_settles_and_repeats_nothing(fleet: Fleet, receiver: Receiver) -> None:
    first = await asyncio.to_thread(fleet.start)
    async with httpx.AsyncClient(base_url=first.url) as client:
        await _subscribe(client, receiver)
        await _create(client, 1)
        receiver.delay_s = 0.02
        written = await _climb(client, 1, range(1, 60))
    await asyncio.to_thread(first.end, signal.SIGTERM)
    await asyncio.to_thread(fleet.start)
    await _wait_until_told(receiver, 1, set(written))
    ids = [body["id"] for body in receiver.bodies]
    assert len(ids) - len(set(ids)) <= 1
