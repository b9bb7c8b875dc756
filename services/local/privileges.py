"""Child processes that never run as root."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

UNPRIVILEGED_ID = 65534  # nobody, on every Linux


def needs_other_user() -> bool:
    """Tell whether this process is root, which PostgreSQL refuses to run as."""
    return os.geteuid() == 0


def unprivileged(command: Sequence[str]) -> list[str]:
    """Prefix a command so that it runs as nobody when we are root; unchanged otherwise.

    Nobody may be unable to reach an installation below a private home directory: the child keeps the one
    capability that lets it read there, and no other.
    """
    if not needs_other_user():
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise RuntimeError("setpriv is missing: run as a user other than root, or install util-linux")
    identity = [f"--reuid={UNPRIVILEGED_ID}", f"--regid={UNPRIVILEGED_ID}", "--clear-groups"]
    capabilities = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
    return [setpriv, *identity, *capabilities, "--pdeathsig=INT", *command]


def own(directory: Path) -> None:
    """Create a private directory that the unprivileged child may use."""
    directory.mkdir(parents=True, exist_ok=True)
    if needs_other_user():
        os.chown(directory, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
    directory.chmod(0o700)
