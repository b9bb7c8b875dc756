"""Which reports replace each other, and what holds no longer when one has come."""

from dataclasses import replace
from typing import Final

from services.ingest.feeds.feed import Edition
from services.ingest.feeds.jma.entities import Maker

_WARNING: Final = "警報"
_COMPLETE: Final = frozenset({"tsunami"})


def edition_of(maker: Maker, areas: int) -> Edition:
    """Return the edition of a report, which comes with its last record; `areas` is how many others it has.

    A cancellation closes all that the event's reports of its kind named. A later warning of a tsunami tells all the
    coasts that are warned: what it does not name is lifted.
    """
    report = maker.report
    event = report.event_id or f"{report.office}-{report.title}"
    name = f"jma-xml/{report.entity_type}/{report.kind}/{event}"
    if not is_authoritative(maker):
        return Edition(name, report.version, {}, is_last=True)
    state = "cancelled" if report.is_cancelled else "lifted"
    told = {"status": state, "severity": "informational", "infoType": report.info_type}
    closed = {name: maker.told(value) for name, value in told.items()}
    if maker.subject != "earthquake":
        closed["warnings"] = maker.told([])
    is_last = report.is_cancelled or (maker.subject in _COMPLETE and areas > 0)
    return Edition(name, report.version, {report.entity_type: closed}, is_last)


def is_authoritative(maker: Maker) -> bool:
    """Tell whether a report decides what is in force: information about a tsunami only adds to the warnings."""
    return maker.subject != "tsunami" or _WARNING in maker.report.kind


def open_edition(edition: Edition) -> Edition:
    """Return an edition as the records before the last have it."""
    return replace(edition, is_last=False)
