"""GTFS Realtime as a feed: one message of protocol buffers becomes vehicles, estimated arrivals and alerts.

The message is read with the bindings that the specification's authors publish. What it says of a vehicle, a trip and an
alert is written once for each time it tells; a message that comes again changes nothing.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from google.protobuf.message import DecodeError
from google.transit import gtfs_realtime_pb2 as realtime

from services.ingest.feeds.feed import Destination, Document, Edition, Entity, Record, Refused
from services.ingest.feeds.gtfs.columns import Naming, prop
from services.ingest.feeds.gtfs_realtime.alerts import alert_of
from services.ingest.feeds.gtfs_realtime.instants import is_milliseconds, iso
from services.ingest.feeds.gtfs_realtime.names import Names
from services.ingest.feeds.gtfs_realtime.texts import mend_texts
from services.ingest.feeds.gtfs_realtime.trips import arrivals_of
from services.ingest.feeds.gtfs_realtime.vehicles import vehicle_of
from services.kernel.errors import InvalidRequest

_FIRST_BYTES: Final = b"\x0a"  # field 1 (header), as every message begins
_ENDED: Final = {"status": prop("ended")}
_TEN_MINUTES: Final = len("2026-08-20T00:4")
_OPTIONS: Final = {
    "dataset": "Name of the dataset of the timetable (gtfs-jp) whose trips, routes and stops the message names",
    "vehicleType": "What the vehicles are, as Smart Data Models name it; `bus` unless given",
}
_REPAIRS: Final = {
    "no-time": "Without a time of its own, what is said has that of the whole message",
    "milliseconds": "A time that is counted in milliseconds is read as such",
    "not-utf-8": "Texts that are not UTF-8 are read as Shift_JIS or EUC-JP",
}
_VERSION: Final = re.compile(r"[12](\.\d+)*\Z")


@dataclass(frozen=True, slots=True)
class _Message:
    """What holds for all that a message tells: its time, what its vehicles are, and how things are named."""

    at: str
    vehicle_type: str
    naming: Naming
    names: Names
    mended: frozenset[int]
    is_milliseconds: bool


class GtfsRealtimeFeed:
    """Messages of GTFS Realtime 1 and 2."""

    name = "gtfs-rt"
    title = "Vehicle positions, trip updates and alerts: GTFS Realtime"
    types: Sequence[str] = ("Vehicle", "ArrivalEstimation", "GtfsTrip", "Alert")
    options: Mapping[str, str] = _OPTIONS
    repairs: Mapping[str, str] = _REPAIRS

    def recognises(self, document: Document) -> bool:
        """Tell whether a document is a message of GTFS Realtime."""
        if document.content[:1] != _FIRST_BYTES:
            return False
        try:
            return _VERSION.match(str(_parsed(document.content).header.gtfs_realtime_version)) is not None
        except InvalidRequest:
            return False

    def read(self, document: Document, destination: Destination) -> Iterator[Record]:
        """Read the records, numbered by the place of their entity in the message. Raises InvalidRequest."""
        message = _parsed(document.content)
        mended = mend_texts(message)
        at = _told_at(message, document)
        told = _Message(
            at,
            document.options.get("vehicleType", "bus"),
            Naming(destination, document.options.get("dataset", "")),
            Names(message),
            mended,
            is_milliseconds(message.header.timestamp),
        )
        edition = _edition(document, message, at)
        for number, each in enumerate(message.entity, start=1):
            for record in _records(number, each, told):
                yield replace(record, edition=edition)
        yield Record(len(message.entity) + 1, part="end", edition=replace(edition, is_last=True))


def _told_at(message: Any, document: Document) -> str:
    told_at = message.header.timestamp
    try:
        return iso(told_at or int(document.received_at.timestamp()))
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(f"header.timestamp of the message is no time: {told_at}") from error


def _edition(document: Document, message: Any, at: str) -> Edition:
    """Return the edition of a message; one with all that there is closes what it does not name.

    Messages of one address are a series: there may be one for vehicles and another for alerts.
    """
    name = f"gtfs-rt/{document.options.get('dataset', '')}/{document.name}"
    if message.header.incrementality != realtime.FeedHeader.FULL_DATASET:
        return Edition(name, at, {})
    return Edition(name, at, {"Vehicle": {"serviceStatus": prop("outOfService", observedAt=at)}, "Alert": _ENDED})


def _records(number: int, each: Any, told: _Message) -> Iterator[Record]:
    if each.is_deleted:
        yield Record(number)
        return
    found = 0
    for part, make in _parts(each, told):
        if not each.HasField(part):
            continue
        found += 1
        try:
            entities = make()
        except (ValueError, OverflowError) as error:
            yield Record(number, refusal=Refused("unreadable", f"{part}: {error}", part), cells={"id": each.id})
            continue
        repairs = _repairs(number, None if part == "alert" else getattr(each, part).timestamp, told)
        for entity in entities:
            yield Record(number, entity, repairs=repairs, part=part, key=_key(entity, told.at))
    if not found:
        yield Record(number)


def _parts(each: Any, told: _Message) -> tuple[tuple[str, Callable[[], Sequence[Entity]]], ...]:
    vehicle, update, names = each.vehicle, each.trip_update, told.names
    about = (told.at, told.vehicle_type)
    return (
        ("vehicle", lambda: vehicle_of(vehicle, names.vehicle(vehicle, each.id), told.naming, about)),
        ("trip_update", lambda: arrivals_of(update, names.run(update.trip), told.naming, told.at)),
        ("alert", lambda: alert_of(each.alert, each.id, told.naming)),
    )


def _repairs(number: int, own_time: int | None, told: _Message) -> Sequence[str]:
    """Return what was repaired to read a part of the message; `own_time` is None for one that never tells a time."""
    found = ["no-time"] if own_time == 0 else []
    if is_milliseconds(own_time) if own_time else told.is_milliseconds:
        found.append("milliseconds")
    return [*found, "not-utf-8"] if number in told.mended else found


def _parsed(content: bytes) -> Any:
    message = realtime.FeedMessage()
    try:
        message.ParseFromString(content)
    except (DecodeError, ValueError) as error:
        raise InvalidRequest(f"The document is no message of GTFS Realtime: {error}") from error
    if not message.IsInitialized():
        raise InvalidRequest("The message of GTFS Realtime lacks fields that every one has")
    return message


def _key(entity: Entity, at: str) -> str:
    """Return what tells this state of an entity from the others: all that is said of it, with its times.

    An alert tells no time: it is written again every ten minutes, so that one that was closed and comes back is open.
    """
    told = at[:_TEN_MINUTES] if entity["type"] == "Alert" else ""
    return hashlib.blake2b(f"{told}{entity!r}".encode(), digest_size=15).hexdigest()
