"""How far the demo has come, kept in the data directory so that a second start goes on."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from services.local.database import write_private


@dataclass(frozen=True)
class Progress:
    """What is loaded, which days are replayed, and whether the first of them can be seen in the broker."""

    is_loaded: bool = False
    is_shown: bool = False
    days: tuple[str, ...] = ()


def read_progress(directory: Path) -> Progress:
    """Read how far the demo has come; nothing when it never ran here."""
    file = _file(directory)
    if not file.exists():
        return Progress()
    kept = json.loads(file.read_text())
    return Progress(kept["is_loaded"], kept["is_shown"], tuple(kept["days"]))


def keep_progress(directory: Path, progress: Progress) -> None:
    """Keep how far the demo has come."""
    write_private(_file(directory), json.dumps(asdict(progress)) + "\n")


def _file(directory: Path) -> Path:
    return directory / "demo.json"
