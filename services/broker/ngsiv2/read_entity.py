"""An entity of a request: identity and attributes (Orion API, JSON Entity Representation)."""

from dataclasses import dataclass
from typing import Any, Final

from services.broker.domain.attribute import Attributes
from services.broker.domain.entity import Entity, uri_of
from services.broker.domain.selection import V2Ref
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.read_attribute import read_attributes
from services.broker.ngsiv2.syntax import check_identifier
from services.broker.operations.v2_updates import Expiry
from services.kernel.errors import BadData

DEFAULT_TYPE: Final = "Thing"


@dataclass(frozen=True, slots=True)
class SentEntity:
    """An entity as a request writes it. `type_name` is the short type, None where the request leaves it out."""

    id: str
    type_name: str | None
    attributes: Attributes
    expiry: Expiry | None

    @property
    def shown_type(self) -> str:
        """The type that the entity gets."""
        return DEFAULT_TYPE if self.type_name is None else self.type_name

    def reference(self, names: Names, path: str) -> V2Ref:
        """Return how the request points at the entity."""
        return V2Ref(self.id, None if self.type_name is None else names.expand_type(self.type_name), path)

    def creation(self, names: Names, path: str) -> Entity:
        """Return the entity without attributes, to be created."""
        short = self.shown_type
        return Entity(
            id=self.id,
            types=(names.expand_type(short),),
            attrs={},
            path=path,
            uri=uri_of(self.id, short),
            expires_at=self.expiry.at if self.expiry else None,
        )


def read_entity(document: Any, names: Names, *, key_values: bool) -> SentEntity:
    """Read an entity with `id`, perhaps `type`, and attributes. Raises BadData."""
    if not isinstance(document, dict):
        raise BadData("An entity must be a JSON object", field="entity")
    if not document:
        raise BadData("empty payload")
    if "id" not in document:
        raise BadData("entity id length: 0, min length supported: 1", field="id")
    entity_id = check_identifier(document["id"], "entity id")
    type_name = document.get("type")
    if "type" in document:
        check_identifier(type_name, "entity type")
    attributes, expiry = read_attributes(document, names, key_values=key_values)
    return SentEntity(entity_id, type_name, attributes, expiry)


def read_entity_attributes(
    document: dict[str, Any], names: Names, *, key_values: bool
) -> tuple[Attributes, Expiry | None]:
    """Read the attributes that a request to …/attrs writes. Raises BadData."""
    for name in ("id", "type"):
        if name in document:
            raise BadData(f"entity {name} specified in payload", field=name)
    return read_attributes(document, names, key_values=key_values)
