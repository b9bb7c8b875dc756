"""A row as an entity, by a mapping."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping as Fields
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.ingest.importing.cells import READERS, Cell, read_opening_hours, read_text
from services.ingest.importing.mapping import AddressRule, ColumnRule, HoursRule, Mapping
from services.ingest.importing.position import read_position
from services.ingest.importing.report import Report
from services.ingest.importing.table import Row, Table

Entity = dict[str, Any]
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]+\Z")
_DIGEST_LENGTH = 12


class RowRefused(Exception):
    """The row cannot become an entity"""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        super().__init__(detail)


@dataclass(slots=True)
class RowReader:
    """Reads the rows of one file for one tenant; `path` other than `/` becomes the entities' scope."""

    mapping: Mapping
    tenant: str
    path: str

    def read(self, table: Table, report: Report) -> list[tuple[int, Entity]]:
        """Return the entities with the numbers of their rows; every row is noted in the report."""
        entities: list[tuple[int, Entity]] = []
        first: dict[str, int] = {}
        for row in table.rows:
            if not any(cell.strip() for name, cell in row.cells.items() if name not in self.mapping.id_columns):
                report.empty.append(row.number)
                continue
            try:
                entity, rules = self._read_row(row)
            except RowRefused as error:
                report.refuse(row.number, error.reason, str(error))
                continue
            former = first.setdefault(entity["id"], row.number)
            if former != row.number:
                report.refuse(row.number, "same-id", f"Row {former} has the same id {entity['id']}")
                continue
            report.accepted[row.number] = rules
            entities.append((row.number, entity))
        return entities

    def _read_row(self, row: Row) -> tuple[Entity, list[str]]:
        if row.surplus:
            raise RowRefused("surplus-cells", "The row has more cells than the header")
        rules: list[str] = []
        attributes = self._attributes(row, rules)
        address = _address(row, self.mapping.address, rules) if self.mapping.address else None
        if address:
            attributes["address"] = {"type": "Property", "value": address}
        if self.mapping.position:
            _add_position(row, self.mapping, attributes, rules)
        if self.mapping.hours:
            _add_hours(row, self.mapping.hours, attributes, rules)
        entity: Entity = {"id": self._id(row, rules), "type": self.mapping.type, **attributes}
        if self.path != "/":
            entity["scope"] = self.path
        return entity, rules

    def _attributes(self, row: Row, rules: list[str]) -> Entity:
        attributes: Entity = {}
        for rule in self.mapping.attributes:
            cell = READERS[rule.kind](_cell(row, rule.columns))
            rules.extend(cell.rules)
            if cell.value is None:
                if rule.is_required:
                    raise RowRefused(f"no-{rule.name}", f"The row has no {rule.name} ({', '.join(rule.columns)})")
                continue
            if rule.name == "name" and cell.value in self.mapping.placeholders:
                raise RowRefused("placeholder", f"The row's name {cell.value} stands for one that nobody filled in")
            attributes[rule.name] = _property(rule, cell)
        return attributes

    def _id(self, row: Row, rules: list[str]) -> str:
        local = unicodedata.normalize("NFKC", _cell(row, self.mapping.id_columns)).strip()
        if _SCIENTIFIC.match(local):
            raise RowRefused("scientific-id", f"The id {local} has lost digits to a spreadsheet")
        local = local.removesuffix(".0")
        if not local:
            rules.append("id-from-name")
            texts = [cell.strip() for name, cell in sorted(row.cells.items()) if name in _NAMING]
            local = "x" + hashlib.sha256("\n".join(texts).encode()).hexdigest()[:_DIGEST_LENGTH]
        prefix = f"{self.tenant}-" if self.tenant else ""
        return f"urn:ngsi-ld:{self.mapping.type}:{prefix}{quote(local, safe='-._~')}"


_NAMING = frozenset({"name", "address", "名称", "住所", "所在地_連結表記", "reservoirName"})


def _cell(row: Row, columns: Sequence[str]) -> str:
    found: Fields[str, str] = row.cells
    return next((found[name] for name in columns if found.get(name, "").strip()), "")


def _property(rule: ColumnRule, cell: Cell) -> Entity:
    written: Entity = {"type": "Property", "value": cell.value}
    if rule.unit_code:
        written["unitCode"] = rule.unit_code
    return written


def _address(row: Row, rule: AddressRule, rules: list[str]) -> Entity | None:
    parts = {"addressRegion": rule.region, "addressLocality": rule.locality, "streetAddress": rule.street}
    address: Entity = {}
    for name, columns in parts.items():
        cell = read_text(_cell(row, columns))
        rules.extend(cell.rules)
        if cell.value is not None:
            address[name] = cell.value
    return {"addressCountry": "JP", **address} if address else None


def _add_position(row: Row, mapping: Mapping, attributes: Entity, rules: list[str]) -> None:
    assert mapping.position is not None
    cell = read_position(_cell(row, mapping.position.latitude), _cell(row, mapping.position.longitude))
    rules.extend(cell.rules)
    if cell.value is not None:
        attributes["location"] = {"type": "GeoProperty", "value": cell.value}


def _add_hours(row: Row, rule: HoursRule, attributes: Entity, rules: list[str]) -> None:
    cell = read_opening_hours(_cell(row, rule.days), _cell(row, rule.opens), _cell(row, rule.closes))
    rules.extend(cell.rules)
    if cell.value is not None:
        attributes["openingHours"] = {"type": "Property", "value": cell.value}
