"""Disaster information of the Japan Meteorological Agency as a feed: one report becomes alerts.

Exercises (訓練) and tests (試験) become entities of other types, `AlertExercise` and `AlertTest`, so that no query and
no subscription for `Alert` ever meets one. What a report does not say plainly to be real is refused.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.ingest.feeds.feed import Destination, Document, Entity, Record
from services.ingest.feeds.jma.earthquakes import earthquake_entities, tsunami_entities
from services.ingest.feeds.jma.editions import edition_of, open_edition
from services.ingest.feeds.jma.entities import Maker
from services.ingest.feeds.jma.report import ALERT_TYPES, Report, read_report
from services.ingest.feeds.jma.tree import local
from services.ingest.feeds.jma.warnings import area_entities

_NAMESPACE: Final = b"http://xml.kishou.go.jp/jmaxml1/"
_LOOKED_AT: Final = 4096


class JmaFeed:
    """Reports of 気象庁防災情報XML."""

    name = "jma-xml"
    title = "Disaster information: 気象庁防災情報XML"
    types: Sequence[str] = ALERT_TYPES
    options: Mapping[str, str] = {}
    repairs: Mapping[str, str] = {}

    def recognises(self, document: Document) -> bool:
        """Tell whether a document is a report."""
        return _NAMESPACE in document.content[:_LOOKED_AT]

    def read(self, document: Document, destination: Destination) -> Iterator[Record]:
        """Read the records: the report as a whole, then its areas or event. Raises InvalidRequest."""
        report = read_report(document.content)
        maker = Maker(report, destination)
        entities = [maker.bulletin(), *_told(maker)]
        edition = edition_of(maker, areas=len(entities) - 1)
        for number, entity in enumerate(entities, start=1):
            now = edition if number == len(entities) else open_edition(edition)
            yield Record(number, entity, key=_key(report, entity), edition=now)


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
