"""The records of a file as columns and rows.

Header cells lose line breaks and spaces. Columns of instructions (`←…`) and those without a name and a value are
dropped; one without a name that has values is `列` and its number, a second one of a name has `_2` behind it.
Rows are numbered as a spreadsheet shows them: a header that is the first line is row 1.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from services.ingest.importing.delimited import read_records
from services.ingest.importing.header import Header, Record, column_name, find_header
from services.kernel.errors import InvalidRequest
from services.kernel.values import frozen

_INSTRUCTION = "←"
_NOTE = re.compile(r"[※*＊注]|[(（【\[]?(注|備考|出典|資料|参考|補足|出所)[)）】\]：:。\s\d]")
MOST_COLUMNS = 1000
_LEAST_WIDTH = 3
_NOTE_CELLS = 2
_LEAST_FILLED = 0.2
_TITLE_CELLS = 3
_DITTO = frozenset({"〃", "″", "同上", "仝上"})
_COMMENT, _DOWNLOADED = "#", "#download_from"


@frozen
class Row:
    """Cells by the name of their column; `surplus` are cells beyond the last column, `is_note` a remark beneath.

    With `has_ditto` cells said that they are as the one above (`〃`), and are.
    """

    number: int
    cells: Mapping[str, str]
    surplus: Sequence[str] = ()
    is_note: bool = False
    has_ditto: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds; `dropped` are columns that carry no data, `title` what stands above the header."""

    columns: Sequence[str]
    dropped: Sequence[str]
    records: Sequence[Record] = field(repr=False)
    header: Header = field(repr=False)
    title: str = ""

    @property
    def size(self) -> int:
        """How many rows there are, empty ones included."""
        return len(self.records) - self.header.rows_from

    @property
    def layout(self) -> list[str]:
        """The header's cells as they stand in the file if they are one line, else the columns' names."""
        if self.header.is_absent or self.header.rows_from - self.header.start != 1:
            return list(self.columns)
        cells = list(self.records[self.header.start])
        while cells and not _has_data(column_name(cells[-1])):
            cells.pop()
        return cells

    def column(self, name: str) -> list[str] | None:
        """Return a column's cells, one for each row, also of a column that was dropped; none without it."""
        if name not in self.header.names:
            return None
        place = self.header.names.index(name)
        return [record[place] if place < len(record) else "" for record in self.records[self.header.rows_from :]]

    def rows(self) -> Iterator[Row]:
        """Read the rows."""
        names = self.header.names
        places = [(name, names.index(name)) for name in self.columns]
        width = len(names)
        is_linked = names[0].startswith(_COMMENT)
        above: Record = []
        for number, written in enumerate(self.records[self.header.rows_from :], self.header.rows_from + 1):
            has_ditto = not _DITTO.isdisjoint(written)
            record = above = _as_above(written, above) if has_ditto else written
            size = len(record)
            cells = {name: record[place] if place < size else "" for name, place in places}
            surplus = [cell for cell in record[width:] if cell.strip()] if size > width else ()
            is_note = _is_note(record, width) or (is_linked and _is_comment(record))
            yield Row(number, cells, surplus, is_note, has_ditto)


def read_table(text: str, known: AbstractSet[str] = frozenset(), *, lenient: bool = True) -> Table:
    """Read a delimited text. Raises InvalidRequest."""
    return table_of(read_records(text, lenient=lenient), known)


def table_of(records: Sequence[Record], known: AbstractSet[str] = frozenset()) -> Table:
    """Find header and rows of records. Raises InvalidRequest where no cell is filled, or for too many columns."""
    found = find_header(list(records), known)
    if found is None:
        raise InvalidRequest("The file has no header", field="body")
    names = list(found.names)
    body = records[found.rows_from :]
    written = max(len(record) for record in (*records[found.start : found.rows_from], ()))
    while len(names) > written and not names[-1] and _filled(body, len(names) - 1) < _LEAST_FILLED * len(body):
        names.pop()
    for place, name in enumerate(names):
        if not name and any(place < len(record) and record[place].strip() for record in body):
            names[place] = "" if _is_instruction(place, body) else f"列{place + 1}"
    names = _told_apart(names)
    kept = [place for place, name in enumerate(names) if _has_data(name)]
    if len(kept) > MOST_COLUMNS:
        raise InvalidRequest(f"The file has {len(kept)} columns, more than {MOST_COLUMNS}", field="body")
    dropped = [name or f"(column {place + 1})" for place, name in enumerate(names) if place not in kept]
    header = Header(names, found.start, found.rows_from, found.is_absent)
    titles = _source(records[: found.start]) or [
        cell for record in records[: found.start] if len(said := _said(record)) <= _TITLE_CELLS for cell in said
    ]
    return Table([names[place] for place in kept], dropped, records, header, " ".join(titles)[:300])


def _source(records: Sequence[Record]) -> list[str]:
    """Return the name of the data set that a file of LinkData says it is from, in the lines above its header."""
    told = {record[0].strip(): record[1].strip() for record in records if len(record) > 1}
    return [PurePosixPath(told[_DOWNLOADED]).name] if told.get(_DOWNLOADED) else []


def _as_above(record: Record, above: Record) -> Record:
    """Return a record with the cells of the one above in place of signs that say so."""
    cells = zip(record, [*above, *[""] * len(record)], strict=False)
    return [upper if cell in _DITTO and upper.strip() else cell for cell, upper in cells]


def _is_comment(record: Record) -> bool:
    return bool(record) and record[0].lstrip().startswith(_COMMENT)


def _said(record: Record) -> list[str]:
    return [cell.strip() for cell in record if cell.strip()]


def _filled(records: Sequence[Record], place: int) -> int:
    return sum(place < len(record) and bool(record[place].strip()) for record in records)


def _is_instruction(place: int, records: Sequence[Record]) -> bool:
    cells = [record[place] for record in records if place < len(record) and record[place].strip()]
    return all(column_name(cell).startswith(_INSTRUCTION) for cell in cells)


def _told_apart(names: Sequence[str]) -> list[str]:
    told: list[str] = []
    for name in names:
        times = 1 + sum(each == name for each in names[: len(told)])
        told.append(f"{name}_{times}" if times > 1 and _has_data(name) else name)
    return told


def _has_data(name: str) -> bool:
    return bool(name) and not name.startswith(_INSTRUCTION)


def _is_note(record: Record, width: int) -> bool:
    if width < _LEAST_WIDTH or (len(record) > _NOTE_CELLS and any(map(str.strip, record[_NOTE_CELLS:]))):
        return False
    filled = [cell.strip() for cell in record[:_NOTE_CELLS] if cell.strip()]
    return len(filled) == 1 and bool(_NOTE.match(filled[0]))
