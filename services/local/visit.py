"""`hiroba up --tour`: a fresh hub, the README's commands one by one, and the first difference."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from services.local.demo.progress import read_progress
from services.local.environment import common_environment
from services.local.hub import Hub
from services.local.screen import say
from services.local.settings import LocalSettings
from services.local.tour import Step, TourError, differs, read_tour
from services.local.up import run_hub

README = Path("README.md")
COMMAND_TIMEOUT_S = 120
DEMO_TIMEOUT_S = 180
_PAUSE_S = 0.5


def take_tour(settings: LocalSettings, readme: Path = README) -> int:
    """Start a hub with a fresh data directory, run the tour, end the hub; 0, or 1 after telling the difference."""
    try:
        steps = read_tour(readme.read_text(encoding="utf-8"))
    except (OSError, TourError) as error:
        say(f"The tour of {readme} cannot be read: {error}")
        return 1
    with tempfile.TemporaryDirectory(prefix="hiroba-tour-") as directory:
        fresh = settings.model_copy(update={"data_dir": Path(directory) / "data"})
        return run_hub(fresh, lambda hub: _walk(hub, steps, readme), with_demo=True)


def _walk(hub: Hub, steps: list[Step], readme: Path) -> int:
    if not _demo_is_shown(hub):
        say(f"The demo is not loaded after {DEMO_TIMEOUT_S} s")
        return 1
    for step in steps:
        hub.look()
        time.sleep(_PAUSE_S)  # as a reader would, and the hub's own consequences come within it
        say(f"$ {step.command}")
        actual = run_command(step.command, Path.cwd(), common_environment(hub.settings))
        say(actual)
        index = differs(step.expected, actual.splitlines())
        if index is not None:
            say(difference(step, actual, index, readme))
            return 1
    say(f"The tour's {len(steps)} commands print what {readme} shows")
    return 0


def run_command(command: str, directory: Path, environment: Mapping[str, str] = MappingProxyType({})) -> str:
    """Run a command as a reader would, in a shell that finds `hiroba`; return what it prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=directory,
            env={**os.environ, **environment, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        return f"(no end after {COMMAND_TIMEOUT_S} s)"
    return done.stdout.decode(errors="replace").rstrip("\n")


def difference(step: Step, actual: str, index: int, readme: Path) -> str:
    """Tell where a command's output leaves what the document shows."""
    lines = actual.splitlines()
    got = lines[index] if index < len(lines) else "(nothing more)"
    shown = "\n".join(f"    {line}" for line in step.expected) or "    (nothing)"
    return (
        f"\n{readme}:{step.line}: the command prints something else\n  {step.command}\n"
        f"  line {index + 1} of its output:\n    {got}\n  the document shows:\n{shown}"
    )


def _demo_is_shown(hub: Hub) -> bool:
    deadline = time.monotonic() + DEMO_TIMEOUT_S
    while time.monotonic() < deadline:
        hub.look()
        if read_progress(hub.directory).is_shown:
            return True
        time.sleep(0.2)
    return False
