"""How a request points at one entity, and how a query selects by type and scope."""

from dataclasses import dataclass
from typing import TypeAlias

from services.broker.domain.entity import ROOT_PATH, Entity
from services.kernel.errors import Ambiguous, NotFound


@dataclass(frozen=True, slots=True)
class LdRef:
    """An NGSI-LD entity id (a URI), with types that the entity must have one of, if given (5.6.2).

    Where NGSIv2 stored several entities under the id, the earliest created is meant.
    """

    uri: str
    types: tuple[str, ...] = ()

    def choose(self, present: list[Entity]) -> Entity | None:
        """Return the entity meant among those stored under the id, or None."""
        if not self.types and len(present) == 1:
            return present[0]
        fitting = [each for each in present if not self.types or not set(self.types).isdisjoint(each.types)]
        return min(fitting, key=lambda each: each.seq or 1 << 62, default=None)

    def missing(self) -> NotFound:
        """Return the error that says it does not exist."""
        return NotFound(f"Entity {self.uri} does not exist", id=self.uri)


@dataclass(frozen=True, slots=True)
class V2Ref:
    """An NGSIv2 entity id, perhaps with its type, in a service path (`/a/#`: or below) or one of `more_paths`.

    Where no entity has such a path, one that has it as scope is meant, as in queries: NGSI-LD and ingest write scopes.
    With `by_key` only the path itself counts.
    """

    id: str
    type: str | None = None
    path: str = ROOT_PATH
    more_paths: tuple[str, ...] = ()
    by_key: bool = False

    def choose(self, present: list[Entity]) -> Entity | None:
        """Return the entity meant, or None. Raises Ambiguous where several match."""
        paths = (self.path, *self.more_paths)
        named = [each for each in present if self.type is None or each.has_type(self.type)]
        fitting = [each for each in named if any(path_covers(path, each.path) for path in paths)]
        if not (fitting or self.by_key):
            fitting = [
                each for each in named if any(path_covers(path, place) for path in paths for place in each.places)
            ]
        if len(fitting) > 1:
            raise Ambiguous("More than one matching entity. Please refine your query")
        return fitting[0] if fitting else None

    def missing(self) -> NotFound:
        """Return the error that says it does not exist."""
        return NotFound("The requested entity has not been found. Check type and id")


EntityRef: TypeAlias = LdRef | V2Ref


def path_covers(pattern: str, path: str) -> bool:
    """Tell whether a service path (`/a`, or `/a/#`: it and all below) covers another."""
    if not pattern.endswith("/#"):
        return pattern == path
    base = pattern.removesuffix("/#")
    return not base or path == base or path.startswith(base + "/")


@dataclass(frozen=True, slots=True)
class TypeIs:
    """An entity has this type (expanded)."""

    name: str


@dataclass(frozen=True, slots=True)
class TypeAll:
    """An entity meets all parts (`;`, 4.17)."""

    parts: tuple["TypeExpression", ...]


@dataclass(frozen=True, slots=True)
class TypeAny:
    """An entity meets one part (`,` or `|`, 4.17)."""

    parts: tuple["TypeExpression", ...]


TypeExpression: TypeAlias = TypeIs | TypeAll | TypeAny


@dataclass(frozen=True, slots=True)
class ScopeIs:
    """One of the entity's scopes matches: levels are names or `+` (any one level); `below` is a final `#` (4.19)."""

    levels: tuple[str, ...]
    below: bool = False


@dataclass(frozen=True, slots=True)
class ScopeAll:
    """All parts match."""

    parts: tuple["ScopeExpression", ...]


@dataclass(frozen=True, slots=True)
class ScopeAny:
    """One part matches."""

    parts: tuple["ScopeExpression", ...]


ScopeExpression: TypeAlias = ScopeIs | ScopeAll | ScopeAny
