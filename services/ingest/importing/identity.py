"""What names the rows of a file, so that the same row is the same entity each time."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from services.ingest.importing.codes import read_municipality_code
from services.ingest.importing.mapping import Mapping
from services.ingest.importing.table import Row, Table

Way = Literal["number", "code-and-number", "name", "content"]
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]+\Z")
_DIGEST_LENGTH = 12
_ENOUGH = 0.9
_FEW = 0.5
_CODES = ("全国地方公共団体コード", "都道府県コード又は市区町村コード", "市区町村コード", "自治体コード")
_LONGEST = 150


class NoIdentity(Exception):
    """The row's number has lost its digits"""


@dataclass(frozen=True, slots=True)
class Identity:
    """How rows are named: by number, by municipality and number, by name and address, or by all they say."""

    way: Way
    mapping: Mapping

    def columns(self, present: Sequence[str]) -> list[str]:
        """Return those of a table's columns that name its rows; none where all they say does."""
        if self.way == "content":
            return []
        naming = _naming(self.mapping) if self.way == "name" else {*self.mapping.id_columns, *self.mapping.id_parts}
        return [name for name in present if name in naming]

    def of(self, row: Row) -> tuple[str, str]:
        """Return a row's local name, and the rule that applied to it or nothing. Raises NoIdentity."""
        number = _number(row, self.mapping) if self.way in ("number", "code-and-number") else ""
        if not number:
            return self._by_name(row) or self.by_content(row)
        if _SCIENTIFIC.match(number):
            raise NoIdentity(f"The id {number:.60} has lost digits to a spreadsheet")
        if self.way == "number":
            return number, ""
        code = _code(row)
        return (f"{code}-{number}", "id-with-code") if code else (number, "")

    def _by_name(self, row: Row) -> tuple[str, str] | None:
        naming = _naming(self.mapping) if self.way != "content" else ()
        is_named = any(row.cells.get(name, "").strip() for name in naming)
        return (_digest(row, naming), "id-from-name") if is_named else None

    def by_content(self, row: Row) -> tuple[str, str]:
        """Name a row by all that it says."""
        return _digest(row, row.cells.keys()), "id-from-content"


def _digest(row: Row, naming: Collection[str]) -> str:
    texts = [cell.strip() for name, cell in sorted(row.cells.items()) if name in naming]
    return "x" + hashlib.sha256("\n".join(texts).encode()).hexdigest()[:_DIGEST_LENGTH]


def find_identity(table: Table, mapping: Mapping) -> Identity:
    """Choose what names a table's rows: what most of them have and what tells most of them apart."""
    rows = [row for row in table.rows() if not row.is_note and any(cell.strip() for cell in row.cells.values())]
    numbers = [number for row in rows if (number := _number(row, mapping))]
    has_digits = sum(bool(_SCIENTIFIC.match(each)) for each in numbers) < _FEW * len(numbers)
    if has_digits and _tell_apart(numbers):
        return Identity("number", mapping)
    coded = [(code, number) for row in rows if (number := _number(row, mapping)) and (code := _code(row))]
    if len(coded) > _FEW * len(rows) and _tell_apart(coded):
        return Identity("code-and-number", mapping)
    if has_digits and _tell_apart(numbers, _FEW):
        return Identity("number", mapping)
    naming = _naming(mapping)
    names = [tuple(cell for name, cell in row.cells.items() if name in naming) for row in rows]
    filled = [each for each in names if any(cell.strip() for cell in each)]
    if len(filled) > _FEW * len(rows) and _tell_apart(filled):
        return Identity("name", mapping)
    return Identity("content", mapping)


def _tell_apart(keys: Sequence[object], enough: float = _ENOUGH) -> bool:
    return bool(keys) and len(set(keys)) >= enough * len(keys)


def _number(row: Row, mapping: Mapping) -> str:
    number = _filled(row, mapping.id_columns)
    if not number:
        return ""
    parts = [part for name in mapping.id_parts if (part := _folded(row.cells.get(name, "")))]
    return "-".join([number.removesuffix(".0"), *parts])[:_LONGEST]


def _filled(row: Row, columns: Sequence[str]) -> str:
    return next((text for name in columns if (text := _folded(row.cells.get(name, "")))), "")


def _code(row: Row) -> str:
    return next((str(code) for name in _CODES if (code := read_municipality_code(row.cells.get(name, "")).value)), "")


def _folded(text: str) -> str:
    return text if text.isascii() and text.isalnum() else unicodedata.normalize("NFKC", text).strip()


def _naming(mapping: Mapping) -> frozenset[str]:
    address = mapping.address
    return frozenset((*mapping.name_columns, *((*address.street, *address.parts) if address else ())))


def urn(entity_type: str, tenant: str, local: str) -> str:
    """Return the id of an entity."""
    prefix = f"{tenant}-" if tenant else ""
    return f"urn:ngsi-ld:{quote(entity_type, safe='-._~')}:{prefix}{quote(local, safe='-._~')}"
