"""A file of a city, opened: its table, the mapping for it, and its rows as records."""

from collections.abc import Iterator
from collections.abc import Mapping as Fields
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

from services.ingest.feeds.feed import Destination, Record
from services.ingest.importing.decoding import decode
from services.ingest.importing.formats import refuse_what_is_no_table
from services.ingest.importing.guess import GUESSED, Guess, complete_mapping, guess_mapping
from services.ingest.importing.identity import Identity, find_identity
from services.ingest.importing.jsonrecords import is_json, read_json
from services.ingest.importing.mapping import Mapping, dumped
from services.ingest.importing.naming import Hints, name_type
from services.ingest.importing.rows import RowReader
from services.ingest.importing.shelf import MappingShelf, Wanted
from services.ingest.importing.table import Table, read_table, table_of
from services.ingest.importing.words import RULES
from services.ingest.importing.workbook import read_sheet
from services.kernel.errors import InvalidRequest
from services.kernel.workbook import is_workbook

_SAMPLED = 1000
_NAMES = ("名称", "name", "施設名", "施設名称", "設置場所", "設置場所名")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read where it does not tell; `is_strict` if nothing is to be repaired."""

    is_strict: bool = False
    encoding: str | None = None
    sheet: str | None = None
    datum: Literal["world", "tokyo"] | None = None


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that was read, the mapping for it, and the guess that made it or added the columns that it lacked."""

    table: Table
    mapping: Mapping
    encoding: str
    reading: Reading
    identity: Identity
    guess: Guess | None = None
    sheet: str = ""

    @property
    def types(self) -> tuple[str, ...]:
        """The types of its entities."""
        return (self.mapping.type,)

    @property
    def size(self) -> int:
        """How many rows it has."""
        return self.table.size

    @property
    def repairs(self) -> Fields[str, str]:
        """A sentence about each repair."""
        return RULES

    def records(self, destination: Destination) -> Iterator[Record]:
        """Read the rows."""
        reader = RowReader(self.mapping, destination, self.identity, self.reading.is_strict)
        return reader.read(self.table)

    def description(self) -> dict[str, Any]:
        """Write what the file is, for the report."""
        unused = [name for name in self.table.columns if name not in self.mapping.known_columns]
        told: dict[str, Any] = {
            "type": self.mapping.type,
            "mapping": self.mapping.name,
            "encoding": self.encoding,
            "sheet": self.sheet,
            "strict": self.reading.is_strict,
            "header_row": 0 if self.table.header.is_absent else self.table.header.rows_from,
            "title": self.table.title,
            "named_by": self.identity.way,
            "naming_columns": self.identity.columns(self.table.columns),
            "columns": list(self.table.columns),
            "dropped_columns": list(self.table.dropped),
            "unused_columns": unused,
        }
        if self.guess is not None:
            told["guessed"] = [each.document() for each in self.guess.columns]
        if self.guess is not None and self.mapping.name == GUESSED:
            told["guessed_mapping"] = dumped(self.guess.mapping)
        return told


def open_file(content: bytes, shelf: MappingShelf, wanted: Wanted, reading: Reading) -> OpenedFile:
    """Open a file with the mapping named, the one that fits its columns, or one that is made up for it.

    Strict reading makes up none. Raises InvalidRequest for a file that cannot be read, that several mappings fit, or
    whose entities' type nothing tells; NotFound for an unknown mapping.
    """
    read = _read(content, shelf.known_columns, reading)
    is_told = wanted.mapping is not None or reading.is_strict
    found = shelf.choose(read.table.columns, wanted) if is_told else shelf.find(read.table.columns, wanted)
    if found is None:
        guess = _guess(read, shelf, wanted)
        return _opened(read, guess.mapping, reading, guess)
    if reading.is_strict or shelf.is_own(found):
        return _opened(read, found, reading)
    guess = complete_mapping(found, read.table, shelf)
    return _opened(read, guess.mapping, reading, guess)


def reopen_file(content: bytes, mapping: Mapping, known: AbstractSet[str], reading: Reading) -> OpenedFile:
    """Open a file again with the mapping that it had; `known` are names of columns. Raises InvalidRequest."""
    return _opened(_read(content, known | mapping.known_columns, reading), mapping, reading)


@dataclass(frozen=True, slots=True)
class _Read:
    table: Table
    encoding: str
    sheet: str = ""


def _opened(read: _Read, mapping: Mapping, reading: Reading, guess: Guess | None = None) -> OpenedFile:
    if reading.datum and mapping.position:
        mapping = mapping.with_changes(position=mapping.position.model_copy(update={"datum": reading.datum}))
    identity = find_identity(read.table, mapping)
    return OpenedFile(read.table, mapping, read.encoding, reading, identity, guess, read.sheet)


def _read(content: bytes, known: AbstractSet[str], reading: Reading) -> _Read:
    if not is_workbook(content):
        refuse_what_is_no_table(content)
        decoded = decode(content, reading.encoding)
        if is_json(decoded.text):
            return _Read(table_of(read_json(decoded.text), known), decoded.encoding)
        return _Read(read_table(decoded.text, known, lenient=not reading.is_strict), decoded.encoding)
    sheet = read_sheet(content, reading.sheet)
    return _Read(table_of(sheet.records, known), "spreadsheet", sheet.name)


def _guess(read: _Read, shelf: MappingShelf, wanted: Wanted) -> Guess:
    table = read.table
    entity_type = wanted.type or name_type(_hints(read, wanted))
    if entity_type is None:
        names = ", ".join(table.columns)[:300]
        raise InvalidRequest(
            f"Neither the file's name nor its columns tell what its rows are ({names}): say type, as type=School",
            field="type",
        )
    base = shelf.find(table.columns, replace(wanted, type=entity_type)) or _best_of_another_type(table, shelf, wanted)
    if base is not None:
        return complete_mapping(base, table, shelf)
    return guess_mapping(table, entity_type, shelf)


def _hints(read: _Read, wanted: Wanted) -> Hints:
    table = read.table
    column = next((name for name in table.columns if name in _NAMES), "")
    names = [row.cells[column] for row in islice(table.rows(), _SAMPLED)] if column else []
    title = wanted.title or table.title
    return Hints(wanted.file_name, title, read.sheet, table.columns, [name for name in names if name.strip()])


def _best_of_another_type(table: Table, shelf: MappingShelf, wanted: Wanted) -> Mapping | None:
    """Return the mapping that fits but for the type that the caller wants its entities to have."""
    if wanted.type is None:
        return None
    found = shelf.find(table.columns, replace(wanted, type=None))
    return None if found is None else found.model_copy(update={"type": wanted.type, "name": GUESSED})
