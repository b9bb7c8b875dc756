"""Calling a function on what others sent in a process of its own: what it may not have ends that process alone."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from services.kernel.bounded_child import TOO_MUCH

_ROOT: Final = Path(__file__).parents[2]
_CHILD: Final = "services.kernel.bounded_child"
_KEPT: Final = ("PATH", "LD_LIBRARY_PATH")
_MOST_TOLD: Final = 4_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a call may use: so much memory, processor time and time, and so long an answer."""

    memory_bytes: int
    processor_s: int
    deadline_s: float
    answer_bytes: int


class ExceedsBounds(Exception):
    """The call needs more than it may have."""


class CallFailed(Exception):
    """The call ended otherwise; the text is the last line that it wrote about that."""


def call_bounded(function: str, sent: IO[bytes], bounds: Bounds) -> bytes:
    """Return what a function (`package.module:name`) writes when it reads a file, from its beginning.

    It is given both as binary files. Its process dies with this one and has none of the service's environment, and so
    neither addresses of databases nor secrets. Blocks: call it in a thread. Raises ExceedsBounds, CallFailed.
    """
    environment = {"PYTHONPATH": str(_ROOT), **{name: os.environ[name] for name in _KEPT if name in os.environ}}
    limits = map(str, (os.getpid(), bounds.memory_bytes, bounds.processor_s, bounds.answer_bytes))
    command = [sys.executable, "-s", "-P", "-m", _CHILD, *limits, function]
    sent.flush()
    os.lseek(sent.fileno(), 0, os.SEEK_SET)
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as told:
        try:
            ended = subprocess.run(
                command, stdin=sent, stdout=answer, stderr=told, timeout=bounds.deadline_s, env=environment, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ExceedsBounds(f"The call took more than {bounds.deadline_s:g} seconds") from error
        if ended.returncode < 0 or ended.returncode == TOO_MUCH:
            raise ExceedsBounds("The call needed more memory, time or room than it may have")
        if ended.returncode:
            raise CallFailed(_last_line(told))
        answer.seek(0)
        return answer.read()


def _last_line(told: IO[bytes]) -> str:
    told.seek(max(0, told.seek(0, os.SEEK_END) - _MOST_TOLD))
    return told.read().decode(errors="replace").strip().rpartition("\n")[2]
