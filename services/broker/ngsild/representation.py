"""How an answer shows entities: format, members, languages, data sets, media type, context (4.5, 6.3.7, 6.3.21)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Representation:
    """How entities are shown. `pick` and `omit` are None where all is shown."""

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

    def shows(self, name: str) -> bool:
        """Tell whether a member is shown."""
        if self.pick is not None and name not in self.pick.names:
            return False
        return self.omit is None or name not in self.omit.names or name in self.omit.below
