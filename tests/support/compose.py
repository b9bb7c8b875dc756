"""The compose file as data: its services, and their environment as a container engine would give it."""

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.architecture.tree import ROOT

FILE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / "deploy" / "env.example"
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[?-])(?P<rest>[^}]*))?\}")


def read_compose() -> Mapping[str, Any]:
    """Read the file, its merges resolved and its variables not."""
    content: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content


def example_names() -> list[str]:
    """List the variables that `deploy/env.example` asks for."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[0] for line in lines if line and not line.startswith("#")]


def filled_example() -> dict[str, str]:
    """Return the example with a random value wherever it gives none, as an operator fills it in."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=")[::2] for line in lines if line and not line.startswith("#"))
    return {name: value or secrets.token_hex(32) for name, value in pairs}


def variables(text: str) -> set[str]:
    """Return the names of the variables that a text substitutes."""
    return {match["name"] for match in _VARIABLE.finditer(text)}


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of `${NAME}`, `${NAME:?why}` and `${NAME:-default}`. Raises KeyError."""

    def value(match: re.Match[str]) -> str:
        if match["kind"] == "-":
            return values.get(match["name"]) or match["rest"]
        return values[match["name"]]

    return _VARIABLE.sub(value, text).replace("$$", "$")


def environment(service: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return a service's environment with the variables in their places."""
    given = read_compose()["services"][service]["environment"]
    return {name: substitute(str(value), values) for name, value in given.items()}


def dockerfile() -> str:
    """Return the text of the image's recipe."""
    return Path(ROOT, "deploy", "Dockerfile").read_text(encoding="utf-8")
