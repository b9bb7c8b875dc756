"""An entity: identity, types, scopes, attributes and times. A thin frozen value around the stored JSON document."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.broker.domain.attribute import Attributes, Instance, default_instance
from services.kernel.values import frozen

ROOT_PATH = "/"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+\Z")


@frozen
class Entity:
    """An entity as both faces see it; names are expanded (IRIs).

    `types[0]` is the type that NGSIv2 shows. `path` is the NGSIv2 service path and part of the identity; `scopes`
    are NGSI-LD's and are not (4.18). `uri` is the id in NGSI-LD: the id itself where it is a URI.
    `seq` numbers entities in the order of creation and is 0 until stored.
    """

    id: str
    types: tuple[str, ...]
    attrs: Attributes
    path: str = ROOT_PATH
    uri: str = ""
    scopes: tuple[str, ...] | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    expires_at: datetime | None = None
    seq: int = 0

    @property
    def type(self) -> str:
        """The first type."""
        return self.types[0]

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it within a tenant: id, first type, service path."""
        return self.id, self.types[0], self.path

    @property
    def places(self) -> tuple[str, ...]:
        """Where it lies for NGSIv2: its service path, and its scopes with a slash in front (4.18)."""
        return self.path, *("/" + scope.removeprefix("/") for scope in self.scopes or ())

    def attribute(self, name: str) -> Instance | None:
        """Return the default instance of an attribute, or None."""
        instances = self.attrs.get(name)
        return default_instance(instances) if instances else None

    def has_type(self, type_name: str) -> bool:
        """Tell whether the type is one of the entity's."""
        return type_name in self.types

    def with_(self, **changes: Any) -> "Entity":
        """Return a copy with some members replaced."""
        return replace(self, **changes)

    def written(self, attrs: Attributes, now: datetime) -> "Entity":
        """Return a copy with other attributes, modified now: `with_` without its cost, for the hot path."""
        return Entity(
            self.id,
            self.types,
            attrs,
            self.path,
            self.uri,
            self.scopes,
            self.created_at,
            now,
            self.expires_at,
            self.seq,
        )


def is_uri(text: str) -> bool:
    """Tell whether an id is a URI, as NGSI-LD demands (4.6.3)."""
    return bool(_URI.match(text))


def uri_of(entity_id: str, short_type: str) -> str:
    """Return the NGSI-LD id of an entity: `urn:ngsi-ld:<Type>:<id>` where the id is no URI."""
    return entity_id if is_uri(entity_id) else f"urn:ngsi-ld:{short_type}:{entity_id}"
