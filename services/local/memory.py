"""What a running hub takes of this machine's memory: the proportional set size of its processes (Linux, proc(5))."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from services.local.environment import SERVICES

PARTS = (*SERVICES, "postgres", "mqtt")
"""What the hub consists of; the supervisor and the demo come on top and are named `beside`."""

_PROC = Path("/proc")


class NotMeasurable(Exception):
    """The memory cannot be measured; the message says why, in one line."""


def measure(directory: Path) -> Mapping[str, float]:
    """Return the megabytes (10^6 bytes) of each part of the hub that uses a data directory. Raises NotMeasurable."""
    if not (_PROC / "self" / "smaps_rollup").exists():
        raise NotMeasurable("Only Linux tells a process's proportional share of memory")
    try:
        supervisor = int((directory / "lock").read_text())
        sizes: Counter[str] = Counter({"beside": _pss_bytes(supervisor)})
    except (OSError, ValueError) as error:
        raise NotMeasurable(f"No hub runs on the data directory {directory}") from error
    for child in _children(supervisor):
        sizes[_part(child)] += _tree_bytes(child)
    return {part: sizes[part] / 1e6 for part in (*PARTS, "beside")}


def total(sizes: Mapping[str, float]) -> float:
    """Add up what the hub consists of, without the supervisor and the demo."""
    return sum(sizes[part] for part in PARTS)


def _tree_bytes(process: int) -> int:
    return _pss_bytes(process) + sum(_tree_bytes(child) for child in _children(process))


def _children(process: int) -> list[int]:
    found: list[int] = []
    for thread in (_PROC / str(process) / "task").iterdir():
        found += [int(each) for each in (thread / "children").read_text().split()]
    return found


def _pss_bytes(process: int) -> int:
    for line in (_PROC / str(process) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise NotMeasurable(f"Process {process} tells no proportional set size")


def _part(process: int) -> str:
    words = (_PROC / str(process) / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ").split()
    if "serve" in words:
        return words[words.index("serve") + 1]
    program = Path(words[0]).name
    if program.startswith("postgres"):
        return "postgres"
    return "mqtt" if program == "mosquitto" or "services.local.mqtt_demo" in words else "beside"
