"""Calls in a process of their own: what they answer, what they may not use, what they do not know."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

import pytest

from services.kernel.bounded_call import Bounds, CallFailed, ExceedsBounds, call_bounded
from services.kernel.lifeline import die_with_parent
from tests.support.patience import eventually

BOUNDS = Bounds(memory_bytes=500_000_000, processor_s=30, deadline_s=60, answer_bytes=100_000)


def tell(sent: IO[bytes], answer: IO[bytes]) -> None:
    """Do what a file asks for."""
    match sent.read().decode().split():
        case ["double", text]:
            answer.write(text.encode() * 2)
        case ["surroundings"]:
            answer.write(" ".join([str(os.getppid()), *os.environ]).encode())
        case ["memory"]:
            answer.write(b"x" * len(bytearray(1_000_000_000)))
        case ["room"]:
            answer.write(bytes(1_000_000))
        case ["processor"]:
            while True:
                pass
        case ["time", place]:
            Path(place).write_text(str(os.getpid()))
            time.sleep(600)
        case ["end"]:
            os.abort()
        case other:
            raise ValueError(f"nobody knows {other[0]}")


def called(wish: str, bounds: Bounds = BOUNDS) -> bytes:
    with tempfile.TemporaryFile() as sent:
        sent.write(wish.encode())
        return call_bounded(f"{__name__}:tell", sent, bounds)


def test_a_call_answers_and_knows_nothing_of_the_services_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIROBA_DATABASE_URL", "postgresql://secret")
    assert called("double 文") == "文文".encode()
    parent, *names = called("surroundings").decode().split()
    assert (int(parent), [name for name in names if "HIROBA" in name]) == (os.getpid(), [])


@pytest.mark.parametrize(
    ("wish", "bounds"),
    [
        ("memory", BOUNDS),
        ("room", BOUNDS),
        ("end", BOUNDS),
        ("processor", Bounds(500_000_000, 1, 60, 100_000)),
        ("time /dev/null", Bounds(500_000_000, 30, 2, 100_000)),
    ],
)
def test_what_a_call_may_not_have_ends_it_alone(wish: str, bounds: Bounds) -> None:
    with pytest.raises(ExceedsBounds):
        called(wish, bounds)


def test_a_call_that_fails_tells_why() -> None:
    with pytest.raises(CallFailed, match="ValueError: nobody knows what"):
        called("what")


def test_a_call_dies_with_the_process_that_began_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    script = f"from {__name__} import called; called('time {told}')"
    root = Path(__file__).parents[3]
    caller = subprocess.Popen([sys.executable, "-c", script], cwd=root, preexec_fn=die_with_parent())
    eventually(lambda: told.exists() and told.read_text())
    pid = int(told.read_text())
    assert _lives(pid)
    caller.kill()
    caller.wait()
    eventually(lambda: not _lives(pid))


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
