"""What the demo's receiver makes of a notification: one notice per gauge."""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from services.local.demo.gauges import JST

LEVELS = ("平常", "水防団待機", "はん濫注意", "避難判断", "はん濫危険")
"""What the alert levels 0 to 4 mean."""


class NotANotification(Exception):
    """The body is no notification of alert levels"""


@dataclass(frozen=True)
class Notice:
    """The alert level of a gauge, as it was notified."""

    time: str
    gauge: str
    name: str
    river: str
    water_level: float | None
    alert_level: int
    previous_level: int = 0

    @property
    def is_change(self) -> bool:
        """Tell whether the alert level is another than before; a gauge's first level is held against 0."""
        return self.alert_level != self.previous_level

    def line(self) -> str:
        """Write the notice in one line."""
        water = "" if self.water_level is None else f"{self.water_level:.2f} m  "
        alert = f"{self.previous_level} -> {self.alert_level} {LEVELS[self.alert_level]}"
        return f"{self.time}  {self.river} {self.name}  {water}alertLevel {alert}"


class Board:
    """The changes of alert levels that came last, and how many notices came in all."""

    def __init__(self, most: int = 1000) -> None:
        self._changes: deque[Notice] = deque(maxlen=most)
        self._received = 0

    def add(self, notice: Notice) -> bool:
        """Count a notice, and keep it if it tells a change; tell whether it does."""
        self._received += 1
        if notice.is_change:
            self._changes.append(notice)
        return notice.is_change

    def to_json(self, limit: int) -> bytes:
        """Write the last changes, the newest first."""
        newest = [asdict(each) for each in list(self._changes)[::-1][:limit]]
        return json.dumps({"received": self._received, "changes": newest}, ensure_ascii=False).encode()


def read_notices(body: bytes) -> Iterator[Notice]:
    """Read a notification (NGSI-LD, clause 5.3.1), one notice per entity that has an alert level.

    Raises NotANotification.
    """
    try:
        notification = json.loads(body)
        entities: list[Mapping[str, Any]] = notification["data"]
        yield from (_notice(entity) for entity in entities if "alertLevel" in entity)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise NotANotification("The body is no notification of alert levels") from error


def _notice(entity: Mapping[str, Any]) -> Notice:
    alert = entity["alertLevel"]
    return Notice(
        time=_in_japan(alert["observedAt"]),
        gauge=entity["id"],
        name=_value(entity, "name") or "",
        river=_value(entity, "river") or "",
        water_level=_value(entity, "waterLevel"),
        alert_level=_level(alert["value"]),
        previous_level=_level(alert.get("previousValue", 0)),
    )


def _level(value: Any) -> int:
    return range(len(LEVELS)).index(value)


def _value(entity: Mapping[str, Any], name: str) -> Any:
    return entity[name]["value"] if name in entity else None


def _in_japan(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(JST).strftime("%Y-%m-%d %H:%M")
