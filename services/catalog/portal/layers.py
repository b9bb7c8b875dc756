"""Layers of maps: the entities of a live data set, or the rows of a table, under a symbol with a shape and a colour."""

import dataclasses
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.catalog.domain.column_label import label
from services.catalog.domain.live_statistics import LiveAttribute
from services.catalog.domain.unit_symbol import symbol as unit_symbol
from services.catalog.domain.value_label import value_label
from services.catalog.operations.live_file import LiveFile
from services.catalog.portal.language import Language
from services.catalog.vocabularies.models import listed_values

MOST_ENTITIES: Final = 5_000
"""So many entities of a layer go onto a map: those that were created first."""
_MOST_ATTRIBUTES: Final = 8
_TOLD_APART: Final = ("name", "title")
_ALERT: Final = "alertLevel"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A mark on maps: its outline in a square of 24 (an SVG path), and its colour, dark enough for white grounds."""

    name: str
    path: str
    colour: str


SYMBOLS: Final = (
    Symbol("circle", "M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19z", "#0017c1"),
    Symbol("square", "M3.5 3.5h17v17h-17z", "#ac3e00"),
    Symbol("triangle", "M12 1.5 23 21.5H1z", "#115a36"),
    Symbol("diamond", "M12 .5 23.5 12 12 23.5.5 12z", "#8b008b"),
    Symbol("cross", "M8 1.5h8V8h6.5v8H16v6.5H8V16H1.5V8H8z", "#006173"),
    Symbol("star", "M12 .5l3.4 7.3 8 .9-5.9 5.4 1.6 7.9-7.1-4-7.1 4 1.6-7.9L.6 8.7l8-.9z", "#333333"),
)
"""What layers are told apart by, in shape as well as in colour; the colours are those of the design system."""


@dataclass(frozen=True, slots=True)
class Told:
    """An attribute that a pop-up tells: what it and its listed values are called, and its unit."""

    name: str
    label: str
    unit: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layer:
    """What a map shows under one symbol. `features` is where it is had as GeoJSON.

    `page` is where the page of an entity begins, empty where there is none. `publisher` and `types` tell which changes
    are the layer's. `attributes` are those that a pop-up tells, in order; where there are none it tells all.
    """

    name: str
    features: str
    symbol: Symbol
    page: str = ""
    publisher: str = ""
    types: tuple[str, ...] = ()
    attributes: tuple[Told, ...] = ()
    most: int = MOST_ENTITIES

    @property
    def written(self) -> dict[str, Any]:
        """The layer as the map's script reads it."""
        return dataclasses.asdict(self)

    @property
    def warns(self) -> bool:
        """Whether its entities may have a level of alert, which their symbols show."""
        return any(each.name == _ALERT for each in self.attributes)


def table_layer(address: str) -> Layer:
    """Return the layer of a table whose places are at an address."""
    return Layer("table", address, SYMBOLS[0])


def live_layer(found: LiveFile, language: Language, symbol: Symbol = SYMBOLS[0]) -> Layer:
    """Return the layer of a live data set."""
    address = f"/dataset/{found.dataset.name}"
    listed = listed_values(found.live.type_name)
    return Layer(
        found.dataset.name,
        f"{address}/features",
        symbol,
        f"{address}/entity?id=",
        found.dataset.publisher.slug,
        (found.live.entity_type, found.live.type_name),
        tuple(
            Told(
                each.name,
                label(each.name, language.value, {}),
                unit_symbol(found.units.get(each.name, "")),
                {value: value_label(value, language.value) for value in sorted(listed.get(each.name, ()))},
            )
            for each in main_attributes(found)
        ),
    )


def main_attributes(found: LiveFile) -> Sequence[LiveAttribute]:
    """Return what a reader asks first: a level of alert, what is observed, what has a unit, then what most have."""
    known = [
        each for each in found.statistics.attributes if each.name not in _TOLD_APART and "GeoProperty" not in each.kinds
    ]

    def rank(each: LiveAttribute) -> tuple[bool, bool, bool, int, str]:
        return each.name != _ALERT, not each.is_observed, not each.units, -each.count, each.name

    return sorted(known, key=rank)[:_MOST_ATTRIBUTES]


def features_of(found: LiveFile) -> str:
    """Return the attributes that the features of a layer have, as the context broker is asked for them."""
    names = [each.name for each in found.statistics.attributes if each.name in _TOLD_APART]
    return ",".join([*names, *(each.name for each in main_attributes(found))])


def symbols_of(type_names: Iterable[str]) -> list[Symbol]:
    """Give each of at most six types a symbol of its own: if it is free the same whatever else is chosen."""
    free, given = list(SYMBOLS), []
    for name in type_names:
        wanted = SYMBOLS[zlib.crc32(name.encode()) % len(SYMBOLS)]
        given.append(wanted if wanted in free else free[0])
        free.remove(given[-1])
    return given
