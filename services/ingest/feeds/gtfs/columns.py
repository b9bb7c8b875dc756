"""How a cell of a GTFS table becomes an attribute (GTFS Schedule, Field types)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.ingest.feeds.feed import Destination, Entity

_CLOCK: Final = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)\Z")
_COLOUR: Final = re.compile(r"[0-9A-Fa-f]{6}\Z")
_DATE_DIGITS: Final = 8


class CellUnreadable(ValueError):
    """The cell is not of its column's type"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: which attribute it becomes, and how it is read.

    `refers_to` makes it a relationship to an entity of that type, `translates` names the attribute with translations.
    """

    name: str
    attribute: str
    read: Callable[[str], Any]
    refers_to: str = ""
    unit_code: str = ""
    translates: str = ""

    def attribute_of(self, cell: str, naming: "Naming") -> dict[str, Any]:
        """Write the attribute in NGSI-LD's normalized form. Raises CellUnreadable."""
        if self.refers_to:
            return relationship(naming.urn(self.refers_to, cell))
        unit = {"unitCode": self.unit_code} if self.unit_code else {}
        return {"type": "Property", "value": self.read(cell), **unit}


@dataclass(frozen=True, slots=True)
class Naming:
    """How the entities of a dataset are named: by tenant, the dataset's name if it has one, and their own ids."""

    destination: Destination
    dataset: str = ""

    def urn(self, kind: str, *parts: str) -> str:
        """Return the id of an entity."""
        return self.destination.urn(kind, "-".join([*([self.dataset] if self.dataset else []), *parts]))

    def entity(self, kind: str, *parts: str) -> Entity:
        """Return an entity without attributes; the service path is its scope."""
        entity: Entity = {"id": self.urn(kind, *parts), "type": kind}
        if self.destination.path != "/":
            entity["scope"] = self.destination.path
        return entity


def prop(value: object, **more: object) -> dict[str, Any]:
    """Write a property."""
    return {"type": "Property", "value": value, **more}


def relationship(target: str | list[str]) -> dict[str, Any]:
    """Write a relationship."""
    return {"type": "Relationship", "object": target}


def language_map(texts: Mapping[str, str]) -> dict[str, Any]:
    """Write texts by language."""
    return {"type": "LanguageProperty", "languageMap": dict(texts)}


def text(cell: str) -> str:
    """Return a text as it stands."""
    return cell


def whole(cell: str) -> int:
    """Read a whole number, as of an enumeration."""
    try:
        return int(cell)
    except ValueError as error:
        raise CellUnreadable(f"{cell!r:.40} is not a whole number") from error


def number(cell: str) -> float:
    """Read a number."""
    try:
        value = float(cell)
    except ValueError as error:
        raise CellUnreadable(f"{cell!r:.40} is not a number") from error
    if not -1e15 < value < 1e15:
        raise CellUnreadable(f"{cell!r:.40} is out of range")
    return value


def flag(cell: str) -> bool:
    """Read 1 or 0."""
    if cell not in ("0", "1"):
        raise CellUnreadable(f"{cell!r:.40} is neither 0 nor 1")
    return cell == "1"


def day(cell: str) -> dict[str, str]:
    """Read a date, YYYYMMDD."""
    try:
        if len(cell) != _DATE_DIGITS or not cell.isascii() or not cell.isdigit():
            raise CellUnreadable(f"{cell!r:.40} is not a date YYYYMMDD")
        return {"@type": "Date", "@value": date(int(cell[:4]), int(cell[4:6]), int(cell[6:])).isoformat()}
    except ValueError as error:
        raise CellUnreadable(f"{cell!r:.40} is not a date YYYYMMDD") from error


def clock(cell: str) -> str:
    """Read a time of the service day, which may pass 24:00:00, as HH:MM:SS."""
    found = _CLOCK.match(cell)
    if found is None:
        raise CellUnreadable(f"{cell!r:.40} is not a time HH:MM:SS")
    return f"{int(found[1]):02}:{found[2]}:{found[3]}"


def colour(cell: str) -> str:
    """Read a colour, six hexadecimal digits."""
    if not _COLOUR.match(cell):
        raise CellUnreadable(f"{cell!r:.40} is not a colour")
    return cell.upper()
