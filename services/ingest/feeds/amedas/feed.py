"""Weather stations (AMeDAS) as a feed: a map of all stations at a time, one station's hours, or the table of stations.

The agency's web pages read these documents; they are no API that it promises to keep. Of a station's hours
(`point/44132/20260820_09.json`) the document does not say whose they are: the option `station` does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from services.ingest.feeds.amedas.elements import attributes_of
from services.ingest.feeds.feed import Destination, Document, Entity, Record, Refused
from services.kernel.clock import to_iso
from services.kernel.errors import InvalidRequest

_JAPAN: Final = ZoneInfo("Asia/Tokyo")
_LOOKED_AT: Final = 4096
_BEGINNING: Final = re.compile(rb'\s*\{\s*"([0-9]{5}|[0-9]{14})"\s*:\s*\{')
_MARKS: Final = (b'"kjName"', b'"prefNumber"', b'"observationNumber"', b'"precipitation10m"', b'"temp"')
_TIME: Final = re.compile(r"([0-9]{14})")
_KIND: Final = "WeatherObserved"
_MINUTES: Final = 10


class AmedasFeed:
    """Documents of `www.jma.go.jp/bosai/amedas`."""

    name = "amedas"
    title = "Weather stations: AMeDAS"
    types: Sequence[str] = (_KIND,)
    options: Mapping[str, str] = {
        "stations": "Which stations to take: beginnings of their numbers, as `37,72086`; all unless given",
        "station": "Of one station's hours: its number",
        "time": "Of a map: its time, where its name does not tell (ISO 8601)",
    }
    repairs: Mapping[str, str] = {}

    def recognises(self, document: Document) -> bool:
        """Tell whether a document is one of the agency's about its stations."""
        start = document.content[:_LOOKED_AT]
        return bool(_BEGINNING.match(start)) and any(mark in start for mark in _MARKS)

    def read(self, document: Document, destination: Destination) -> Iterator[Record]:
        """Read a record for each station, or for each time of one. Raises InvalidRequest."""
        stations = _stations(document.content)
        wanted = tuple(part.strip() for part in document.options.get("stations", "").split(",") if part.strip())
        at = "" if _is_hours(stations) else _time_of(document)
        for number, (key, values) in enumerate(stations.items(), start=1):
            station = document.options.get("station", "") if _is_hours({key: values}) else key
            if not station:
                raise InvalidRequest("One station's hours need the option station, its number", field="option")
            if wanted and not station.startswith(wanted):
                yield Record(number)
                continue
            yield _record(number, destination, (station, values, at or _instant(key)))


def _record(number: int, destination: Destination, told: tuple[str, Any, str]) -> Record:
    station, values, at = told
    if not isinstance(values, Mapping):
        return Record(number, refusal=Refused("unreadable-value", f"Station {station} has no values", station))
    attributes = _place(values) if "kjName" in values else attributes_of(values, at)
    if not attributes:
        return Record(number)
    entity: Entity = {"id": destination.urn(_KIND, f"amedas-{station}"), "type": _KIND}
    if destination.path != "/":
        entity["scope"] = destination.path
    entity |= {"stationCode": {"type": "Property", "value": station}, **attributes}
    if "kjName" in values:
        return Record(number, entity)
    entity["dateObserved"] = {"type": "Property", "value": {"@type": "DateTime", "@value": at}, "observedAt": at}
    return Record(number, entity, key=f"amedas {station} {at}")


def _place(values: Mapping[str, Any]) -> Entity:
    """Return what the table of stations tells of one: its names, height and place (degrees and minutes)."""
    try:
        north, east = (values[name][0] + values[name][1] / 60 for name in ("lat", "lon"))
    except (KeyError, IndexError, TypeError):
        return {}
    told = {"name": values.get("kjName"), "nameKana": values.get("knName"), "nameEn": values.get("enName")}
    point = {"type": "Point", "coordinates": [round(east, 6), round(north, 6)]}
    return {
        **{name: {"type": "Property", "value": value} for name, value in told.items() if value},
        "location": {"type": "GeoProperty", "value": point},
        "elevation": {"type": "Property", "value": values.get("alt", 0), "unitCode": "MTR"},
    }


def _stations(content: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The document is not JSON: {error}", field="body") from None
    if not isinstance(document, dict):
        raise InvalidRequest("The document is no object of stations", field="body")
    return document


def _is_hours(stations: Mapping[str, Any]) -> bool:
    return all(_TIME.fullmatch(key) for key in stations) and bool(stations)


def _time_of(document: Document) -> str:
    """Return the time of a map: that of its name, or of the option, else the last ten minutes that had ended."""
    told = document.options.get("time", "")
    named = _TIME.search(document.name)
    if told or not named:
        return _told(told) if told else _last(document.received_at)
    return _instant(named[1])


def _told(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(f"time {text:.40} is not ISO 8601", field="option") from None
    return to_iso(found if found.tzinfo else found.replace(tzinfo=_JAPAN))


def _last(received_at: datetime) -> str:
    return to_iso(received_at.replace(second=0, microsecond=0) - timedelta(minutes=received_at.minute % _MINUTES))


def _instant(digits: str) -> str:
    try:
        return to_iso(datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=_JAPAN))
    except ValueError:
        raise InvalidRequest(f"{digits} is no time", field="body") from None
