"""A look into an uploaded file that is no plain table: what it is, a few figures, the first rows of what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class LookKind(StrEnum):
    """What a file turned out to be."""

    GEOJSON = "geojson"
    GTFS = "gtfs"
    IMAGE = "image"
    JSON = "json"
    PARQUET = "parquet"
    WORKBOOK = "workbook"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class LookTable:
    """The first rows of a part of a file, as texts. `name` is a word of the catalogue's, or a sheet's own name.

    `total` is how many rows there are, None where nobody counted.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen in a file. `facts` are figures and days by name; of an unreadable one `reason` says why.

    `has_places` tells whether some of it can be put on a map.
    """

    kind: LookKind
    facts: Mapping[str, int | str] = field(default_factory=dict)
    tables: tuple[LookTable, ...] = ()
    has_places: bool = False

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Look":
        """Read a look as it is written (`dataclasses.asdict`)."""
        tables = tuple(
            LookTable(each["name"], tuple(each["columns"]), tuple(map(tuple, each["rows"])), each["total"])
            for each in document["tables"]
        )
        return cls(LookKind(document["kind"]), document["facts"], tables, document["has_places"])
