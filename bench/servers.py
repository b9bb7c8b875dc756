"""The servers that a benchmark measures: each a process of its own with one worker, on an own database."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.request import urlopen

from services.kernel.lifeline import die_with_parent
from services.local.ports import free_port

_START_TIMEOUT_S = 30.0


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str], port: int, ready: str) -> Iterator[int]:
    """Run a server until the block ends; yields its port once `ready` answers."""
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent()
    )
    try:
        _wait(f"http://127.0.0.1:{port}{ready}", process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def running_auth(database_url: str) -> Iterator[int]:
    """Run auth, and let the services that are started in the block follow it: looking for one that is away costs them.

    The database must have auth's schema.
    """
    port = free_port()
    environment = {
        "HIROBA_DATABASE_URL": database_url,
        "HIROBA_AUTH_PORT": str(port),
        "HIROBA_LOG_LEVEL": "WARNING",
    }
    with running([sys.executable, "-m", "services.cli", "serve", "auth"], environment, port, "/health/ready"):
        os.environ["HIROBA_AUTH_URL"] = f"http://127.0.0.1:{port}"
        yield port


@contextlib.contextmanager
def running_broker(database_url: str) -> Iterator[int]:
    """Run the context broker as `hiroba serve` does."""
    port = free_port()
    environment = {
        "HIROBA_DATABASE_URL": database_url,
        "HIROBA_BROKER_PORT": str(port),
        "HIROBA_TENANT_CREATION": "on-write",
        "HIROBA_EGRESS": "loopback",
        "HIROBA_LOG_LEVEL": "WARNING",
    }
    with running([sys.executable, "-m", "services.cli", "serve", "broker"], environment, port, "/health/ready"):
        yield port


@contextlib.contextmanager
def running_ingest(database_url: str, broker: int, mqtt: int | None = None) -> Iterator[int]:
    """Run ingest as `hiroba serve` does; without an MQTT broker it is not ready, and takes in files all the same."""
    port = free_port()
    environment = {
        "HIROBA_DATABASE_URL": database_url,
        "HIROBA_BROKER_URL": f"http://127.0.0.1:{broker}",
        "HIROBA_MQTT_URL": f"mqtt://127.0.0.1:{mqtt or free_port()}",
        "HIROBA_INGEST_PORT": str(port),
        "HIROBA_INGEST_HTTP_PORT": str(free_port()),
        "HIROBA_TENANT_CREATION": "on-write",
        "HIROBA_LOG_LEVEL": "WARNING",
    }
    answers = "/health/live" if mqtt is None else "/health/ready"
    with running([sys.executable, "-m", "services.cli", "serve", "ingest"], environment, port, answers):
        yield port


@contextlib.contextmanager
def running_bare_limit(database_url: str) -> Iterator[int]:
    """Run the bare limit."""
    port = free_port()
    options = ["--port", str(port), "--log-level", "error", "--loop", "uvloop", "--http", "httptools"]
    options += ["--timeout-graceful-shutdown", "1"]
    command = [sys.executable, "-m", "uvicorn", "bench.bare:app", "--no-access-log", *options]
    with running(command, {"HIROBA_DATABASE_URL": database_url}, port, "/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:1"):
        yield port


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while True:
        try:
            with urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
