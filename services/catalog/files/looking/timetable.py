"""GTFS datasets: agencies, routes, stops with their places, trips, days of service (GTFS Schedule)."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, Final

from services.catalog.files.looking.cells import table
from services.catalog.files.looking.places import MOST_PLACES, places_of

_NEEDED: Final = frozenset({"agency.txt", "stops.txt", "routes.txt", "trips.txt"})
_LARGEST: Final = 400_000_000
_KEPT: Final = 1_000
_ADDED: Final = "1"
Row = Mapping[str, str]


class TooLarge(ValueError):
    """A part of the file unpacks to more than is read."""


def look_at_timetable(archive: zipfile.ZipFile) -> dict[str, Any] | None:
    """Return what a dataset holds, None for a zip that is none. Raises TooLarge, BadZipFile, csv.Error."""
    members = {PurePosixPath(each.filename).name: each for each in archive.infolist() if not each.is_dir()}
    if not members.keys() >= _NEEDED:
        return None

    def rows(name: str) -> Iterator[Row]:
        return _rows(archive, members[name]) if name in members else iter(())

    listed = {name: _first_and_count(rows(f"{name}.txt"), _KEPT) for name in ("agency", "routes")}
    stops, stop_count = _first_and_count(rows("stops.txt"), MOST_PLACES)
    places, _ = places_of(map(_stop, stops))
    facts = {
        "agencies": listed["agency"][1],
        "routes": listed["routes"][1],
        "stops": stop_count,
        "trips": sum(1 for _ in rows("trips.txt")),
        **_days(rows("calendar.txt"), rows("calendar_dates.txt")),
        **({"shown": len(places)} if len(places) < stop_count else {}),
    }
    tables = [
        table(word, listed[name][0], listed[name][1]) for name, word in (("agency", "agencies"), ("routes", "routes"))
    ]
    tables.append(table("stops", stops[:_KEPT], stop_count))
    return {"kind": "gtfs", "facts": facts, "tables": tables, "places": places}


def _rows(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[Row]:
    if member.file_size > _LARGEST:
        raise TooLarge(f"{member.filename} unpacks to {member.file_size} bytes")
    with archive.open(member) as raw:
        text = io.TextIOWrapper(raw, "utf-8-sig", errors="replace", newline="")
        for row in csv.DictReader(text):
            yield {key.strip(): value for key, value in row.items() if key and isinstance(value, str)}


def _first_and_count(rows: Iterator[Row], most: int) -> tuple[list[Row], int]:
    first = list(islice(rows, most))
    return first, len(first) + sum(1 for _ in rows)


def _stop(row: Row) -> dict[str, Any]:
    try:
        position = [float(row.get("stop_lon", "")), float(row.get("stop_lat", ""))]
    except ValueError:
        return {}
    told = {name: row[name] for name in ("stop_name", "stop_id", "stop_code", "platform_code") if row.get(name)}
    return {"geometry": {"type": "Point", "coordinates": position}, "properties": told}


def _days(calendar: Iterator[Row], exceptions: Iterator[Row]) -> dict[str, str]:
    """Return the first and the last day of service."""
    begins, ends = set[str](), set[str]()
    for row in calendar:
        begins.add(row.get("start_date", ""))
        ends.add(row.get("end_date", ""))
    added = {row.get("date", "") for row in exceptions if row.get("exception_type") == _ADDED}
    days = sorted(day for day in begins | ends | added if len(day) == 8 and day.isdecimal())
    return {"first_day": _iso(days[0]), "last_day": _iso(days[-1])} if days else {}


def _iso(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"
