"""A device with what it has from its group: what commands need to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.ingest.domain.command import CommandDefinition, computed_text, read_commands
from services.ingest.domain.device import Device, inherit, own_entity
from services.ingest.domain.expression.compiled import Scope
from services.ingest.operations.registry import group_of
from services.ingest.store.groups import GroupStore

_ULTRALIGHT_RESOURCE = "/iot/d"
_REGISTERED = "legacy"


@dataclass(frozen=True, slots=True)
class Profile:
    """A device's entity, its commands and lazy attributes, and how it is reached."""

    device: Device
    fields: Mapping[str, Any]
    apikey: str
    entity_id: str
    entity_type: str
    commands: Mapping[str, CommandDefinition]

    @property
    def lazy(self) -> tuple[str, ...]:
        """The names of the attributes that the device is asked for."""
        return tuple(each.get("name") or each["object_id"] for each in self.fields.get("lazy") or ())

    @property
    def is_notified(self) -> bool:
        """Whether commands come as notifications of the context broker, and not through a registration."""
        return (self.fields.get("cmdMode") or _REGISTERED) != _REGISTERED

    @property
    def place_headers(self) -> dict[str, str]:
        """The headers that tell a device's endpoint whose it is."""
        return {"fiware-service": self.device.tenant, "fiware-servicepath": self.device.path}

    @property
    def transport(self) -> str:
        """`MQTT`, `HTTP` with an endpoint, or `POLL`: the device fetches."""
        transport = str(self.fields.get("transport") or "").upper()
        if transport == "MQTT" or (not transport and not self.fields.get("endpoint") and not self.is_polling):
            return "MQTT"
        return "HTTP" if self.fields.get("endpoint") and not self.is_polling else "POLL"

    @property
    def is_polling(self) -> bool:
        """Whether the device says that it fetches its commands."""
        return self.fields.get("polling") is True

    @property
    def speaks_ultralight(self) -> bool:
        """Whether commands are written in UltraLight: by `protocol`, else by the group's resource."""
        protocol = str(self.fields.get("protocol") or "").lower()
        if protocol:
            return "ul" in protocol
        return str(self.fields.get("resource") or "").startswith(_ULTRALIGHT_RESOURCE)

    def scope(self, now: datetime, values: Mapping[str, Any]) -> Scope:
        """Return what the expressions of commands see."""
        static = {each["name"]: each.get("value") for each in self.fields.get("static_attributes") or ()}
        own = {"id": self.device.device_id, "type": self.entity_type, "entity_name": self.entity_id}
        place = {"service": self.device.tenant, "subservice": self.device.path, "staticAttributes": static}
        return Scope({**static, **values, **own, **place}, now)

    def endpoint(self, scope: Scope) -> str:
        """Return where the device is called."""
        return computed_text(str(self.fields.get("endpoint") or ""), scope)


async def profile_of(groups: GroupStore, device: Device) -> Profile:
    """Put a device and its group together. Raises Unavailable."""
    candidates = await groups.find_in(device.tenant, device.path)
    group = group_of(device, candidates)
    fields = {**inherit(device, group), "resource": group.resource if group else ""}
    apikey = device.apikey or (group.apikey if group else "")
    return Profile(device, fields, apikey, *own_entity(device, fields), read_commands(fields))
