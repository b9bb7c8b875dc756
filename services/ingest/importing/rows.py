"""A row as an entity, by a mapping."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from services.ingest.feeds.feed import Destination, Record, Refused
from services.ingest.importing.cells import Cell, read_list, read_text
from services.ingest.importing.decoding import BROKEN_CHARACTER
from services.ingest.importing.hints import unit_behind
from services.ingest.importing.hours import mentions_holidays, read_opening_hours
from services.ingest.importing.identity import Identity, NoIdentity, urn
from services.ingest.importing.mapping import AddressRule, ColumnRule, HoursRule, Mapping, PositionRule
from services.ingest.importing.position import Datum, read_pair, read_position
from services.ingest.importing.published import is_unread, keep_text, keep_texts
from services.ingest.importing.readers import READERS
from services.ingest.importing.repairs import Repairs, RowRefused
from services.ingest.importing.table import Row, Table

Entity = dict[str, Any]
SAME_ID = "same-id"
"""Why a row is refused that names the entity of an earlier one; its detail ends with the entity's id."""
_DATES = {"date": "Date", "date-time": "DateTime"}
_EXAMPLES = frozenset({"例", "記入例", "記載例", "(例)", "（例）", "サンプル"})
_TOTALS = frozenset({"合計", "総計", "総合計", "小計", "計"})
_EMPTY = Cell(None)
_DITTO = Cell(None, ("ditto",))
_REMEMBERED = 4096
_TOKYO = ("日本測地系", "旧測地系", "tokyo")


@dataclass(frozen=True, slots=True)
class _Column:
    """A rule, the columns that the file has for it, and how it reads a cell, which comes again and again in a column.

    What is read of equal cells is one object in all of their entities.
    """

    rule: ColumnRule
    names: Sequence[str]
    read: Callable[[str], tuple[Cell, Entity]]


@dataclass(slots=True)
class RowReader:
    """Reads the rows of one file for one tenant; a path other than `/` becomes the entities' scope."""

    mapping: Mapping
    destination: Destination
    identity: Identity
    is_strict: bool = False
    part: str = ""
    _columns: Sequence[_Column] = field(default=(), init=False)

    def read(self, table: Table) -> Iterator[Record]:
        """Read every row: an entity, a refusal, or neither where nothing but a number or a remark stands in it."""
        first: dict[str, tuple[int, int]] = {}
        ids = self.mapping.id_columns
        self._columns = list(_columns(self.mapping, set(table.columns)))
        places = [name for name in table.columns if name in self.mapping.place_columns]
        for row in table.rows():
            is_empty = not any(cell.strip() for name, cell in row.cells.items() if name not in ids)
            if row.is_note or is_empty or _is_total(row, places):
                yield Record(row.number, part=self.part)
                continue
            yield self._record(row, first)

    def _record(self, row: Row, first: dict[str, tuple[int, int]]) -> Record:
        """Read a row that has something in it; `first` are number and content of the first row of each id so far."""
        try:
            entity, rules = self._read_row(row)
        except RowRefused as error:
            return Record(row.number, refusal=error.refusal, part=self.part, cells=row.cells)
        content = hash(tuple(row.cells.values()))
        former = first.setdefault(entity["id"], (row.number, content))
        if former[0] != row.number and former[1] != content and self.identity.way == "name":
            local, rule = self.identity.by_content(row)
            entity["id"] = urn(self.mapping.type, self.destination.tenant, local)
            rules = (*(each for each in rules if each != "id-from-name"), rule)
            former = first.setdefault(entity["id"], (row.number, content))
        if former[0] == row.number:
            return Record(row.number, entity, repairs=rules, part=self.part, cells=row.cells)
        refusal = self._repeated(former[0], entity["id"], is_same=former[1] == content)
        return Record(row.number, refusal=refusal, part=self.part, cells=row.cells)

    def _repeated(self, former: int, entity_id: str, *, is_same: bool) -> Refused:
        column = (*self.mapping.id_columns, "")[0]
        if is_same:
            return Refused("repeated-row", f"Row {former} says the same", column)
        return Refused(SAME_ID, f"Row {former} has the same id {entity_id}", column)

    def _read_row(self, row: Row) -> tuple[Entity, Sequence[str]]:
        self._refuse_damaged(row)
        repairs = Repairs(self.is_strict)
        if row.has_ditto:
            repairs.note(_DITTO, ())
        attributes = self._attributes(row, repairs)
        if self.mapping.address and (address := _address(row, self.mapping.address, repairs)):
            attributes["address"] = {"type": "Property", "value": address}
        if self.mapping.position:
            _add_position(row, self.mapping.position, attributes, repairs)
        if self.mapping.hours:
            _add_hours(row, self.mapping.hours, attributes, repairs)
        entity: Entity = {"id": self._id(row, repairs), "type": self.mapping.type, **attributes}
        if self.destination.path != "/":
            entity["scope"] = self.destination.path
        return entity, tuple(repairs.rules)

    def _refuse_damaged(self, row: Row) -> None:
        if row.surplus:
            raise RowRefused("surplus-cells", "The row has more cells than the header")
        for name, cell in row.cells.items():
            if BROKEN_CHARACTER in cell:
                raise RowRefused("broken-characters", f"{name} has bytes that the file's encoding does not know", name)

    def _attributes(self, row: Row, repairs: Repairs) -> Entity:
        attributes: Entity = {}
        for column in self._columns:
            rule = column.rule
            raw = _cell(row, column.names)
            cell, attribute = column.read(raw)
            if cell.rules:
                repairs.note(cell, column.names)
            if cell.value is None:
                if is_unread(cell):
                    keep_text(attributes, rule.name, raw)
                if rule.is_required:
                    words = f"The row has no {rule.name} ({', '.join(rule.columns)})"
                    raise RowRefused(f"no-{rule.name}", words, rule.columns[0])
                continue
            if rule.name == "name" and (cell.value in self.mapping.placeholders or cell.value in _EXAMPLES):
                words = f"The row's name {cell.value} stands for one that nobody filled in"
                raise RowRefused("placeholder", words, rule.columns[0])
            attributes[rule.name] = attribute
        return attributes

    def _id(self, row: Row, repairs: Repairs) -> str:
        try:
            local, rule = self.identity.of(row)
        except NoIdentity as error:
            raise RowRefused("scientific-id", str(error), (*self.mapping.id_columns, "")[0]) from None
        if rule:
            repairs.note(Cell(None, (rule,)), self.mapping.id_columns)
        return urn(self.mapping.type, self.destination.tenant, local)


