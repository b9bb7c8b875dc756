"""Processes that begin as a copy of this one: what it has imported already, they need not import again."""

import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from services.kernel.lifeline import die_with_parent
from services.local.stopping import STOPPING

_LOOK_S = 0.02


class Forked:
    """A forked process, with as much of `subprocess.Popen` as a child needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return how the process ended, as `subprocess.Popen` does; None while it runs."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if timeout is not None and deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(_LOOK_S)
        return code

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def fork(arguments: Sequence[str], environment: Mapping[str, str], output: int | None) -> Forked:
    """Start `[python, …, "-m", module, *rest]` as a copy of this process, which must have a single thread.

    The child has a session and an environment of its own, writes to the file `output` (None: where we do), shows its
    arguments in the list of processes, and dies with this process.
    """
    ask = die_with_parent(signal.SIGTERM)
    former = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        pid = os.fork()
        if pid == 0:
            _live(arguments, environment, output, ask)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)
    return Forked(pid)


def _live(
    arguments: Sequence[str], environment: Mapping[str, str], output: int | None, ask: Callable[[], None]
) -> NoReturn:
    code = 1
    try:
        os.setsid()
        _redirect(output)
        for number in STOPPING:
            signal.signal(number, signal.SIG_DFL)
        ask()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        os.environ.update(environment)
        code = _run(arguments)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _redirect(output: int | None) -> None:
    """Read nothing, write to `output`, and let go of every other file that the parent has open, its lock above all."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    if output is not None:
        os.dup2(output, 1)
        os.dup2(output, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _run(arguments: Sequence[str]) -> int:
    """Run a module as `python -m` would; returns the exit code."""
    from setproctitle import setproctitle  # noqa: PLC0415  # what `hiroba up` alone needs

    place = arguments.index("-m") + 1
    setproctitle(" ".join(arguments))
    sys.argv = list(arguments[place:])
    try:
        runpy.run_module(arguments[place], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return _code_of(end)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _code_of(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    sys.stderr.write(f"{end.code}\n")
    return 1
