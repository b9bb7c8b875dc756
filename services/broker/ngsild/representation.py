"""How an answer shows entities: format, members, languages, data sets, media type, context (4.5, 6.3.7, 6.3.21)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from services.broker.domain.entity import Entity
from services.broker.domain.names import Context
from services.broker.ngsild.negotiation import JSON


class Format(StrEnum):
    """A representation of entities (4.5.1-4.5.4)."""

    NORMALIZED = "normalized"
    CONCISE = "concise"
    SIMPLIFIED = "simplified"


@dataclass(frozen=True, slots=True)
class Projection:
    """Members to show: names as expanded attributes, or `id`, `type`, `scope`; `below` for linked entities."""

    names: frozenset[str] = frozenset()
    below: Mapping[str, "Projection"] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """How many links deep the projection reaches."""
        return max((1 + each.depth for each in self.below.values()), default=0)


class JoinKind(StrEnum):
    """Where linked entities are shown (4.5.23)."""

    INLINE = "inline"
    FLAT = "flat"


@dataclass(frozen=True, slots=True)
class Join:
    """Linked entities to show: how many links deep, and without those that contain them. `entities` are by URI."""

    kind: JoinKind
    level: int = 1
    contained_by: frozenset[str] = frozenset()
    entities: Mapping[str, Entity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Representation:
    """How entities are shown. `pick` and `omit` are None where all is shown.

    `linked` is how the entities are shown that one attribute's Relationships point at, while that is shown itself.
    Instances that expired before `now` are not shown.
    """

    context: Context
    format: Format = Format.NORMALIZED
    media_type: str = JSON
    sys_attrs: bool = False
    pick: Projection | None = None
    omit: Projection | None = None
    language: str | None = None
    dataset_ids: frozenset[str | None] | None = None
    geometry_property: str = "location"
    body_context: bool = True
    join: Join | None = None
    linked: "Representation | None" = None
    now: datetime | None = None

    def shows(self, name: str) -> bool:
        """Tell whether a member is shown."""
        if self.pick is not None and name not in self.pick.names:
            return False
        return self.omit is None or name not in self.omit.names or name in self.omit.below

    @property
    def is_plain(self) -> bool:
        """Tell whether attributes are shown normalized, whichever they are, without times and linked entities."""
        bare = self.join is None and self.linked is None and self.dataset_ids is None
        return bare and self.format is Format.NORMALIZED and not self.sys_attrs

    @property
    def is_inline(self) -> bool:
        """Tell whether entities that are linked from here are shown inside."""
        return self.join is not None and self.join.kind is JoinKind.INLINE and self.join.level > 0

    def below(self, name: str, uri: str) -> "Representation":
        """Return how entities are shown that an attribute of an entity points at."""
        join = self.join
        if join is not None:
            join = replace(join, level=join.level - 1, contained_by=join.contained_by | {uri})
        return replace(
            self,
            pick=None if self.pick is None else self.pick.below.get(name),
            omit=None if self.omit is None else self.omit.below.get(name),
            join=join,
            linked=None,
        )
