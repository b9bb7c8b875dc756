"""Processor time of processes and their children, from Linux's /proc: what a figure costs, whatever else runs."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_s(pid: int) -> float:
    """Return the seconds of processor time that a process and its living descendants have used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = sum(map(int, fields[11:15])) / _TICKS
    return own + sum(processor_s(int(child)) for child in children)


def child_running(words: str) -> int:
    """Return the id of this process's child whose command line has these words. Raises LookupError."""
    own = os.getpid()
    for child in Path(f"/proc/{own}/task/{own}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        if words in command:
            return int(child)
    raise LookupError(words)
