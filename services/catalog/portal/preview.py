"""A look into a data set: its first rows, and how the numbers of one column are spread."""

import codecs
import csv
import dataclasses
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.catalog.domain.row_query import RowQuery
from services.catalog.domain.stored_file import StoredFile
from services.catalog.domain.unit_symbol import symbol
from services.catalog.downloads.csv_heading import headed
from services.catalog.downloads.export import Exports, Wanted
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.live_file import LiveFile
from services.catalog.portal.entity import path_of
from services.catalog.portal.language import Language
from services.catalog.portal.layers import Layer, live_layer, table_layer
from services.catalog.portal.plain import plain_cell
from services.catalog.store.file_rows import rows_of
from services.catalog.store.session import reading
from services.catalog.vocabularies.models import listed_values
from services.kernel.errors import HubError, NotFound

SHOWN = 10
_READ = 1_000
_MOST_COLUMNS = 60
_BINS = 10
_FEWEST = 8
PLACES = "/places"
_MOST_PLACES = 10_000
_PLACE_NAMES = (("経度", "緯度"), ("longitude", "latitude"), ("lng", "lat"), ("lon", "lat"), ("x", "y"))
_LEFT_OUT = ("id", "type")
_FIRST = ("name", "title")
_LAST = ("location_lat", "location_lon", "location")
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
    layer: Layer | None = None
    """The rows on a map, None where they have no place."""
    links: tuple[str, ...] = ()
    """The page of each row, where it has one."""


async def preview_live(
    exports: Exports, found: LiveFile, language: Language, authorization: str | None, most: int = SHOWN
) -> Table | None:
    """Return the first entities of a live data set as the visitor may see them, None where there is nothing to see."""
    parameters = {"type": found.live.entity_type, "format": "csv"}
    wanted = Wanted(found.dataset.publisher.name, authorization, "/export/entities", parameters)
    try:
        async with exports.opened(wanted) as parts:
            lines = await _first_lines(parts, _READ)
    except HubError:
        return None
    records = [row for row in csv.reader(lines) if row]
    if not records:
        return None
    heading, *entities = records
    order = _order(heading, found)
    symbols = {name: symbol(code) for name, code in found.units.items()}
    values = listed_values(found.live.type_name)
    listed = {place: values.get(name, frozenset()) for place, name in enumerate(heading)}
    shown = [
        [plain_cell(row[place], language, listed[place]) for place in order if place < len(row)] for row in entities
    ]
    table = table_of([headed([heading[place] for place in order], language.value, symbols), *shown], most)
    if table is None:
        return None
    links = tuple(path_of(found.dataset.name, row[heading.index("id")]) for row in entities[:most])
    layer = live_layer(found, language) if found.statistics.box else None
    return dataclasses.replace(table, layer=layer, links=links)


def _order(heading: Sequence[str], found: LiveFile) -> list[int]:
    """Return the columns in the order of interest: the name, what is observed in a unit, the rest, the place."""
    observed = {each.name for each in found.statistics.attributes if each.is_observed}

    def rank(place: int) -> tuple[bool, bool, bool, bool]:
        name = heading[place].removesuffix("_observedAt")
        return heading[place] not in _FIRST, heading[place] in _LAST, name not in observed, name not in found.units

    return sorted((place for place, name in enumerate(heading) if name not in _LEFT_OUT), key=rank)


async def preview_file(catalogue: Catalogue, file: StoredFile) -> Table | None:
    """Return the first rows of an uploaded table, None for another file."""
    if file.columns is None:
        return None
    names = _names(file)
    async with reading(catalogue.engine) as connection:
        _, rows = await rows_of(connection, file, RowQuery(), (_READ, 0))
    table = table_of([names, *(cells for _, cells in rows)])
    layer = table_layer(f"{PLACES}/{file.file_id}.geojson") if _place_columns(names) else None
    return table and dataclasses.replace(table, layer=layer)


async def places_of(catalogue: Catalogue, file: StoredFile) -> dict[str, Any]:
    """Return the rows of an uploaded table that have a place, as GeoJSON (RFC 7946): at most 10,000."""
    names = _names(file)
    columns = _place_columns(names)
    if columns is None:
        raise NotFound(f"File {file.file_id} has no columns of places")
    async with reading(catalogue.engine) as connection:
        _, rows = await rows_of(connection, file, RowQuery(), (_MOST_PLACES, 0))
    features = [
        {
            "type": "Feature",
            "id": number,
            "geometry": {"type": "Point", "coordinates": place},
            "properties": {name: cell for name, cell in zip(names, cells, strict=False) if cell},
        }
        for number, cells in rows
        if (place := _place(cells, columns)) is not None
    ]
    return {"type": "FeatureCollection", "features": features}


def _names(file: StoredFile) -> list[str]:
    return [str(column["name"]) for column in file.columns or ()]


def _place_columns(names: Sequence[str]) -> tuple[int, int] | None:
    """Return the places of the columns of longitude and latitude."""
    plain = [name.strip().lower() for name in names]
    for longitude, latitude in _PLACE_NAMES:
        if longitude in plain and latitude in plain:
            return plain.index(longitude), plain.index(latitude)
    return None


def _place(cells: Sequence[str], columns: tuple[int, int]) -> tuple[float, float] | None:
    read = [_number(cells[column]) if column < len(cells) else None for column in columns]
    longitude, latitude = read
    if longitude is None or latitude is None or not (abs(longitude) <= 180 and abs(latitude) <= 90):
        return None
    return None if longitude == 0 and latitude == 0 else (longitude, latitude)


def table_of(records: Sequence[Sequence[str]], most: int = SHOWN) -> Table | None:
    """Make a table of a heading and so many of the rows."""
    if len(records) < 2:
        return None
    columns = tuple(records[0][:_MOST_COLUMNS])
    rows = [tuple(row[: len(columns)]) for row in records[1:]]
    return Table(columns, tuple(rows[:most]), _chart(columns, rows))


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