def _is_total(row: Row, places: Sequence[str]) -> bool:
    """Tell whether a row of a list of places is none: it begins with the word for a total, and lies nowhere."""
    cells = row.cells
    if not places or cells[places[0]] or any(cells[name].strip() for name in places):
        return False
    first = next(("".join(cell.split()) for cell in row.cells.values() if cell.strip()), "")
    return first in _TOTALS


def read_cell(rule: ColumnRule, raw: str) -> Cell:
    """Read a cell as an attribute's rule says."""
    if not rule.values:
        return _in_its_unit(READERS[rule.kind](raw), rule.unit_code)
    text = read_text(raw)
    if text.value is None:
        return text
    if rule.kind == "list":
        items = read_list(raw).value
        known = [rule.values.get(item, item) for item in items] if isinstance(items, list) else []
        return Cell(known, text.rules)
    if str(text.value) in rule.values:
        return Cell(rule.values[str(text.value)], text.rules)
    found = READERS[rule.kind](raw)
    return Cell(found.value, (*found.rules, "unknown-value"))


def _in_its_unit(cell: Cell, unit_code: str | None) -> Cell:
    """Return a number; none where its text has another unit than the column (40t among diameters in mm)."""
    unit = unit_behind(cell.published) if unit_code and cell.published else None
    return cell if unit in (None, unit_code) else Cell(None, ("unreadable-number",))


def _columns(mapping: Mapping, present: AbstractSet[str]) -> Iterator[_Column]:
    """Yield the rules of a mapping that a file has columns for, and those that it should have."""
    for rule in mapping.attributes:
        names = [name for name in rule.columns if name in present]
        if names or rule.is_required:
            yield _Column(rule, names, lru_cache(_REMEMBERED)(partial(_read_attribute, rule)))


def _read_attribute(rule: ColumnRule, raw: str) -> tuple[Cell, Entity]:
    cell = read_cell(rule, raw) if raw else _EMPTY
    return cell, _property(rule, cell)


def _cell(row: Row, columns: Sequence[str]) -> str:
    cells = row.cells
    for name in columns:
        found = cells.get(name)
        if found and not found.isspace():
            return found
    return ""


def _property(rule: ColumnRule, cell: Cell) -> Entity:
    value = cell.value
    if rule.kind in _DATES and isinstance(value, str) and len(value) >= len("2023-04-01"):
        value = {"@type": "DateTime" if "T" in value else "Date", "@value": value}
    written: Entity = {"type": "Property", "value": value}
    if rule.unit_code:
        written["unitCode"] = rule.unit_code
    if cell.published:
        written["publishedAs"] = {"type": "Property", "value": cell.published}
    return written


def _address(row: Row, rule: AddressRule, repairs: Repairs) -> Entity | None:
    parts = {
        "addressRegion": rule.region,
        "addressLocality": rule.locality,
        "streetAddress": rule.street,
        "district": rule.district,
        "streetNr": rule.number,
        "postalCode": rule.postal_code,
    }
    address: Entity = {}
    for name, columns in parts.items():
        cell = read_text(_cell(row, columns))
        repairs.note(cell, columns)
        if cell.value is not None:
            address[name] = cell.value
    if "streetAddress" not in address and rule.parts:
        joined = "".join(row.cells.get(name, "").strip() for name in rule.parts)
        if joined:
            address["streetAddress"] = joined
    return {"addressCountry": "JP", **address} if address else None


def _add_position(row: Row, rule: PositionRule, attributes: Entity, repairs: Repairs) -> None:
    named = _cell(row, rule.datum_column).lower()
    datum: Datum = "tokyo" if any(word in named for word in _TOKYO) else rule.datum
    latitude, longitude, both = _cell(row, rule.latitude), _cell(row, rule.longitude), _cell(row, rule.both)
    if latitude and longitude:
        cell = read_position(latitude, longitude, datum)
    else:
        cell = read_pair(latitude or longitude or both, datum)
    repairs.note(cell, rule.latitude or rule.both)
    if is_unread(cell):
        keep_texts(attributes, "location", {"latitude": latitude, "longitude": longitude, "both": both})
    if cell.value is not None:
        attributes["location"] = {"type": "GeoProperty", "value": cell.value}


def _add_hours(row: Row, rule: HoursRule, attributes: Entity, repairs: Repairs) -> None:
    days, opens, closes = _cell(row, rule.days), _cell(row, rule.opens), _cell(row, rule.closes)
    cell = read_opening_hours(days, opens, closes)
    repairs.note(cell, rule.opens)
    if is_unread(cell) or mentions_holidays(days):
        keep_texts(attributes, "openingHours", {"days": days, "opens": opens, "closes": closes})
    if cell.value is not None:
        attributes["openingHours"] = {"type": "Property", "value": cell.value}
