"""The files of the project, without what is generated or installed."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_GENERATED = {".venv", ".git", ".cache", ".clients", "site", "node_modules", "__pycache__", ".hiroba", "build", "dist"}


def files(*suffixes: str, below: Path = ROOT) -> Iterator[Path]:
    """List the project's files with one of the suffixes."""
    for directory, names, found in os.walk(below):
        names[:] = sorted(name for name in names if name not in _GENERATED and not name.endswith("_cache"))
        yield from (Path(directory, name) for name in sorted(found) if name.endswith(suffixes))


@dataclass(frozen=True)
class Definition:
    """A class or function: its file, name, lines, and which of both it is."""

    file: Path
    name: str
    line: int
    length: int
    is_class: bool


@cache
def definitions() -> tuple[Definition, ...]:
    """Return the classes and functions of every Python file."""
    return tuple(each for file in files(".py") for each in _definitions_in(file))


def _definitions_in(file: Path) -> Iterator[Definition]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Definition(file, node.name, node.lineno, length, isinstance(node, ast.ClassDef))


def place(file: Path, line: int | None = None) -> str:
    """Name a file, or a line of it, from the project's root."""
    name = str(file.relative_to(ROOT))
    return name if line is None else f"{name}:{line}"
