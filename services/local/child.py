"""A child process of the supervisor: its command, its log, and how it is started and ended."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.kernel.lifeline import die_with_parent
from services.local.forked import Forked, fork
from services.local.prepared import CAN_FORK

_LINES_READ = 200
_LARGEST_LOG_BYTES = 10 * 1024 * 1024
_COURSE = ("uvicorn.error", "INFO")  # starting, waiting, shutting down


@dataclass(frozen=True)
class Command:
    """What to run, with which environment beside ours, and where its output goes (None: to our own).

    What `is_ours`, a module of ours run by this Python, may begin as a copy of this process.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    patience_s: float = 10.0
    may_end: bool = False
    is_ours: bool = False


class Child:
    """One running process in a session of its own, so that the terminal's Ctrl-C reaches only the supervisor."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self._process: subprocess.Popen[bytes] | Forked | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process; its log goes on, set aside as `.1` when it is large."""
        log = _open_log(self.command.log) if self.command.log else None
        try:
            self._process = _started(self.command, log)
        finally:
            if log is not None:
                os.close(log)

    def poll(self) -> int | None:
        """Return how the process ended, None while it runs."""
        return self._process.poll() if self._process else 0

    def terminate(self) -> None:
        """Ask the process to end."""
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def wait(self) -> None:
        """Wait until the process has ended; after its patience it is killed."""
        if self._process is None:
            return
        try:
            self._process.wait(self.command.patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def last_words(self) -> str:
        """Return what the process's log says last, without its access log."""
        if self.command.log is None or not self.command.log.exists():
            return ""
        lines = self.command.log.read_text(errors="replace").strip().splitlines()[-_LINES_READ:]
        return next((words for line in reversed(lines) if (words := _words(line))), "")


def _started(command: Command, log: int | None) -> subprocess.Popen[bytes] | Forked:
    if command.is_ours and CAN_FORK:
        return fork(command.arguments, command.environment, log)
    return subprocess.Popen(
        list(command.arguments),
        env={**os.environ, **command.environment},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )


def ending(code: int) -> str:
    """Say how a process ended: `code 1`, `signal 9`."""
    return f"signal {-code}" if code < 0 else f"code {code}"


def _open_log(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LARGEST_LOG_BYTES:
        path.replace(path.with_suffix(path.suffix + ".1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _words(line: str) -> str:
    """Return the sentence of a log line and its reason; nothing for one about a request or the server's course."""
    try:
        record = json.loads(line)
        if record["logger"] == "hiroba.http" or (record["logger"], record.get("level")) == _COURSE:
            return ""
        return ": ".join(str(record[name]) for name in ("message", "reason") if name in record)
    except (ValueError, TypeError, KeyError):
        return line
