"""The files of the project, without what is generated or installed."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_GENERATED = {".venv", ".git", ".cache", ".clients", "site", "node_modules", "__pycache__", ".hiroba", "build", "dist"}


def files(*suffixes: str, below: Path = ROOT) -> Iterator[Path]:
    """List the project's files with one of the suffixes."""
    for directory, names, found in os.walk(below):
        names[:] = sorted(name for name in names if name not in _GENERATED and not name.endswith("_cache"))
        yield from (Path(directory, name) for name in sorted(found) if name.endswith(suffixes))


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Parse every Python file."""
    for file in files(".py"):
        yield file, ast.parse(file.read_text(encoding="utf-8"), str(file))


def place(file: Path, line: int | None = None) -> str:
    """Name a file, or a line of it, from the project's root."""
    name = str(file.relative_to(ROOT))
    return name if line is None else f"{name}:{line}"
