"""The whole hub on one machine: what is started in which order, watched, and ended."""

import fcntl
import hashlib
import http.client
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from services.local.child import Child, Command
from services.local.database import kept_secrets, role_passwords, role_url
from services.local.environment import CALLING_SERVICES, SERVICES, common_environment, hiroba, service_environment
from services.local.mqtt import choose_broker
from services.local.postgres import EmbeddedPostgres, EmbeddedPostgresError
from services.local.preflight import NotReady
from services.local.prepared import prepare
from services.local.screen import say
from services.local.settings import LocalSettings
from services.local.supervisor import Supervisor

READY_TIMEOUT_S = 90.0
MOST_FAILURES = 3
_LOOK_S = 0.1
_STARTED_FIRST = ("broker", "ingest", "catalog", "auth")  # what takes longest to import, first


@dataclass
class Hub:
    """PostgreSQL, the MQTT broker, the four services and the demo, each a process of its own.

    `start` returns when every service is ready; `stop` leaves nothing behind but the data directory.
    """

    settings: LocalSettings
    with_demo: bool = True
    mqtt_label: str = ""
    _postgres: EmbeddedPostgres | None = None
    _lock: TextIO | None = None
    _supervisor: Supervisor = field(default_factory=lambda: Supervisor(say))

    @property
    def directory(self) -> Path:
        """The data directory."""
        return self.settings.directory

    @property
    def processes(self) -> dict[str, int]:
        """The process id of everything that belongs to the hub, by name."""
        found = {child.command.name: child.pid for child in self._supervisor.children}
        if self._postgres:
            found["postgres"] = self._postgres.pid
        return {name: pid for name, pid in found.items() if pid is not None}

    def start(self) -> None:
        """Start everything and wait until it is ready. Raises NotReady."""
        self._lock = _lock(self.directory)
        owner_url = self._start_database()
        self._start_mqtt()
        prepare()
        if not self._is_prepared():
            self._await_database()
            self._migrate(owner_url)
        passwords = role_passwords(self.directory, SERVICES)
        urls = {service: role_url(owner_url, service, passwords[service]) for service in SERVICES}
        secrets = self._client_secrets()
        for service in sorted(SERVICES, key=_STARTED_FIRST.index):
            environment = service_environment(self.settings, service, urls[service], secrets)
            log = self.directory / "logs" / f"{service}.log"
            command = Command(service, hiroba("serve", service), environment, log, patience_s=15, is_ours=True)
            self._supervisor.start(command)
        self._await_database()
        self._wait_until_ready()
        if self.with_demo:
            self._start_demo()

    def watch(self) -> None:
        """Restart what dies, until a signal ends the loop."""
        while True:
            self.look()
            time.sleep(_LOOK_S)

    def look(self) -> None:
        """Look once at everything that runs."""
        self._supervisor.watch()
        if self._postgres and not self._postgres.is_running():
            say("PostgreSQL ended; it starts again")
            self._postgres.start()

    def stop(self) -> None:
        """End everything, PostgreSQL last."""
        self._supervisor.stop()
        if self._postgres:
            self._postgres.stop()
            self._postgres = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def _start_database(self) -> str:
        if self.settings.database_url:
            return self.settings.database_url
        self._postgres = EmbeddedPostgres(self.directory / "postgres")
        with _told_in_one_line():
            self._postgres.launch()
        return self._postgres.url

    def _await_database(self) -> None:
        """Wait for our own cluster: services start beside it, and only the first start needs it earlier."""
        if self._postgres:
            with _told_in_one_line():
                self._postgres.await_ready()

    def _start_mqtt(self) -> None:
        if self.settings.mqtt_url:
            self.mqtt_label = "given"
            return
        broker = choose_broker(self.settings.mqtt_port, self.directory)
        self.mqtt_label = broker.label
        self._supervisor.start(broker.command)

    def _is_prepared(self) -> bool:
        """Tell whether our own cluster has these very schemas and roles already; a given database may change."""
        return self._postgres is not None and _read(self._mark) == migrations_digest()

    def _migrate(self, owner_url: str) -> None:
        environment = {**common_environment(self.settings), "HIROBA_DATABASE_URL": owner_url}
        log = self.directory / "logs" / "migrate.log"
        child = Child(Command("migrate", hiroba("migrate"), environment, log, is_ours=True))
        child.start()
        try:
            while (code := child.poll()) is None:
                time.sleep(_LOOK_S / 5)
        finally:
            child.terminate()
        if code:
            raise NotReady(f"The database cannot be brought up to date: {child.last_words()}")
        if self._postgres:
            self._mark.write_text(migrations_digest())

    @property
    def _mark(self) -> Path:
        """The file that says how far the embedded cluster is migrated; it goes when the cluster goes."""
        return self.directory / "postgres" / "migrated"

    def _client_secrets(self) -> Mapping[str, str]:
        """Return the secrets with which services call each other; none where no call needs a token."""
        if self.settings.auth == "open":
            return {}
        return kept_secrets(self.directory / "clients.json", CALLING_SERVICES)

    def _start_demo(self) -> None:
        environment = common_environment(self.settings)
        log = self.directory / "logs" / "receiver.log"
        self._supervisor.start(Command("receiver", hiroba("demo", "receive"), environment, log, is_ours=True))
        self._supervisor.start(Command("demo", hiroba("demo", "run"), environment, may_end=True, is_ours=True))

    def _wait_until_ready(self) -> None:
        waiting = {service: self.settings.service_url(service) for service in SERVICES}
        deadline = time.monotonic() + READY_TIMEOUT_S
        while waiting:
            self.look()
            for service in [name for name, url in waiting.items() if is_ready(url)]:
                del waiting[service]
            late = time.monotonic() > deadline
            for child in self._supervisor.children:
                name = child.command.name
                if name in waiting and (late or self._supervisor.failures(child) >= MOST_FAILURES):
                    raise NotReady(f"{name} cannot be started: {child.last_words() or 'it is not ready'}")
            time.sleep(_LOOK_S)


@contextmanager
def _told_in_one_line() -> Iterator[None]:
    try:
        yield
    except (EmbeddedPostgresError, OSError, RuntimeError) as error:
        raise NotReady(f"The embedded PostgreSQL cannot be started: {error}") from error


def migrations_digest() -> str:
    """Return a digest of all migrations, by which a later version of them is told."""
    digest = hashlib.sha256()
    for file in sorted(Path(str(files("services"))).glob("*/store/migrations/*.py")):
        digest.update(f"{file.parts[-4]}/{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def is_ready(url: str) -> bool:
    """Tell whether a service says that it can do its work."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _lock(directory: Path) -> TextIO:
    """Take the data directory for this process. Raises NotReady."""
    file = (directory / "lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise NotReady(f"Another `hiroba up` uses the data directory {directory}") from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""
