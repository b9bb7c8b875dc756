"""SQL: named statements in `.sql` files, and the one type through which SQL is composed.

A file holds statements headed by `-- name: retrieve_entity`. Values go only as `$n`; a `Fragment` cannot hold
user text, since it is made of literals in the source and of other fragments.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import LiteralString

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
PLACE = re.compile(r"\$(\d+)")
"""A place of a parameter."""


def load_statements(package: str, resource: str) -> Mapping[str, str]:
    """Read the named statements of one `.sql` file of a package."""
    text = files(package).joinpath(resource).read_text(encoding="utf-8")
    parts = _NAME.split(text)[1:]
    return MappingProxyType({name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)})


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of SQL with its parameters, numbered from `$1` within the piece."""

    text: str
    parameters: tuple[object, ...] = ()

    def __add__(self, other: "Fragment") -> "Fragment":
        return Fragment(self.text + _moved(other.text, len(self.parameters)), self.parameters + other.parameters)


@lru_cache(maxsize=4096)
def _moved(text: str, shift: int) -> str:
    """Return SQL with its places counted on; the pieces that statements are made of are few."""
    return PLACE.sub(lambda place: f"${int(place[1]) + shift}", text) if shift else text


def literal(text: LiteralString, *parameters: object) -> Fragment:
    """Make a fragment of a literal in the source; its values are `$1`, `$2`, …"""
    return Fragment(text, parameters)


def join(separator: LiteralString, fragments: Iterable[Fragment]) -> Fragment:
    """Join fragments with a literal between them."""
    texts: list[str] = []
    parameters: list[object] = []
    for piece in fragments:
        texts.append(_moved(piece.text, len(parameters)))
        parameters += piece.parameters
    return Fragment(separator.join(texts), tuple(parameters))


def enclosed(opening: LiteralString, fragment: Fragment, closing: LiteralString = ")") -> Fragment:
    """Return a fragment between two literals without values."""
    return Fragment(f"{opening}{fragment.text}{closing}", fragment.parameters)
