"""Links: attributes of a device that are kept in another entity too (IoT agent API, NGSI-LD Linked Data support).

A static attribute with `"link": {"attributes": […], "name": "providedBy", "type": "Building"}` names that entity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.ingest.domain.conversion import is_uri

DEFAULT_NAME = "providedBy"


@dataclass(frozen=True, slots=True)
class Link:
    """Which entities get which attributes, and how the relationship back to the device is called."""

    targets: Sequence[str]
    entity_type: str
    attributes: Sequence[str]
    name: str

    def entities(self, own: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return what is written to the linked entities, given the device's own."""
        back = {self.name: {"type": "Relationship", "object": own["id"]}}
        copied = {name: {**own[name], **back} for name in self.attributes if name in own}
        return [{"id": target, "type": self.entity_type, **copied} for target in self.targets] if copied else []


def read_link(static: Mapping[str, Any]) -> Link | None:
    """Read the link of a static attribute, if it has one. Raises ValueError naming what is wrong."""
    fields = static.get("link")
    if fields is None:
        return None
    names = fields.get("attributes") if isinstance(fields, Mapping) else None
    if not isinstance(names, list) or not names or not all(isinstance(each, str) and each for each in names):
        raise ValueError("link: attributes must be a list of names")
    kind, name = fields.get("type"), fields.get("name") or DEFAULT_NAME
    if not isinstance(kind, str) or not kind:
        raise ValueError("link: type must name the type of the linked entity")
    value = static.get("value")
    targets: list[Any] = value if isinstance(value, list) else [value]
    if not isinstance(name, str) or not targets or not all(isinstance(each, str) and is_uri(each) for each in targets):
        raise ValueError("link: the attribute's value must be the URI of the linked entity")
    return Link(targets, kind, names, name)
