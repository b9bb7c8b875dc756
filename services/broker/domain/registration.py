"""A context source registration (5.2.9): who has which entities and attributes, and what may be asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from services.kernel.clock import from_iso


class Mode(StrEnum):
    """How a context source takes part in operations (4.3.6.3)."""

    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"
    REDIRECT = "redirect"
    AUXILIARY = "auxiliary"


_RETRIEVAL: Final = frozenset(
    {
        *("retrieveEntity", "queryEntity", "queryBatch", "retrieveTemporal", "queryTemporal"),
        *("retrieveEntityTypes", "retrieveEntityTypeDetails", "retrieveEntityTypeInfo"),
        *("retrieveAttrTypes", "retrieveAttrTypeDetails", "retrieveAttrTypeInfo"),
    }
)
_DISCOVERY: Final = frozenset(name for name in _RETRIEVAL if name.startswith(("retrieveEntityType", "retrieveAttr")))
_SUBSCRIPTIONS: Final = frozenset(
    {"createSubscription", "updateSubscription", "retrieveSubscription", "querySubscription", "deleteSubscription"}
)
_REDIRECTION: Final = frozenset(
    {
        *("createEntity", "updateEntity", "appendAttrs", "updateAttrs", "deleteAttrs", "deleteEntity"),
        *("mergeEntity", "replaceEntity", "replaceAttrs", "purgeEntity", "retrieveEntity", "queryEntity"),
    }
)
GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "federationOps": frozenset({"retrieveEntity", "queryEntity", "queryBatch"}) | _DISCOVERY | _SUBSCRIPTIONS,
    "updateOps": frozenset({"updateEntity", "updateAttrs", "replaceEntity", "replaceAttrs"}),
    "retrieveOps": frozenset({"retrieveEntity", "queryEntity"}),
    "redirectionOps": _REDIRECTION | _DISCOVERY,
}
"""Names that stand for several operations (4.20)."""
OPERATIONS: Final = frozenset(
    {
        *_RETRIEVAL,
        *_SUBSCRIPTIONS,
        *_REDIRECTION,
        *("createBatch", "upsertBatch", "updateBatch", "deleteBatch", "mergeBatch"),
        *("upsertTemporal", "appendAttrsTemporal", "deleteAttrsTemporal", "updateAttrInstanceTemporal"),
        *("deleteAttrInstanceTemporal", "deleteTemporal"),
    }
)
"""Every operation that a registration may name (4.20)."""
READING: Final = _RETRIEVAL | _SUBSCRIPTIONS
"""Operations that change nothing: all that an auxiliary source may have (4.3.6.3)."""


@dataclass(frozen=True, slots=True)
class EntityInfo:
    """Entities of these types (expanded); with an id, or a pattern of ids, only those (5.2.8)."""

    types: frozenset[str] = frozenset()
    id: str | None = None
    id_pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Information:
    """What a context source has: these attributes (none: any) of these entities (none: any) (5.2.10)."""

    entities: tuple[EntityInfo, ...] = ()
    attributes: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Tell whether an attribute is among those meant."""
        return not self.attributes or name in self.attributes


@dataclass(frozen=True, slots=True)
class RegistrationStatus:
    """What became of the requests that were forwarded (5.2.9)."""

    times_sent: int = 0
    times_failed: int = 0
    last_success: datetime | None = None
    last_failure: datetime | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """A stored registration. `document` is what the registrant wrote, names expanded; `context` in which @context.

    `fiware` holds the Fiware-Service and Fiware-ServicePath that the registrant named, to be named to it again.
    """

    id: str
    document: Mapping[str, Any]
    context: Any
    created_at: datetime
    modified_at: datetime
    status: RegistrationStatus = field(default_factory=RegistrationStatus)
    fiware: Mapping[str, str] = field(default_factory=dict)

    @property
    def mode(self) -> Mode:
        """How the source takes part; inclusive unless said."""
        return Mode(self.document.get("mode", Mode.INCLUSIVE))

    @property
    def endpoint(self) -> str:
        """Where the context source is."""
        return str(self.document["endpoint"])

    @property
    def expires_at(self) -> datetime | None:
        """When the registration ends."""
        text = self.document.get("expiresAt")
        return None if text is None else from_iso(text)

    @property
    def operations(self) -> frozenset[str]:
        """The operations that the source supports; those of a federation unless said (4.20)."""
        named = self.document.get("operations", ["federationOps"])
        return frozenset().union(*(GROUPS.get(each, frozenset({each})) for each in named))

    @property
    def information(self) -> tuple[Information, ...]:
        """What the source has."""
        return tuple(map(_information, self.document["information"]))

    def takes_place_of(self, earlier: "Registration") -> bool:
        """Tell whether a FIWARE agent registers again what it has registered, of which it keeps no track.

        Known by the Fiware headers: for others, a second exclusive registration of an entity is a conflict (5.9.2.4).
        """
        modes = {self.mode, earlier.mode}
        is_same_agent = self.endpoint == earlier.endpoint and self.fiware == earlier.fiware != {}
        return is_same_agent and modes == {Mode.EXCLUSIVE} and earlier._ids() <= self._ids()

    def _ids(self) -> frozenset[str | None]:
        return frozenset(entity.id for part in self.information for entity in part.entities)


def _information(document: Mapping[str, Any]) -> Information:
    names = [*document.get("propertyNames", ()), *document.get("relationshipNames", ())]
    names += document.get("attributeNames", ())
    return Information(tuple(map(_entity_info, document.get("entities", ()))), frozenset(names))


def _entity_info(document: Mapping[str, Any]) -> EntityInfo:
    types = document["type"]
    names = frozenset(types if isinstance(types, list) else [types])
    return EntityInfo(names, document.get("id"), document.get("idPattern"))
