"""The zip of a GTFS dataset: its tables, row by row (GTFS Schedule, File requirements).

Tables are CSV in UTF-8, with or without a byte order mark; some operators put them into a folder of their own.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from services.kernel.errors import InvalidRequest

Row = Mapping[str, str]
NEEDED: Final = ("agency.txt", "stops.txt", "routes.txt", "trips.txt")
_MOST_BYTES: Final = 2 * 1024**3
_MOST_FILES: Final = 200


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """A row of a table. `number` is a spreadsheet's: the header is row 1."""

    table: str
    number: int
    cells: Row


class Archive:
    """An open dataset."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except zipfile.BadZipFile as error:
            raise InvalidRequest("The file is not a zip") from error
        members = [each for each in self._zip.infolist() if not each.is_dir()]
        if len(members) > _MOST_FILES or sum(each.file_size for each in members) > _MOST_BYTES:
            raise InvalidRequest(f"The zip has more than {_MOST_FILES} files, or more than {_MOST_BYTES} bytes in them")
        self._members = {
            PurePosixPath(each.filename).name: each for each in members if not each.filename.startswith("__MACOSX/")
        }
        missing = [name for name in NEEDED if name not in self._members]
        if missing:
            raise InvalidRequest(f"The zip is no GTFS dataset: {', '.join(missing)} is missing")

    @property
    def tables(self) -> list[str]:
        """The names of the files in the zip."""
        return sorted(self._members)

    def rows(self, table: str) -> Iterator[NumberedRow]:
        """Read a table, nothing where the dataset has none. Raises InvalidRequest for one that cannot be read."""
        member = self._members.get(table)
        if member is None:
            return
        try:
            with self._zip.open(member) as raw:
                yield from _read(table, io.TextIOWrapper(raw, "utf-8-sig", newline=""))
        except UnicodeDecodeError as error:
            raise InvalidRequest(f"{table} is not in UTF-8") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise InvalidRequest(f"{table} cannot be unpacked: {error}") from error
        except csv.Error as error:
            raise InvalidRequest(f"{table} is not CSV: {error}") from error


def _read(table: str, text: io.TextIOWrapper) -> Iterator[NumberedRow]:
    lines = csv.reader(text, strict=True)
    header = [name.strip() for name in next(lines, [])]
    for number, cells in enumerate(lines, start=2):
        if any(cell.strip() for cell in cells):
            pairs = zip(header, cells, strict=False)
            yield NumberedRow(table, number, {name: cell.strip() for name, cell in pairs if cell.strip()})
