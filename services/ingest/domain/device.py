"""Groups and devices: what provisioning stores, and what a device inherits from its group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.ingest.domain.attribute import merge
from services.ingest.domain.conversion import is_uri

DEFAULT_TYPE = "Thing"
GROUP_KEYS = ("apikey", "resource")
"""What names a group, beside its fields."""
LISTS = ("attributes", "static_attributes", "commands", "lazy")
"""The lists of a group or device: a device's own are merged with its group's one by one."""
_SAFE_IN_URI = "-._~!$&'()*+,;=:@/"


@dataclass(frozen=True, slots=True)
class Group:
    """A configuration group: the api key of its devices, and what they share. `fields` as they were posted."""

    tenant: str
    path: str
    resource: str
    apikey: str
    fields: Mapping[str, Any]
    group_id: int = 0

    @property
    def autoprovisions(self) -> bool:
        """Whether a device that nobody registered may send; yes unless the group says no."""
        return self.fields.get("autoprovision") is not False


@dataclass(frozen=True, slots=True)
class Device:
    """A device: unique by tenant, service path, id and api key (empty: that of its group).

    `last_measure` is what it sent last and when, `{"timestamp", "measure"}`, if that is to be stored.
    """

    tenant: str
    path: str
    device_id: str
    apikey: str
    fields: Mapping[str, Any]
    device_key: int = 0
    last_measure: Mapping[str, Any] | None = None


def inherit(device: Device, group: Group | None) -> Mapping[str, Any]:
    """Return a device's fields; those it lacks (or has as null) come from its group, attributes one by one."""
    own = {name: value for name, value in device.fields.items() if value is not None}
    if group is None:
        return own
    shared = {name: value for name, value in group.fields.items() if value is not None}
    fields = {**shared, **own}
    for name in LISTS:
        if name in shared and name in own:
            fields[name] = merge(own[name], shared[name])
    return fields


def is_ngsi_v2(fields: Mapping[str, Any]) -> bool:
    """Tell whether `ngsiVersion` says that entities are to be as the agents write them with NGSIv2."""
    return str(fields.get("ngsiVersion") or "").lower() == "v2"


def entity_id(name: str, entity_type: str) -> str:
    """Return a name that is a URI as it is, any other as `urn:ngsi-ld:<type>:<name>`."""
    return name if is_uri(name) else f"urn:ngsi-ld:{quote(entity_type, safe='')}:{quote(name, safe=_SAFE_IN_URI)}"


def default_entity_name(device_id: str, entity_type: str, fields: Mapping[str, Any]) -> str:
    """Return the name of a device's entity where none is given: a URN, or as the agents do with NGSIv2 `<type>:<id>`.

    The latter where `ngsiVersion` is `v2` or `defaultEntityNameConjunction` says what stands between.
    """
    conjunction = fields.get("defaultEntityNameConjunction")
    if conjunction is None and is_ngsi_v2(fields):
        conjunction = ":"
    return device_id if conjunction is None else f"{entity_type}{conjunction}{device_id}"


def own_entity(device: Device, fields: Mapping[str, Any]) -> tuple[str, str]:
    """Return the id and type of a device's entity, given its fields with its group's."""
    kind = fields.get("entity_type") or DEFAULT_TYPE
    name = device.fields.get("entity_name") or default_entity_name(device.device_id, kind, fields)
    return entity_id(name, kind), kind
