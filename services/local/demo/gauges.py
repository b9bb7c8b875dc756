"""Fukui's river gauges: who they are, and what they measured."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from services.local.demo.files import data, read_rows

APIKEY = "fukui-rivers"
TENANT = "fukui"
ENTITY_TYPE = "WaterLevelObserved"
JST = timezone(timedelta(hours=9), "JST")
THRESHOLDS: Mapping[str, str] = {
    "standbyLevel": "水防団待機水位",
    "cautionLevel": "はん濫注意水位",
    "evacuationLevel": "避難判断水位",
    "dangerLevel": "はん濫危険水位",
}
"""The thresholds by rank, 1 to 4, with their column in `stations.csv`."""


@dataclass(frozen=True)
class Gauge:
    """One river gauge; levels in metres above its zero."""

    number: str
    name: str
    river: str
    address: str
    operator: str
    position: tuple[float, float] | None
    thresholds: Mapping[str, float]

    @property
    def device_id(self) -> str:
        """The device that sends its readings."""
        return device_id(self.number)

    @property
    def entity_id(self) -> str:
        """The entity that its readings become."""
        return f"urn:ngsi-ld:{ENTITY_TYPE}:{self.device_id}"


@dataclass(frozen=True)
class Reading:
    """What a gauge sent: its level as it was published, which may be `*` (out of order) or empty."""

    number: str
    time: datetime
    level: str

    @property
    def is_number(self) -> bool:
        """Tell whether the level is a number of metres."""
        return self.level.removeprefix("-").replace(".", "", 1).isdigit()


def device_id(number: str) -> str:
    """Return the name of a gauge's device."""
    return f"fukui-{number}"


def read_gauges() -> list[Gauge]:
    """Read the gauges that the prefecture lists."""
    return [_gauge(row) for row in read_rows(data() / "fukui" / "stations.csv")]


def read_readings(day: str) -> list[Reading]:
    """Read a day's readings in the order of their times."""
    rows = read_rows(data() / "fukui" / f"{day}.csv")
    readings = [Reading(row["id"], read_time(row["日時"]), row["河川水位"]) for row in rows]
    return sorted(readings, key=lambda reading: reading.time)


def read_time(text: str) -> datetime:
    """Read a time in Japan, `2024-06-22T24:00` being the next day's beginning."""
    day, _, clock = text.partition("T")
    if clock == "24:00":
        return datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=JST) + timedelta(days=1)
    return datetime.fromisoformat(text).replace(tzinfo=JST)


def last_levels(readings: Iterable[Reading]) -> dict[str, Reading]:
    """Return each gauge's last reading that is a number."""
    return {reading.number: reading for reading in readings if reading.is_number}


def _gauge(row: Mapping[str, str]) -> Gauge:
    position = (float(row["経度"]), float(row["緯度"])) if row["経度"] and row["緯度"] else None
    return Gauge(
        number=row["id"],
        name=row["観測所名"],
        river=row["河川名"],
        address=row["所在地"],
        operator=row["管理者名"],
        position=position,
        thresholds={name: float(row[column]) for name, column in THRESHOLDS.items() if row[column]},
    )
