"""Files in the data directory that only their owner can read, written whole or not at all."""

import os
import secrets
from pathlib import Path


def create(file: Path, text: str) -> None:
    """Write a file unless there is one already, whoever wrote it. Raises OSError."""
    draft = _draft(file, text)
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _draft(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    return draft
