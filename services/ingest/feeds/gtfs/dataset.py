"""The rows of one dataset as records, table after table; what a row refers to comes before it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.ingest.feeds.feed import Entity, Record, Refused
from services.ingest.feeds.gtfs import tables
from services.ingest.feeds.gtfs.archive import Archive, NumberedRow, Row
from services.ingest.feeds.gtfs.columns import CellUnreadable, Column, Naming, language_map, prop
from services.ingest.feeds.gtfs.tables import Table
from services.ingest.feeds.gtfs.translations import Translations

REPAIRS: Final = {
    "unreadable-cell": "A cell that is not of its column's type is left out",
    "no-position": "A stop without coordinates is taken without a location",
    "position-outside": "Coordinates that are none on earth, or 0, are left out",
    "too-few-points": "A shape with fewer than two points is taken without a location",
    "unknown-station": "A station that is not in the dataset is left out",
}
_SOFT_REFERENCES: Final = frozenset({"parent_station"})
_STOP_KINDS: Final = {"1": tables.STATION, "2": tables.ENTRANCE}
_ONE_AGENCY: Final = "agency"


@dataclass(frozen=True, slots=True)
class Join:
    """Further columns of a row, from the row of another table that has the same value in `key`."""

    key: str
    rows: Mapping[str, Row]
    columns: Sequence[Column]


class RowRefused(Exception):
    """The row makes no entity"""

    def __init__(self, reason: str, detail: str, field: str = "") -> None:
        self.refused = Refused(reason, detail, field)
        super().__init__(detail)


class Dataset:
    """One archive, read once from its first table to its last."""

    def __init__(self, archive: Archive, naming: Naming) -> None:
        self._archive = archive
        self._naming = naming
        self._translations = Translations(archive.rows("translations.txt"))
        self._seen: dict[tuple[str, str], set[str]] = {}
        self._agencies: list[str] = []

    def records(self, *, with_stop_times: bool) -> Iterator[Record]:
        """Return every record of the dataset."""
        yield from self._table(tables.AGENCIES, (self._join("agency_jp.txt", "agency_id", tables.AGENCY_MORE),))
        yield from self._stops()
        yield from self._table(tables.ROUTES, (self._join("routes_jp.txt", "route_id", tables.ROUTE_MORE),))
        yield from self._shapes()
        yield from self._services()
        joins = (
            self._join("office_jp.txt", "office_id", tables.OFFICE_COLUMNS, "jp_office_id"),
            self._join("pattern_jp.txt", "jp_pattern_id", tables.ROUTE_MORE),
        )
        yield from self._table(tables.TRIPS, joins)
        for table in tables.SIMPLE:
            yield from self._table(table)
        if with_stop_times:
            yield from self._table(tables.STOP_TIMES)

    def _join(self, file: str, key: str, columns: Sequence[Column], own: str = "") -> Join:
        rows = {row.cells[key]: row.cells for row in self._archive.rows(file) if key in row.cells}
        return Join(own or key, rows, columns)

    def _table(self, table: Table, joins: Sequence[Join] = ()) -> Iterator[Record]:
        for row in self._archive.rows(table.file):
            yield self._record(row, table, joins)

    def _record(self, row: NumberedRow, table: Table, joins: Sequence[Join]) -> Record:
        repairs: list[str] = []
        try:
            entity = self._entity(row, table, repairs)
            for join in joins:
                more = join.rows.get(row.cells.get(join.key, ""), {})
                self._fill(entity, more, (table.file, join.columns), repairs)
            if table is tables.AGENCIES:
                self._add_feed_info(entity)
            if table is tables.ROUTES and "operatedBy" not in entity and len(self._agencies) == 1:
                target = self._naming.urn(tables.AGENCIES.kind, self._agencies[0])
                entity["operatedBy"] = {"type": "Relationship", "object": target}
        except RowRefused as error:
            return Record(row.number, refusal=error.refused, part=table.file, cells=row.cells)
        return Record(row.number, entity, repairs=tuple(dict.fromkeys(repairs)), part=table.file)

    def _entity(self, row: NumberedRow, table: Table, repairs: list[str], kind: str = "") -> Entity:
        """Make a row's entity. Raises RowRefused."""
        cells = dict(row.cells)
        if table is tables.AGENCIES:
            cells.setdefault("agency_id", _ONE_AGENCY)
            self._agencies.append(cells["agency_id"])
        missing = [name for name in (*table.key, *table.required) if name not in cells]
        if missing:
            raise RowRefused("missing-value", f"{missing[0]} is empty", missing[0])
        for name, (file, column) in table.needs.items():
            if name in cells and cells[name] not in self._ids(file, column):
                if name not in _SOFT_REFERENCES:
                    detail = f"{name} {cells[name]!r:.80} is not in {file}"
                    raise RowRefused("unknown-reference", detail, name)
                del cells[name]
                repairs.append("unknown-station")
        self._note(table, cells)
        entity = self._naming.entity(kind or table.kind, *(cells[name] for name in table.key))
        self._fill(entity, cells, (table.file, table.columns), repairs, table.required)
        return entity

    def _note(self, table: Table, cells: Row) -> None:
        """Note a row's id. Raises RowRefused where an earlier row has it."""
        known = self._seen.setdefault((table.file, table.key[0] if len(table.key) == 1 else ""), set())
        key = "\0".join(cells[name] for name in table.key)
        if key in known:
            raise RowRefused("same-id", f"An earlier row has the same {', '.join(table.key)}", table.key[0])
        known.add(key)

    def _ids(self, file: str, column: str) -> set[str]:
        """Return the ids in a table; those of a table that refers to itself are read ahead."""
        key = file, f"all {column}"
        if key not in self._seen:
            self._seen[key] = {row.cells[column] for row in self._archive.rows(file) if column in row.cells}
            if file == tables.AGENCIES.file and not self._seen[key]:
                self._seen[key] = {_ONE_AGENCY}
        return self._seen[key]

    def _fill(
        self,
        entity: Entity,
        cells: Row,
        source: tuple[str, Sequence[Column]],
        repairs: list[str],
        required: Sequence[str] = (),
    ) -> None:
        file, columns = source
        for column in columns:
            cell = cells.get(column.name)
            if cell is None:
                continue
            try:
                entity[column.attribute] = column.attribute_of(cell, self._naming)
            except CellUnreadable as error:
                if column.name in required:
                    raise RowRefused("unreadable-value", f"{column.name}: {error}", column.name) from error
                repairs.append("unreadable-cell")
                continue
            if column.translates:
                self._translate(entity, column, cells, file)

    def _translate(self, entity: Entity, column: Column, cells: Row, file: str) -> None:
        record = _record_id(file, cells)
        found = self._translations.of(file, column.name, record, cells[column.name])
        if found:
            entity[column.translates] = language_map(found)

    def _add_feed_info(self, entity: Entity) -> None:
        for row in self._archive.rows("feed_info.txt"):
            self._fill(entity, row.cells, ("feed_info.txt", tables.FEED_INFO), [])

    def _stops(self) -> Iterator[Record]:
        for row in self._archive.rows(tables.STOPS.file):
            kind = _STOP_KINDS.get(row.cells.get("location_type", ""), tables.STOPS.kind)
            repairs: list[str] = []
            try:
                entity = self._entity(row, tables.STOPS, repairs, kind)
            except RowRefused as error:
                yield Record(row.number, refusal=error.refused, part=row.table, cells=row.cells)
                continue
            location = _position(row.cells, "stop_lat", "stop_lon", repairs)
            if location is not None:
                entity["location"] = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": location}}
            if len(self._agencies) == 1:
                target = self._naming.urn(tables.AGENCIES.kind, self._agencies[0])
                entity["operatedBy"] = {"type": "Relationship", "object": target}
            yield Record(row.number, entity, repairs=tuple(dict.fromkeys(repairs)), part=row.table)

    def _shapes(self) -> Iterator[Record]:
        """Make one entity of a shape's points, numbered as its first one."""
        first: dict[str, int] = {}
        points: dict[str, list[tuple[float, list[float]]]] = {}
        for row in self._archive.rows("shapes.txt"):
            point = _position(row.cells, "shape_pt_lat", "shape_pt_lon", [])
            sequence = row.cells.get("shape_pt_sequence", "")
            if point is None or "shape_id" not in row.cells or not sequence.isdecimal():
                detail = "The row needs shape_id, a position and a sequence that is a whole number"
                yield Record(row.number, refusal=Refused("unreadable-point", detail), part=row.table, cells=row.cells)
                continue
            shape = row.cells["shape_id"]
            first.setdefault(shape, row.number)
            points.setdefault(shape, []).append((int(sequence), point))
        for shape, found in points.items():
            entity = self._naming.entity(tables.SHAPE, shape)
            line = [point for _, point in sorted(found, key=lambda each: each[0])]
            repairs = () if len(line) > 1 else ("too-few-points",)
            entity["name"] = prop(shape)
            if len(line) > 1:
                entity["location"] = {"type": "GeoProperty", "value": {"type": "LineString", "coordinates": line}}
            yield Record(first[shape], entity, repairs=repairs, part="shapes.txt")

    def _services(self) -> Iterator[Record]:
        """Make an entity of each service that a calendar names, numbered as the first row with it."""
        known: set[str] = set()
        for table in (tables.CALENDARS, tables.CALENDAR_DATES):
            for row in self._archive.rows(table.file):
                service = row.cells.get("service_id")
                if service and service not in known:
                    known.add(service)
                    entity = self._naming.entity(tables.SERVICE, service) | {"name": prop(service)}
                    yield Record(row.number, entity, part=f"{table.file} (services)")


def _position(cells: Row, latitude: str, longitude: str, repairs: list[str]) -> list[float] | None:
    """Return longitude and latitude, if both are readable and on earth."""
    if latitude not in cells or longitude not in cells:
        repairs.append("no-position")
        return None
    try:
        north, east = float(cells[latitude]), float(cells[longitude])
    except ValueError:
        repairs.append("unreadable-cell")
        return None
    if not (-90 <= north <= 90 and -180 <= east <= 180) or (north == 0 and east == 0):
        repairs.append("position-outside")
        return None
    return [east, north]


def _record_id(file: str, cells: Row) -> tuple[str, str]:
    """Return a row's id and sub-id, as translations name it (GTFS Schedule, translations.txt)."""
    if file == "stop_times.txt":
        return cells.get("trip_id", ""), cells.get("stop_sequence", "")
    name = {"agency.txt": "agency_id", "stops.txt": "stop_id", "routes.txt": "route_id", "trips.txt": "trip_id"}
    return cells.get(name.get(file, ""), ""), ""
