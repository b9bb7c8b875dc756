"""Measures with a time of their own are in the history exactly once, whichever real process ends in mid-stream."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import pytest

from services.kernel.lifeline import die_with_parent
from services.kernel.migrations import migrate
from services.local.ports import free_port
from services.local.postgres import EmbeddedPostgres
from tests.support.ingest import GROUP, HEADERS, gauge
from tests.support.mqtt import Device, MqttServer, device, mosquitto
from tests.support.patience import until
from tests.support.relay import Relay, relayed

DEVICES, MEASURES = 10, 100
OUTAGE_S = float(os.environ.get("HIROBA_TEST_OUTAGE_S", "3"))
KEPT = ("persistence true", "autosave_interval 1", "max_queued_messages 0", "max_inflight_messages 2000")


@dataclass
class Service:
    """A service in a process of its own, which can be killed and started again."""

    name: str
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> None:
        command = [sys.executable, "-m", "services.cli", "serve", self.name]
        environment = {**os.environ, **self.environment}
        self.process = subprocess.Popen(
            command, env=environment, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent()
        )

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(60)
            self.process = None


@dataclass
class City:
    """What a city runs: the processes, the MQTT broker, the way to the database."""

    ingest: Service
    broker: Service
    mqtt: MqttServer
    database: Relay
    database_url: str

    async def is_ready(self) -> bool:
        """Tell whether ingest and all that it needs are there."""
        url = f"http://127.0.0.1:{self.ingest.environment['HIROBA_INGEST_PORT']}/health/ready"
        async with httpx.AsyncClient(timeout=30) as client:
            try:
                return (await client.get(url)).status_code == 200
            except httpx.HTTPError:
                return False

    async def times_in_history(self) -> list[int]:
        """Return how often each measure is in the history."""
        connection = await asyncpg.connect(self.database_url, server_settings={"search_path": "broker"})
        statement = "select count(*) from history where attribute like '%waterLevel' group by uri, observed_at"
        rows = await connection.fetch(statement)
        await connection.close()
        return [row["count"] for row in rows]


@asynccontextmanager
async def city(database_url: str, directory: Path) -> AsyncIterator[City]:
    with mosquitto(directory, *KEPT, f"persistence_location {directory}/") as mqtt:
        async with relayed(database_url) as (relay, url):
            broker_port, ingest_port = free_port(), free_port()
            shared = {"HIROBA_DATABASE_URL": url, "HIROBA_TENANT_CREATION": "on-write", "HIROBA_LOG_LEVEL": "ERROR"}
            shared |= {"HIROBA_AUTH_URL": f"http://127.0.0.1:{free_port()}", "HIROBA_DATA_DIR": str(directory)}
            shared |= {"HIROBA_BROKER_URL": f"http://127.0.0.1:{broker_port}", "HIROBA_MQTT_URL": mqtt.url}
            shared |= {"HIROBA_BROKER_PORT": str(broker_port), "HIROBA_INGEST_PORT": str(ingest_port)}
            shared |= {"HIROBA_INGEST_HTTP_PORT": str(free_port())}
            services = Service("ingest", shared), Service("broker", shared)
            for service in services:
                service.start()
            try:
                yield City(*services, mqtt, relay, database_url)
            finally:
                for service in services:
                    service.kill()


async def kill_ingest(city: City) -> None:
    city.ingest.kill()
    city.ingest.start()


async def kill_broker(city: City) -> None:
    city.broker.kill()
    await asyncio.sleep(0.5)
    city.broker.start()


async def cut_database(city: City) -> None:
    city.database.cut()
    await asyncio.sleep(2)
    city.database.mend()


async def restart_mqtt(city: City) -> None:
    await asyncio.to_thread(city.mqtt.stop)
    await asyncio.to_thread(city.mqtt.start)


async def _provision(city: City) -> None:
    url = f"http://127.0.0.1:{city.ingest.environment['HIROBA_INGEST_PORT']}"
    async with httpx.AsyncClient(base_url=url, headers=HEADERS, timeout=30) as client:
        assert (await client.post("/iot/services", json={"services": [dict(GROUP)]})).status_code == 201
        devices = {"devices": [gauge(number) for number in range(DEVICES)]}
        assert (await client.post("/iot/devices", json=devices)).status_code == 201


def _publish(sender: Device, values: range) -> None:
    for value in values:
        for number in range(DEVICES):
            at = f"2026-08-20T{value // 60:02}:{value % 60:02}:00Z"
            sender.publish(f"/json/rivers/gauge-{number}/attrs", {"level": value, "TimeInstant": at})


@pytest.mark.slow
@pytest.mark.needs("mosquitto")
@pytest.mark.parametrize("fault", [kill_ingest, kill_broker, cut_database, restart_mqtt])
async def test_each_measure_is_in_the_history_exactly_once(
    database_url: str, tmp_path: Path, fault: Callable[[City], Awaitable[None]]
) -> None:
    async with city(database_url, tmp_path) as running:
        await _measure_through(running, fault)


@pytest.fixture
async def own_postgres(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """Return a PostgreSQL of this test alone, which it may stop."""
    await asyncio.to_thread(tmp_path.chmod, 0o711)
    server = EmbeddedPostgres(tmp_path / "postgres")
    await asyncio.to_thread(server.start)
    for service in ("broker", "ingest"):
        await migrate(server.url, service)
    yield server
    await asyncio.to_thread(server.stop)


@pytest.mark.slow
@pytest.mark.needs("mosquitto")
async def test_measures_wait_for_a_postgresql_that_is_stopped_and_are_written_once(
    own_postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    async def stop_database(_: City) -> None:
        await asyncio.to_thread(own_postgres.stop)
        await asyncio.sleep(OUTAGE_S)
        await asyncio.to_thread(own_postgres.start)

    async with city(own_postgres.url, tmp_path) as running:
        await _measure_through(running, stop_database)


async def _measure_through(running: City, fault: Callable[[City], Awaitable[None]]) -> None:
    await until(running.is_ready)
    await _provision(running)
    async with device(running.mqtt) as sender:
        _publish(sender, range(MEASURES // 2))

        async def has_begun() -> bool:
            return len(await running.times_in_history()) > 50

        await until(has_begun)
        await fault(running)
        await until(lambda: sender.is_connected)
        _publish(sender, range(MEASURES // 2, MEASURES))
        await asyncio.to_thread(sender.wait, 60)

        async def is_complete() -> bool:
            return len(await running.times_in_history()) >= DEVICES * MEASURES

        await until(is_complete)
        await asyncio.sleep(1)
        assert await running.times_in_history() == [1] * (DEVICES * MEASURES)
