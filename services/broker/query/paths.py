"""Attribute paths of NGSI-LD (4.9): dotted names, keys in brackets, linked entities in braces. Used by `q` and `orderBy`.

path    = name *( "." name ) [ "[" key *( "." key ) "]" / "{" [ name *( "," name ) ":" ] path "}" ]
name    = 1*( letter / digit / "_" / "-" / ":" / "@" / "#" … )         ; a term, a compact IRI, or an IRI with "://"
"""  # noqa: E501

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from services.broker.query.scanner import Scanner
from services.broker.query.tree import AttributeTarget, EntityTarget, Filter, Linked, Target

Expand: TypeAlias = Callable[[str], str]

TIMES: Final = frozenset({"createdAt", "modifiedAt", "expiresAt", "observedAt"})
MEMBERS: Final = TIMES | {"unitCode", "datasetId", "objectType", "valueType"}
_ENTITY: Final = {
    "id": "uri",
    "type": "type",
    "scope": "scope",
    "createdAt": "createdAt",
    "modifiedAt": "modifiedAt",
    "expiresAt": "expiresAt",
}
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+\-]*://[^\s;|()=!<>~\[\]{},\"]+|[^\s.;|()=!<>~\[\]{},\"'*]+")
_HINT: Final = re.compile(r"((?:[^\s.;|()=!<>~\[\]{}:\"]+):)(?!//)")


@dataclass(frozen=True, slots=True)
class Path:
    """A path as it is written: names (not expanded), keys, and what is asked of the linked entities."""

    names: tuple[str, ...]
    keys: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    linked: "Path | None" = None

    @property
    def target(self) -> "Path":
        """The path in the last linked entity; itself, where there is none."""
        return self.linked.target if self.linked else self


def read_path(scanner: Scanner) -> Path:
    """Read a path. Raises BadData."""
    names = [_read_name(scanner)]
    while scanner.take("."):
        names.append(_read_name(scanner))
    if scanner.take("["):
        return Path(tuple(names), keys=_read_keys(scanner))
    if scanner.take("{"):
        with scanner.nested():
            hints = _read_hints(scanner)
            linked = read_path(scanner)
        scanner.need("}")
        return Path(tuple(names), hints=hints, linked=linked)
    return Path(tuple(names))


def _read_name(scanner: Scanner) -> str:
    match = _NAME.match(scanner.text, scanner.at)
    if match is None:
        raise scanner.wrong("the name of an attribute is missing")
    scanner.at = match.end()
    return match[0]


def _read_keys(scanner: Scanner) -> tuple[str, ...]:
    start = scanner.at
    keys = tuple(scanner.take_until("]").split("."))
    scanner.need("]")
    if not all(keys):
        raise scanner.wrong("a key is missing", start)
    return keys


def _read_hints(scanner: Scanner) -> tuple[str, ...]:
    match = _HINT.match(scanner.text, scanner.at)
    if match is None:
        return ()
    scanner.at = match.end()
    hints = tuple(match[1].removesuffix(":").split(","))
    if not all(hints):
        raise scanner.wrong("an entity type is missing", match.start())
    return hints


def make_target(path: Path, expand: Expand, scanner: Scanner) -> Target:
    """Say what a path without linked entities points at. Raises BadData where it points at nothing."""
    first, *rest = path.names
    if not rest and not path.keys and first in _ENTITY:
        return EntityTarget(_ENTITY[first])
    member = rest.pop() if rest and rest[-1] in MEMBERS else None
    if member and path.keys:
        raise scanner.wrong(f"{member} has no keys")
    return AttributeTarget(expand(first), tuple(map(expand, rest)), member, path.keys)


def follow(path: Path, expand: Expand, condition: Filter) -> Filter:
    """Put a condition on the path's target behind the Relationships that lead there."""
    if path.linked is None:
        return condition
    first, *rest = map(expand, path.names)
    return Linked(first, tuple(rest), tuple(map(expand, path.hints)), follow(path.linked, expand, condition))
