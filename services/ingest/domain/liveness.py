"""How a device is: when it was last heard, how much it sends, and whether it has fallen silent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from services.ingest.domain.device import entity_id
from services.kernel.clock import to_iso

ACTIVE, SILENT = "active", "silent"
MISSED = 2
"""Expected intervals without a measure after which a device is silent."""
_BATTERY_KEYS = ("batteryLevel", "battery", "batteryVoltage", "bat")
_BATTERY_SET = frozenset(_BATTERY_KEYS)
_TYPE = "Device"


@dataclass(slots=True)
class Heard:
    """What was heard of a device since it was last written down; `last` is its last measure where that is stored."""

    tenant: str
    path: str
    device_id: str
    apikey: str
    entity_id: str
    expected_s: float | None
    last_seen_at: datetime
    properties: Sequence[str] = ()
    messages: int = 0
    battery: float | None = None
    last: Mapping[str, Any] | None = None

    @property
    def last_measure(self) -> dict[str, Any] | None:
        """What is stored of the last measure; nothing of one that PostgreSQL cannot hold."""
        written = orjson.dumps(self.last, default=str) if self.last is not None else b""
        if not written or b"\\u0000" in written:
            return None
        return {"timestamp": to_iso(self.last_seen_at), "measure": orjson.loads(written)}

    def note(self, at: datetime, values: Mapping[str, Any]) -> None:
        """Note one measure."""
        self.messages += 1
        self.last_seen_at = max(self.last_seen_at, at)
        if _BATTERY_SET.isdisjoint(values):
            return
        for key in _BATTERY_KEYS:
            value = values.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool):
                self.battery = float(value)
                break


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What is known of a device; `state` is none where no interval is expected of it, `told` what its entity says."""

    tenant: str
    path: str
    device_id: str
    apikey: str
    entity_id: str
    expected_s: float | None
    first_seen_at: datetime
    last_seen_at: datetime
    messages: int
    battery: float | None
    state: str | None
    told: str | None
    properties: Sequence[str] = ()
    is_namesake: bool = False

    @property
    def own_entity_id(self) -> str:
        """The entity that tells how the device is; of devices with one id the later ones are named by their entity."""
        if self.is_namesake:
            return f"urn:ngsi-ld:{_TYPE}:{self.entity_id.removeprefix('urn:ngsi-ld:')}"
        return entity_id(self.device_id, _TYPE)

    @property
    def per_hour(self) -> float | None:
        """How many measures it has sent an hour, since it was first heard; none within the first minute."""
        seconds = (self.last_seen_at - self.first_seen_at).total_seconds()
        return round((self.messages - 1) * 3600 / seconds, 2) if seconds >= 60 else None

    def entity(self) -> dict[str, Any]:
        """Return the entity that tells how the device is, to which one can subscribe (Smart Data Models, Device)."""
        at = to_iso(self.last_seen_at)
        identifier = self.own_entity_id
        entity: dict[str, Any] = {
            "id": identifier,
            "type": _TYPE,
            "category": {"type": "Property", "value": ["sensor"]},
            "dateFirstUsed": _instant(to_iso(self.first_seen_at)),
            "deviceState": {"type": "Property", "value": self.state},
            "dateLastValueReported": _instant(at),
            "messageCount": {"type": "Property", "value": self.messages},
        }
        if self.properties:
            entity["controlledProperty"] = {"type": "Property", "value": list(self.properties)}
        if self.per_hour is not None:
            entity["messagesPerHour"] = {"type": "Property", "value": self.per_hour, "observedAt": at}
        if self.entity_id != identifier:
            entity["controlledAsset"] = {"type": "Relationship", "object": self.entity_id}
        if self.expected_s is not None:
            entity["expectedInterval"] = {"type": "Property", "value": self.expected_s, "unitCode": "SEC"}
        if self.battery is not None:
            entity["batteryLevel"] = {"type": "Property", "value": self.battery, "observedAt": at}
        if self.path != "/":
            entity["scope"] = self.path
        return entity


def _instant(at: str) -> dict[str, Any]:
    return {"type": "Property", "value": {"@type": "DateTime", "@value": at}}
