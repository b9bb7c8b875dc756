"""An installation of the hub for tests: a data directory with ports of its own, run by `hiroba up`."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from services.local.environment import SERVICES, hiroba
from services.local.ports import free_port

PORTS = ("BROKER", "INGEST", "INGEST_HTTP", "CATALOG", "AUTH", "MQTT", "DEMO_RECEIVER")
READY = re.compile(r"Hiroba is ready after ([\d.]+) s")


@dataclass
class Installation:
    """A data directory with ports of its own, and the hub that runs on it."""

    directory: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in PORTS})
    process: subprocess.Popen[bytes] | None = None

    @property
    def screen(self) -> str:
        """What `hiroba up` has shown so far."""
        return (self.directory.parent / "screen").read_text()

    def url(self, service: str) -> str:
        """Return where a service answers."""
        return f"http://127.0.0.1:{self.ports[service.upper()]}"

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment that tells a `hiroba` command of this installation."""
        ports = {f"HIROBA_{name}_PORT": str(port) for name, port in self.ports.items()}
        urls = {f"HIROBA_{name.upper()}_URL": self.url(name) for name in SERVICES}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HIROBA_")}
        return {**kept, **ports, **urls, "HIROBA_MQTT_URL": "", "HIROBA_DATA_DIR": str(self.directory), **more}

    def up(self, *options: str, **more: str) -> float:
        """Start the hub and return the seconds that it says it took."""
        with (self.directory.parent / "screen").open("wb") as screen:
            command = hiroba("up", *options)
            self.process = subprocess.Popen(command, env=self.environment(**more), stdout=screen, stderr=screen)
        deadline = time.monotonic() + 120
        while not (ready := READY.search(self.screen)):
            assert self.process.poll() is None, self.screen
            assert time.monotonic() < deadline, self.screen
            time.sleep(0.05)
        return float(ready[1])

    def run(self, *arguments: str, **more: str) -> str:
        """Run a `hiroba` command against the hub and return what it prints; it must succeed."""
        done = subprocess.run(hiroba(*arguments), env=self.environment(**more), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def family(self) -> list[psutil.Process]:
        """Return every process below the hub's."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int = signal.SIGINT) -> int:
        """End the hub with a signal and return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def processor_s(self) -> float:
        """Return the processor time of the hub and its children so far."""
        assert self.process is not None
        times = [each.cpu_times() for each in (psutil.Process(self.process.pid), *self.family())]
        return sum(each.user + each.system for each in times)

    def service_process(self, service: str) -> psutil.Process:
        """Return the process of a service."""
        return next(each for each in self.family() if " ".join(each.cmdline()).split()[-2:] == ["serve", service])


def imports_s() -> float:
    """Return the processor time that one interpreter takes to import the large libraries, here and now."""
    command = [sys.executable, "-c", "import aiohttp, asyncpg, fastapi, pydantic, sqlalchemy"]
    before = os.times()
    subprocess.run(command, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
