"""GTFS-JP as a feed: a zip of tables becomes stops, routes, trips, calendars and shapes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.ingest.feeds.feed import Destination, Document, Record
from services.ingest.feeds.gtfs import tables
from services.ingest.feeds.gtfs.archive import NEEDED, Archive
from services.ingest.feeds.gtfs.columns import Naming
from services.ingest.feeds.gtfs.dataset import REPAIRS, Dataset
from services.kernel.errors import InvalidRequest

_ZIP: Final = b"PK\x03\x04"
_FIRST_BYTES: Final = 4
OPTIONS: Final = {
    "dataset": "Name of the dataset, as `ritsurin-bus`, if the tenant has several: it is part of every id",
    "stopTimes": "`true` makes an entity `GtfsStopTime` of every arrival too, which may be millions",
}


class GtfsFeed:
    """Timetables in GTFS, GTFS-JP of every edition among them."""

    name = "gtfs-jp"
    title = "Timetables: GTFS and GTFS-JP (標準的なバス情報フォーマット)"
    types: Sequence[str] = tables.TYPES
    options: Mapping[str, str] = OPTIONS
    repairs: Mapping[str, str] = REPAIRS

    def recognises(self, document: Document) -> bool:
        """Tell whether a document is a zip with the tables of a timetable."""
        if document.content[:_FIRST_BYTES] != _ZIP:
            return False
        try:
            return set(NEEDED) <= set(Archive(document.content).tables)
        except InvalidRequest:
            return False

    def read(self, document: Document, destination: Destination) -> Iterator[Record]:
        """Read the records. Raises InvalidRequest."""
        naming = Naming(destination, document.options.get("dataset", ""))
        with_stop_times = read_flag(document.options, "stopTimes")
        yield from Dataset(Archive(document.content), naming).records(with_stop_times=with_stop_times)


def read_flag(options: Mapping[str, str], name: str) -> bool:
    """Read an option that is true or false. Raises InvalidRequest."""
    value = options.get(name, "false").lower()
    if value not in ("true", "false"):
        raise InvalidRequest(f"Option {name} must be true or false", field=name)
    return value == "true"
