"""What is known of the entities of a live data set: how many have what, in which forms and units, where, since when."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LiveAttribute:
    """An attribute of an entity type: its IRI and short name, how many entities have it, its NGSI-LD kinds.

    `values` are the forms of its values (`number`, `string`, `Point`, …), `units` their unit codes, `types` their
    NGSIv2 types, `languages` the tags of texts; `is_observed`: values say when they were observed.
    """

    id: str
    name: str
    count: int
    kinds: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    is_observed: bool = False


@dataclass(frozen=True, slots=True)
class LiveStatistics:
    """The entities of one type: how many, where (west, south, east, north), when one last changed, their attributes."""

    count: int
    attributes: tuple[LiveAttribute, ...] = ()
    box: tuple[float, float, float, float] | None = None
    changed_at: datetime | None = None
