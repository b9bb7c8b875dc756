"""The entities of a report: its own, and one for each area or event that it tells about."""

from dataclasses import dataclass
from typing import Any, Final

from services.ingest.feeds.feed import Destination, Entity
from services.ingest.feeds.gtfs.columns import prop, relationship
from services.ingest.feeds.jma.kinds import subject_of
from services.ingest.feeds.jma.report import Report

_MUNICIPALITY_DIGITS: Final = 7
_CHECK_WEIGHTS: Final = (6, 5, 4, 3, 2)


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the entities of one report, all of its entity type."""

    report: Report
    destination: Destination

    @property
    def subject(self) -> str:
        """What the report is about."""
        return subject_of(self.report.kind)[0]

    def named(self, local: str) -> Entity:
        """Return an entity with what every one of a report says."""
        report = self.report
        entity: Entity = {"id": self.destination.urn(report.entity_type, f"jma-{local}"), "type": report.entity_type}
        if self.destination.path != "/":
            entity["scope"] = self.destination.path
        told = {"infoType": report.info_type, "operation": report.operation, "eventId": report.event_id}
        entity |= {
            "category": prop(subject_of(report.kind)[1]),
            "subCategory": prop(self.subject),
            "alertSource": prop(report.office),
            "name": self.told(report.title),
            "dateIssued": self.told({"@type": "DateTime", "@value": report.reported_at}),
        }
        entity |= {name: self.told(value) for name, value in told.items() if value}
        if report.serial:
            entity["serial"] = self.told(int(report.serial) if report.serial.isdecimal() else report.serial)
        return entity

    def bulletin(self) -> Entity:
        """Return the entity of the event's reports as a whole: its headline, and whether it was taken back."""
        report = self.report
        entity = self.named(self.bulletin_name())
        entity["status"] = self.told("cancelled" if report.is_cancelled else "issued")
        if report.headline:
            entity["description"] = self.told(report.headline)
        return entity

    def of_area(self, name: str, code: str) -> Entity:
        """Return the entity of an area, which always has the newest of what is told about it."""
        entity = self.named(f"{self.subject}-{code}")
        entity |= {"areaName": prop(name), "areaCode": prop(code)}
        municipality = municipality_code(code)
        if municipality:
            entity["municipalityCode"] = prop(municipality)
        entity["hasBulletin"] = relationship(
            self.destination.urn(self.report.entity_type, f"jma-{self.bulletin_name()}")
        ) | {"observedAt": self.report.reported_at}
        return entity

    def bulletin_name(self) -> str:
        """Return how the event is called: by its id, else by what the office reports on."""
        report = self.report
        return f"report-{self.subject}-{report.event_id or f'{report.office}-{report.title}'}"

    def told(self, value: object) -> dict[str, Any]:
        """Write a property as of the time of the report."""
        return prop(value, observedAt=self.report.reported_at)


def municipality_code(code: str) -> str:
    """Return a municipality's 全国地方公共団体コード, with its check digit; nothing for other areas."""
    if len(code) != _MUNICIPALITY_DIGITS or not code.isdecimal():
        return ""
    digits = code[:5]
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _CHECK_WEIGHTS, strict=True)) % 11
    return f"{digits}{(11 - rest) % 10}"
