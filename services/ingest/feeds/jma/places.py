"""Which places a city wants to hear of, in reports about the whole country."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.feeds.feed import Entity
from services.ingest.feeds.jma.report import Report


@dataclass(frozen=True, slots=True)
class Places:
    """Beginnings of area codes, or parts of names: `37201`, `香川`. None: everywhere."""

    wanted: Sequence[str] = ()

    def names(self, code: str, name: str) -> bool:
        """Tell whether an area is wanted."""
        return not self.wanted or any(code.startswith(each) or each in name for each in self.wanted)

    def are_told_in(self, report: Report) -> bool:
        """Tell whether a report speaks of a place in its own words."""
        words = f"{report.office} {report.title} {report.headline}"
        return not self.wanted or any(each in words for each in self.wanted)

    def kept(self, entity: Entity) -> Entity | None:
        """Return the entity of an area that is wanted; an earthquake's with the wanted intensities only."""
        if not self.wanted:
            return entity
        if "areaCode" in entity:
            return entity if self.names(entity["areaCode"]["value"], entity["areaName"]["value"]) else None
        observed = entity.get("intensities", {}).get("json", [])
        here = [each for each in observed if self.names(each["code"], each["name"])]
        return {**entity, "intensities": {**entity["intensities"], "json": here}} if here else None


def read_places(text: str) -> Places:
    """Read places separated by commas."""
    return Places(tuple(each.strip() for each in text.replace("、", ",").split(",") if each.strip()))
