"""Disaster information of the Japan Meteorological Agency as a feed: one report becomes alerts.

Exercises (訓練) and tests (試験) become entities of other types, `AlertExercise` and `AlertTest`, so that no query and
no subscription for `Alert` ever meets one. What a report does not say plainly to be real is refused.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.ingest.feeds.feed import Destination, Document, Entity, Record, Refused
from services.ingest.feeds.jma.atom import unpack
from services.ingest.feeds.jma.earthquakes import earthquake_entities, tsunami_entities
from services.ingest.feeds.jma.editions import edition_of, open_edition
from services.ingest.feeds.jma.entities import Maker
from services.ingest.feeds.jma.kinds import warns
from services.ingest.feeds.jma.places import Places, read_places
from services.ingest.feeds.jma.report import ALERT_TYPES, Report, read_report
from services.ingest.feeds.jma.tree import local
from services.ingest.feeds.jma.warnings import area_entities
from services.kernel.errors import InvalidRequest

_NAMESPACE: Final = b"http://xml.kishou.go.jp/jmaxml1/"
_LOOKED_AT: Final = 4096
_ZIP: Final = b"PK\x03\x04"
_FIRST_BYTES: Final = len(_ZIP)


class JmaFeed:
    """Reports of 気象庁防災情報XML."""

    name = "jma-xml"
    title = "Disaster information: 気象庁防災情報XML"
    types: Sequence[str] = ALERT_TYPES
    options: Mapping[str, str] = {
        "places": "Which places to take: beginnings of area codes or parts of names, as `37201,高松`; all unless given",
    }
    repairs: Mapping[str, str] = {}

    def recognises(self, document: Document) -> bool:
        """Tell whether a document is a report, or a zip of reports."""
        if document.content[:_FIRST_BYTES] != _ZIP:
            return _NAMESPACE in document.content[:_LOOKED_AT]
        try:
            return _NAMESPACE in next(unpack(document.content))[1][:_LOOKED_AT]
        except (InvalidRequest, StopIteration):
            return False

    def read(self, document: Document, destination: Destination) -> Iterator[Record]:
        """Read the records of a report, or of all in a zip, oldest first. Raises InvalidRequest.

        In a zip, a report that cannot be read is one refused record.
        """
        places = read_places(document.options.get("places", ""))
        if document.content[:_FIRST_BYTES] != _ZIP:
            yield from _records(Maker(read_report(document.content), destination), places, "")
            return
        for part, content in unpack(document.content):
            try:
                maker = Maker(read_report(content), destination)
            except InvalidRequest as error:
                yield Record(1, refusal=Refused("unreadable", error.detail, error.field or ""), part=part)
                continue
            yield from _records(maker, places, part)


def _records(maker: Maker, places: Places, part: str) -> Iterator[Record]:
    """Return a report's records: the report as a whole, then the areas or the event that are wanted."""
    report = maker.report
    if not warns(report.name):
        words = f"{report.name:.60} is a forecast, a chart or an observation, and no alert"
        yield Record(1, refusal=Refused("no-alert", words, "Title"), part=part)
        return
    everywhere = list(_told(maker))
    told = [entity for entity in map(places.kept, everywhere) if entity is not None]
    if not told and not places.are_told_in(report) and not report.is_cancelled:
        yield Record(1, part=part)
        return
    entities = [maker.bulletin(), *told]
    edition = edition_of(maker, areas=len(everywhere))
    for number, entity in enumerate(entities, start=1):
        now = edition if number == len(entities) else open_edition(edition)
        yield Record(number, entity, part=part, key=_key(report, entity), edition=now)


def _told(maker: Maker) -> Iterator[Entity]:
    """Return what the body tells; one that takes back tells nothing but words."""
    body = maker.report.body
    if body is None or maker.report.is_cancelled:
        return
    parts = {local(each) for each in body}
    if parts & {"Warning", "VolcanoInfo"}:
        yield from area_entities(maker, body)
    if "Tsunami" in parts:
        yield from tsunami_entities(maker, body)
    elif parts & {"Earthquake", "Intensity"}:
        yield from earthquake_entities(maker, body)


def _key(report: Report, entity: Entity) -> str:
    """Return what tells this state from others, so that a report that comes again is not written again."""
    return hashlib.blake2b(f"{report.sent_at}{entity!r}".encode(), digest_size=15).hexdigest()
