"""A mapping made up for a file that none fits, and an account of what every column was taken for.

A column is known by a name that mappings use, else by a part of its name, else by what its values look like. One that
stays unknown becomes an attribute under its own name, so that nothing the file holds is lost.
"""

import re
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Fields
from dataclasses import dataclass
from itertools import islice
from typing import Any

from services.ingest.importing.hints import TAKEN, common_prefix, guesses, own_name, without_unit
from services.ingest.importing.labels import may_label, telling_columns
from services.ingest.importing.mapping import AddressRule, ColumnRule, Kind, Mapping, PositionRule
from services.ingest.importing.position import looks_like_angle
from services.ingest.importing.readers import READERS
from services.ingest.importing.shape import kind_of_values, told
from services.ingest.importing.shelf import MappingShelf
from services.ingest.importing.table import Table

GUESSED = "guessed"
_SAMPLED = 1000
_CODE = re.compile(r"(コード|番号|code|id|no\.?)$")
_DATE = re.compile(r"(date|年月日|[^0-9曜]日)$")
_PACKED_DATE = re.compile(r"(?:18|19|20)[0-9]{6}\Z")
_MOST_LOST = 0.2
_ENOUGH_NAMES = 0.9
_LONGEST_TITLE = 60
_ROW = "#"
"""What the name of a column begins with that only numbers the rows, in files of LinkData."""

_UNNAMED = re.compile(r"列[0-9]+\Z")
_AXIS = re.compile(r"(^|[_ ])[xy](座標)?\Z")
_BY_NAME, _BY_PART, _BY_VALUES = "name", "part-of-name", "values"


@dataclass(frozen=True, slots=True)
class GuessedColumn:
    """What a column was taken for: the attribute, its kind, how that was found; how many sampled cells are filled."""

    column: str
    attribute: str
    kind: Any
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
    guessing.read(table.columns)
    mapping = Mapping(
        name=GUESSED,
        type=entity_type,
        recognised_by=tuple(table.columns[:100]) or (GUESSED,),
        id_columns=guessing.places["id"],
        name_columns=guessing.naming(),
        position=_position(guessing.places),
        address=AddressRule(
            street=guessing.places["street"],
            parts=guessing.parts,
            region=guessing.places["region"],
            locality=guessing.places["locality"],
            postal_code=guessing.places["postal_code"],
        ),
        attributes=tuple(guessing.rules),
        layout=tuple(table.columns),
    )
    return Guess(mapping, guessing.found)


def complete_mapping(mapping: Mapping, table: Table, shelf: MappingShelf) -> Guess:
    """Add to a mapping attributes for the columns that it does not read, so that nothing the file holds is lost.

    Coordinates under names that the mapping does not know (`lat`) are the position, where it finds none.
    """
    unread = _shadowed(mapping, table)
    unknown = [
        name
        for name in table.columns
        if name in unread or (name not in mapping.known_columns and not name.startswith(_ROW))
    ]
    if not unknown:
        return Guess(mapping, ())
    guessing = _Guessing(table, _known_rules(shelf), mapping.attributes)
    rule = mapping.position
    missing = () if rule is None else rule.missing(table.columns)
    guessing.read([name for name in unknown if any(guessing.values(name))], missing)
    position = rule and rule.model_copy(update={name: found for name in missing if (found := guessing.places[name])})
    return Guess(mapping.with_changes(attributes=tuple(guessing.rules), position=position), guessing.found)


def _shadowed(mapping: Mapping, table: Table) -> set[str]:
    """Return the columns that a mapping would read if another were empty, which says something else (ID and NO)."""
    groups = [[name for name in columns if name in table.columns] for columns in mapping.alternatives]
    read = {each[0] for each in groups if each}
    rivals = [each for each in groups if len(each) > 1]
    found: set[str] = set()
    for row in table.rows() if rivals else ():
        for first, *others in rivals:
            said = row.cells[first].strip()
            found |= {name for name in others if said and row.cells[name].strip() not in ("", said)}
    return found - read


def _position(places: Fields[str, tuple[str, ...]]) -> PositionRule | None:
    names = ("latitude", "longitude", "both")
    if not any(places[name] for name in names):
        return None
    return PositionRule(**{name: places[name] for name in names})


