"""A mapping made up for a file that none fits, and an account of what every column was taken for.

A column is known by a name that mappings use, else by a part of its name, else by what its values look like. One that
stays unknown becomes an attribute under its own name, so that nothing the file holds is lost.
"""

import json
import re
from collections.abc import Mapping as Fields
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

from services.ingest.importing.mapping import AddressRule, ColumnRule, Kind, Mapping, PositionRule
from services.ingest.importing.readers import READERS
from services.ingest.importing.shape import kind_of_values
from services.ingest.importing.shelf import MappingShelf
from services.ingest.importing.table import Table

GUESSED = "guessed"
_SAMPLED = 1000
_FORBIDDEN = re.compile(r"[\s<>\"'=;(){}\[\],|\\^`/#?&%\x00-\x1f]+")
_CODE = re.compile(r"(コード|番号|code|id|no\.?)$")
_LONGEST_NAME = 80
_MOST_LOST = 0.2
_TAKEN = frozenset({"id", "type", "scope", "location", "address", "openingHours"})
_BY_NAME, _BY_PART, _BY_VALUES = "name", "part-of-name", "values"


@dataclass(frozen=True, slots=True)
class GuessedColumn:
    """What a column was taken for: the attribute, its kind, how that was found; how many sampled cells are filled."""

    column: str
    attribute: str
    kind: str
    by: str
    filled: int

    def document(self) -> dict[str, Any]:
        """Write it for the report."""
        return {"column": self.column, "attribute": self.attribute, "kind": self.kind, "by": self.by}


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping, and what every column was taken for."""

    mapping: Mapping
    columns: Sequence[GuessedColumn]


def guess_mapping(table: Table, entity_type: str, shelf: MappingShelf) -> Guess:
    """Make up a mapping for a table whose rows are to be entities of a type."""
    guessing = _Guessing(table, _known_rules(shelf))
    guessing.read()
    mapping = Mapping(
        name=GUESSED,
        type=entity_type,
        recognised_by=tuple(table.columns[:100]) or (GUESSED,),
        id_columns=guessing.places["id"],
        name_columns=guessing.columns_of("name"),
        position=_position(guessing.places),
        address=AddressRule(
            street=guessing.places["street"],
            region=guessing.places["region"],
            locality=guessing.places["locality"],
            postal_code=guessing.places["postal_code"],
        ),
        attributes=tuple(guessing.rules),
        layout=tuple(table.columns),
    )
    return Guess(mapping, guessing.found)


def _position(places: Fields[str, tuple[str, ...]]) -> PositionRule | None:
    names = ("latitude", "longitude", "both")
    if not any(places[name] for name in names):
        return None
    return PositionRule(**{name: places[name] for name in names})


class _Guessing:
    """The state of one guess: rules and places found so far."""

    def __init__(self, table: Table, known: Fields[str, ColumnRule]) -> None:
        self._table = table
        self._known = known
        self.rules: list[ColumnRule] = []
        self.found: list[GuessedColumn] = []
        self.places: dict[str, tuple[str, ...]] = dict.fromkeys(guesses()["places"], ())

    def read(self) -> None:
        """Look at every column."""
        rows = [row.cells for row in islice(self._table.rows(), _SAMPLED)]
        for column in self._table.columns:
            values = [cells[column].strip() for cells in rows if cells[column].strip()]
            self._look_at(column, values)

    def columns_of(self, attribute: str) -> tuple[str, ...]:
        """Return the columns of an attribute, none if there is no such attribute."""
        return next((rule.columns for rule in self.rules if rule.name == attribute), ())

    def _look_at(self, column: str, values: Sequence[str]) -> None:
        place = self._place(column, values)
        if place is not None:
            self.places[place] = (column,)
            self.found.append(GuessedColumn(column, place, "place" if place != "id" else "id", _BY_PART, len(values)))
            return
        name, kind, unit, by = self._attribute(column, values)
        self.rules.append(ColumnRule(name=name, columns=(column,), kind=kind, unit_code=unit))
        self.found.append(GuessedColumn(column, name, kind, by, len(values)))

    def _place(self, column: str, values: Sequence[str]) -> str | None:
        folded = column.lower()
        for place, patterns in guesses()["places"].items():
            if self.places[place] or not any(re.search(pattern, folded) for pattern in patterns):
                continue
            if place in ("latitude", "longitude") and kind_of_values(values) == "flag":
                continue
            if place == "id" and len(set(values)) < len(values):
                continue
            return str(place)
        return None

    def _attribute(self, column: str, values: Sequence[str]) -> tuple[str, Any, str | None, str]:
        taken = {rule.name for rule in self.rules} | _TAKEN
        rule = self._known.get(column)
        if rule is not None and rule.name not in taken and not rule.values:
            return rule.name, _readable(rule.kind, values), rule.unit_code, _BY_NAME
        folded = column.lower()
        for name, kind, patterns in guesses()["columns"]:
            if name not in taken and any(re.search(pattern, folded) for pattern in patterns):
                return name, _agreeing(kind, values), None, _BY_PART
        kind = "text" if _CODE.search(folded) else kind_of_values(values)
        return _own_name(column, taken), kind, None, _BY_VALUES


def _agreeing(kind: str, values: Sequence[str]) -> str:
    return kind if kind == "text" or kind_of_values(values) == kind else "text"


def _readable(kind: Kind, values: Sequence[str]) -> Kind:
    """Return the kind, or text where too many values are not of it."""
    if kind in ("text", "list"):
        return kind
    lost = sum(READERS[kind](value).value is None for value in values)
    return kind if lost <= _MOST_LOST * len(values) else "text"


def _own_name(column: str, taken: set[str]) -> str:
    name = _FORBIDDEN.sub("_", column).strip("_@")[:_LONGEST_NAME] or "column"
    number, free = 2, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _known_rules(shelf: MappingShelf) -> Fields[str, ColumnRule]:
    """Return a rule for each column that mappings know: the one that most of them have for it."""
    found: dict[str, list[ColumnRule]] = {}
    for mapping in shelf.all():
        for rule in mapping.attributes:
            for column in rule.columns:
                found.setdefault(column, []).append(rule)
    return {column: max(rules, key=lambda each: _votes(each, rules)) for column, rules in found.items()}


def _votes(rule: ColumnRule, rules: Sequence[ColumnRule]) -> int:
    return sum(each.name == rule.name for each in rules)


@cache
def guesses() -> dict[str, Any]:
    """Return the words by which types and columns are known."""
    text = files("services.ingest").joinpath("mappings", "guesses.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
