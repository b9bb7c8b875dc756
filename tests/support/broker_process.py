"""Context brokers in processes of their own, on one database."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from services.kernel.lifeline import die_with_parent
from services.local.ports import free_port
from tests.support.patience import eventually


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
        self.process = subprocess.Popen(
            command,
            env=environment,
            stderr=(directory / f"{self.port}.log").open("wb"),
            preexec_fn=die_with_parent(),
        )

    def wait_until_ready(self) -> None:
        """Return when it answers."""
        with httpx.Client(base_url=self.url, timeout=30) as client:
            eventually(lambda: self._is_ready(client))

    def _is_ready(self, client: httpx.Client) -> bool:
        assert self.process.poll() is None
        try:
            return client.get("/health/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def end(self, number: int) -> None:
        """Send a signal and wait for the end."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(60)


class Fleet:
    """Context brokers on one database."""

    def __init__(self, database_url: str, directory: Path) -> None:
        self._database_url = database_url
        self._directory = directory
        self._processes: list[BrokerProcess] = []

    def start(self, count: int = 1) -> list[BrokerProcess]:
        """Start more brokers, at once, and return them when they are ready."""
        started = [BrokerProcess(self._database_url, self._directory) for _ in range(count)]
        self._processes += started
        for each in started:
            each.wait_until_ready()
        return started

    def end(self) -> None:
        """End all of them."""
        for process in self._processes:
            process.end(signal.SIGTERM)