class _Guessing:
    """The state of one guess: rules and places found so far."""

    def __init__(self, table: Table, known: Fields[str, ColumnRule], rules: Sequence[ColumnRule] = ()) -> None:
        self._known = known
        self._prefix = common_prefix(table.columns)
        rows = (row.cells for row in islice(table.rows(), _SAMPLED) if not row.is_note)
        self._rows = [cells for cells in rows if any(map(str.strip, cells.values()))]
        self._table = table
        self.rules: list[ColumnRule] = list(rules)
        self.found: list[GuessedColumn] = []
        self.parts: tuple[str, ...] = ()
        self.places: dict[str, tuple[str, ...]] = dict.fromkeys(guesses()["places"], ())

    def read(self, columns: Sequence[str], places: Collection[str] | None = None) -> None:
        """Look at some columns: each is an attribute, or one of the `places`, all that there are if none are named."""
        for column in columns:
            values = self.values(column)
            place = self._place(column, values)
            if place is None or (places is not None and place not in places):
                self._add(column, values)
                continue
            self.places[place] = (column,)
            self.found.append(GuessedColumn(column, place, "place" if place != "id" else "id", _BY_PART, len(values)))
        self.parts = self._street_parts(columns)

    def values(self, column: str) -> list[str]:
        """Return the filled cells of a column, of the rows looked at."""
        return [text for cells in self._rows if (text := cells[column].strip())]

    def columns_of(self, attribute: str) -> tuple[str, ...]:
        """Return the columns of an attribute, none if there is no such attribute."""
        return next((rule.columns for rule in self.rules if rule.name == attribute), ())

    def naming(self) -> tuple[str, ...]:
        """Return the columns that name rows without a number: the name, or what tells the rows apart."""
        rows = [row.cells for row in self._table.rows() if not row.is_note and any(map(str.strip, row.cells.values()))]
        name = self.columns_of("name")
        named = {tuple(row[each] for each in (*name, *self.places["street"])) for row in rows}
        if name and len(named) >= _ENOUGH_NAMES * len(rows):
            return name
        size = max(1, len(self._rows))
        may = [each.column for each in self.found if may_label(each.column, each.kind, each.filled / size)]
        return telling_columns(rows, may) or name

    def _street_parts(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Return the columns of an address that goes on in a second one, as `所在地1` and `所在地2`."""
        first = next(iter(self.places["street"]), "")
        parts = [f"{first[:-1]}{number}" for number in range(1, 4)] if first.endswith("1") else []
        found = tuple(part for part in parts if part in columns)
        if len(found) > 1:
            self.places["street"] = ()
        return found if len(found) > 1 else ()

    def _add(self, column: str, values: Sequence[str]) -> None:
        at = self._waiting_rule(column)
        if at is not None:
            rule = self.rules[at]
            self.rules[at] = rule.model_copy(update={"columns": (*rule.columns, column)})
            self.found.append(GuessedColumn(column, rule.name, rule.kind, _BY_PART, len(values)))
            return
        name, kind, unit, by = self._attribute(column, values)
        self.rules.append(ColumnRule(name=name, columns=(column,), kind=kind, unit_code=unit))
        self.found.append(GuessedColumn(column, name, kind, by, len(values)))

    def _waiting_rule(self, column: str) -> int | None:
        """Find the rule that knows a column without the brackets behind it, and reads no other column of the file."""
        bare, bracket, _ = column.partition("(")
        if not bare or not bracket:
            return None
        present = set(self._table.columns)
        waiting = (at for at, rule in enumerate(self.rules) if bare in rule.columns and not present & set(rule.columns))
        return next(waiting, None)

    def _place(self, column: str, values: Sequence[str]) -> str | None:
        folded = self._bare(column).lower()
        for place, patterns in guesses()["places"].items():
            is_named = not self.places[place] and any(re.search(pattern, folded) for pattern in patterns)
            if is_named and self._may_be(place, folded, values):
                return str(place)
        return self._unnamed_id(column, values)

    def _may_be(self, place: str, column: str, values: Sequence[str]) -> bool:
        if place in ("latitude", "longitude"):
            said = told(values)
            is_named = not _AXIS.search(column)
            return 2 * sum(map(looks_like_angle, said)) > len(said) if said else is_named
        if place == "id":
            return _tells_apart(values, len(self._rows))
        return True

    def _unnamed_id(self, column: str, values: Sequence[str]) -> str | None:
        """Take the numbers in the first of columns without names for the rows' own."""
        is_number = column == "列1" and not self.places["id"] and all(value.isdecimal() for value in values)
        return "id" if is_number and _tells_apart(values, len(self._rows)) else None

    def _bare(self, column: str) -> str:
        return column.removeprefix(self._prefix) or column

    def _attribute(self, column: str, values: Sequence[str]) -> tuple[str, Any, str | None, str]:
        taken = {rule.name for rule in self.rules} | TAKEN
        bare = self._bare(column)
        rule = self._known.get(column) or self._known.get(bare)
        if rule is not None and rule.name not in taken and not rule.values:
            return rule.name, _readable(rule.kind, values), rule.unit_code, _BY_NAME
        folded = bare.lower()
        for name, kind, patterns in guesses()["columns"]:
            if name not in taken and any(re.search(pattern, folded) for pattern in patterns):
                return name, _readable(kind, values), None, _BY_PART
        if "name" not in taken and _UNNAMED.match(column) and _are_names(values, len(self._rows)):
            return "name", "text", None, _BY_VALUES
        kind = "text" if _CODE.search(folded) else "date" if _are_dates(folded, values) else kind_of_values(values)
        bare, unit = without_unit(column) if kind == "number" else (column, None)
        return own_name(bare, taken), kind, unit, _BY_VALUES


def _tells_apart(values: Sequence[str], rows: int) -> bool:
    return len(values) >= _ENOUGH_NAMES * rows and len(set(values)) >= _ENOUGH_NAMES * len(values)


def _are_names(values: Sequence[str], rows: int) -> bool:
    """Tell whether values look like names of things: short texts, most of them different."""
    texts = kind_of_values(values) == "text" and all(len(value) <= _LONGEST_TITLE for value in values)
    return texts and 2 * len(values) > rows and len(set(values)) >= _ENOUGH_NAMES * len(values)


def _are_dates(column: str, values: Sequence[str]) -> bool:
    """Tell whether a column that is called a date holds figures of eight digits (`19710519`)."""
    is_packed = bool(values) and all(_PACKED_DATE.match(value) for value in values)
    return is_packed and bool(_DATE.search(column)) and _readable("date", values) == "date"


def _readable(kind: Kind, values: Sequence[str]) -> Kind:
    """Return the kind, or text where too many values are not of it."""
    if kind in ("text", "list"):
        return kind
    said = told(values)
    lost = sum(READERS[kind](value).value is None for value in said)
    return kind if lost <= _MOST_LOST * len(said) else "text"


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
