"""A look into a data set: its first rows, and how the numbers of one column are spread."""

import codecs
import csv
import dataclasses
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from services.catalog.downloads.csv_heading import headed
from services.catalog.downloads.export import Exports, Wanted
from services.catalog.operations.live_file import LiveFile
from services.catalog.portal.language import Language
from services.kernel.errors import HubError

SHOWN = 10
_READ = 1_000
_MOST_COLUMNS = 60
_BINS = 10
_FEWEST = 8
_LEFT_OUT = ("id", "type")
_FIRST = ("name", "title")
_UNSAID = ("addressCountry", "type")
_NO_FIGURES = ("id", "latitude", "longitude", "緯度", "経度", "code", "コード", "電話番号", "telephone", "postalCode")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: what it stands for, how many, and its share of the longest."""

    label: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Chart:
    """How the numbers of a column are spread."""

    column: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a data set."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    chart: Chart | None = None
    has_places: bool = False


async def preview_live(
    exports: Exports, found: LiveFile, language: Language, authorization: str | None
) -> Table | None:
    """Return the first entities of a live data set as the visitor may see them, None where there is nothing to see."""
    parameters = {"type": found.live.entity_type, "format": "csv"}
    wanted = Wanted(found.dataset.publisher.name, authorization, "/export/entities", parameters)
    try:
        async with exports.opened(wanted) as parts:
            lines = await _first_lines(parts, _READ)
    except HubError:
        return None
    records = list(csv.reader(lines))
    if not records:
        return None
    order = sorted(
        (place for place, name in enumerate(records[0]) if name not in _LEFT_OUT),
        key=lambda place: (records[0][place] not in _FIRST, place),
    )
    shown = [[_plain(row[place]) for place in order if place < len(row)] for row in records]
    shown[0] = headed([records[0][place] for place in order], language.value, found.units)
    table = table_of(shown)
    return table and dataclasses.replace(table, has_places=found.statistics.box is not None)


def _plain(cell: str) -> str:
    """Write structured values for readers: what an object holds, without its names and the country."""
    if not cell.startswith("{"):
        return cell
    try:
        held = json.loads(cell)
    except ValueError:
        return cell
    return " ".join(str(value) for name, value in held.items() if name not in _UNSAID)


def table_of(records: Sequence[Sequence[str]]) -> Table | None:
    """Make a table of a heading and rows."""
    if len(records) < 2:
        return None
    columns = tuple(records[0][:_MOST_COLUMNS])
    rows = [tuple(row[: len(columns)]) for row in records[1:]]
    places = {column.rpartition(".")[2].lower() for column in columns}
    has_places = {"latitude", "longitude"} <= places or {"緯度", "経度"} <= places
    return Table(columns, tuple(rows[:SHOWN]), _chart(columns, rows), has_places)


async def _first_lines(parts: AsyncIterator[bytes], most: int) -> list[str]:
    """Read so many lines and no more."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    text = ""
    async for part in parts:
        text += decoder.decode(part)
        if text.count("\n") > most:
            break
    else:
        text += "\n"
    lines = text.splitlines(keepends=True)
    return lines[: min(most, len(lines) - 1) or 1] if not text.endswith("\n") else lines[:most]


def _chart(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Chart | None:
    """Return the first column of numbers in bins."""
    for place, column in enumerate(columns):
        if any(word.lower() in column.lower() for word in _NO_FIGURES):
            continue
        cells = [row[place] for row in rows if place < len(row) and row[place]]
        numbers = [number for cell in cells if (number := _number(cell)) is not None]
        if len(numbers) >= _FEWEST and len(numbers) == len(cells) and len(set(numbers)) > 1:
            return Chart(column, _bins(numbers))
    return None


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if abs(number) < 1e15 else None


def _bins(numbers: Sequence[float]) -> tuple[Bar, ...]:
    values = sorted(set(numbers))
    if len(values) <= _BINS:
        counts = [(f"{value:g}", numbers.count(value)) for value in values]
    else:
        low, width = values[0], (values[-1] - values[0]) / _BINS
        places = [min(int((number - low) / width), _BINS - 1) for number in numbers]
        edges = [low + width * number for number in range(_BINS + 1)]
        names = [f"{_short(edges[n])}–{_short(edges[n + 1])}" for n in range(_BINS)]
        counts = [(names[number], places.count(number)) for number in range(_BINS)]
    longest = max(count for _, count in counts)
    return tuple(Bar(label, count, count / longest) for label, count in counts)


def _short(number: float) -> str:
    return f"{number:.3g}"
