"""The supervisor, with real processes: restarts with a growing wait, ends in the reverse order."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.local.child import Command, ending
from services.local.supervisor import FIRST_WAIT_S, LONGEST_WAIT_S, Supervisor
from tests.support.patience import eventually

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def supervisor(lines: list[str], hands: Hands) -> Iterator[Supervisor]:
    supervisor = Supervisor(lines.append, hands)
    yield supervisor
    supervisor.stop()


def test_a_child_that_is_killed_starts_again_and_is_told(
    supervisor: Supervisor, lines: list[str], hands: Hands, tmp_path: Path
) -> None:
    child = supervisor.start(Command("broker", SLEEP, log=tmp_path / "broker.log"))
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: child.poll() is not None)
    supervisor.watch()
    assert lines == [f"broker ended with signal 9; it starts again in 0.5 s; its log is {tmp_path}/broker.log"]
    supervisor.watch()
    assert child.poll() is not None
    hands.now += FIRST_WAIT_S
    supervisor.watch()
    assert child.poll() is None
    assert child.pid != first


def test_the_wait_doubles_up_to_half_a_minute(supervisor: Supervisor, lines: list[str], hands: Hands) -> None:
    child = supervisor.start(Command("broker", [sys.executable, "-c", "raise SystemExit(3)"]))
    for _ in range(9):
        eventually(lambda: child.poll() is not None)
        supervisor.watch()
        hands.now += LONGEST_WAIT_S
        supervisor.watch()
    waits = [line.partition("again in ")[2] for line in lines]
    assert waits == ["0.5 s", "1 s", "2 s", "4 s", "8 s", "16 s", "30 s", "30 s", "30 s"]
    assert supervisor.failures(child) == 9


def test_a_child_that_ran_a_minute_starts_from_the_shortest_wait(
    supervisor: Supervisor, lines: list[str], hands: Hands
) -> None:
    child = supervisor.start(Command("broker", [sys.executable, "-c", "raise SystemExit(3)"]))
    for pause in (LONGEST_WAIT_S, LONGEST_WAIT_S, LONGEST_WAIT_S):
        eventually(lambda: child.poll() is not None)
        supervisor.watch()
        hands.now += pause
        supervisor.watch()
    hands.now += 61
    eventually(lambda: child.poll() is not None)
    supervisor.watch()
    assert lines[-1].endswith("again in 0.5 s")


def test_a_child_that_may_end_is_not_started_again(supervisor: Supervisor, lines: list[str], hands: Hands) -> None:
    child = supervisor.start(Command("demo", [sys.executable, "-c", ""], may_end=True))
    eventually(lambda: child.poll() is not None)
    supervisor.watch()
    hands.now += LONGEST_WAIT_S
    supervisor.watch()
    assert child.poll() == 0
    assert lines == []


def test_children_end_in_the_reverse_order(supervisor: Supervisor, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    script = (
        "import signal,sys,time\n"
        "def end(*_):\n open(sys.argv[1],'a').write(sys.argv[2]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print(flush=True); time.sleep(60)"
    )
    for name in ("a", "b", "c"):
        log = tmp_path / f"{name}.log"
        supervisor.start(Command(name, [sys.executable, "-c", script, str(trace), name], log=log))
        eventually(lambda log=log: log.stat().st_size > 0)  # type: ignore[misc]
    supervisor.stop()
    assert trace.read_text() == "cba"


def test_a_child_that_does_not_end_is_killed_after_its_patience(supervisor: Supervisor, tmp_path: Path) -> None:
    script = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    log = tmp_path / "deaf.log"
    child = supervisor.start(Command("deaf", [sys.executable, "-c", script], log=log, patience_s=0.2))
    eventually(lambda: log.stat().st_size > 0)
    pid = child.pid
    assert pid is not None
    supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_environment_of_a_command_reaches_the_child(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    script = "import os; print(os.environ['HIROBA_AUTH'])"
    child = supervisor.start(Command("child", [sys.executable, "-c", script], {"HIROBA_AUTH": "required"}, log))
    eventually(lambda: child.poll() is not None)
    assert child.last_words() == "required"


def test_a_large_log_is_set_aside_at_the_next_start(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "broker.log"
    with log.open("wb") as stream:
        stream.truncate(11 * 1024 * 1024)
    child = supervisor.start(Command("broker", [sys.executable, "-c", "print('new')"], log=log))
    eventually(lambda: child.poll() is not None)
    assert log.read_text() == "new\n"
    assert (tmp_path / "broker.log.1").stat().st_size == 11 * 1024 * 1024


def test_the_last_words_of_a_service_are_its_sentence_and_reason(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "auth.log"
    log.write_text(
        "Traceback\n"
        '{"logger":"hiroba.auth","message":"Tokens cannot be signed","reason":"another secret"}\n'
        '{"logger":"hiroba.http","message":"A request is answered","status":503}\n'
        '{"logger":"uvicorn.error","level":"INFO","message":"Application shutdown complete."}\n'
    )
    child = supervisor.start(Command("auth", [sys.executable, "-c", ""], log=log))
    eventually(lambda: child.poll() is not None)
    assert child.last_words() == "Tokens cannot be signed: another secret"


def test_how_a_process_ended_is_said() -> None:
    assert ending(-15) == "signal 15"
    assert ending(3) == "code 3"
