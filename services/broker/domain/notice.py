"""A notice: what a subscriber is due to be told, as it waits in the outbox; rendered only when it is sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.broker.domain.change import ChangeKind
from services.broker.domain.entity import Entity
from services.broker.domain.view import View
from services.kernel.clock import from_iso, to_iso

PERIODIC = "periodic"
"""The kind of a notice that tells the present state, due by the clock (NGSI-LD timeInterval)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened, for one subscription.

    `kind` is a `ChangeKind` or `PERIODIC`. `entities` are as they are after the change, or as they were before their
    deletion; `previous` is the entity before, where the subscription shows it. `touched` are the attributes (expanded)
    for which the notice is due: created, written or deleted.
    """

    kind: str
    entities: tuple[Entity, ...]
    touched: tuple[str, ...]
    created_at: datetime
    previous: Entity | None = None
    correlator: str = ""
    seq: int = 0

    def within(self, view: View | None, consents: Collection[tuple[str, str]] = ()) -> "Notice | None":
        """Return what of the notice its subscriber may see; None where there is nothing to tell.

        `consents` are the persons and items for which the subscriber has consent.
        """
        if view is None:
            return self
        entities = tuple(shown for each in self.entities if (shown := view.shown(each, consents)) is not None)
        touched = tuple(
            name for name in self.touched if any(view.allows(each, (name,), consents) for each in self.entities)
        )
        if not entities or (self.touched and not touched):
            return None
        previous = None if self.previous is None else view.shown(self.previous, consents)
        return replace(self, entities=entities, touched=touched, previous=previous)

    @property
    def told(self) -> tuple[Entity, ...]:
        """All entities that it tells of."""
        return self.entities if self.previous is None else (*self.entities, self.previous)

    @property
    def is_deletion(self) -> bool:
        """Tell whether the entity exists no more."""
        return self.kind == ChangeKind.DELETED


def entity_document(entity: Entity) -> dict[str, Any]:
    """Write an entity as JSON."""
    return {
        "id": entity.id,
        "types": list(entity.types),
        "attrs": entity.attrs,
        "path": entity.path,
        "uri": entity.uri,
        "scopes": None if entity.scopes is None else list(entity.scopes),
        "created_at": _instant_text(entity.created_at),
        "modified_at": _instant_text(entity.modified_at),
        "expires_at": _instant_text(entity.expires_at),
        "seq": entity.seq,
    }


def entity_from_document(document: Mapping[str, Any]) -> Entity:
    """Read what `entity_document` wrote."""
    return Entity(
        id=document["id"],
        types=tuple(document["types"]),
        attrs=document["attrs"],
        path=document["path"],
        uri=document["uri"],
        scopes=None if document["scopes"] is None else tuple(document["scopes"]),
        created_at=_instant(document["created_at"]),
        modified_at=_instant(document["modified_at"]),
        expires_at=_instant(document["expires_at"]),
        seq=document["seq"],
    )


def _instant_text(instant: datetime | None) -> str | None:
    return None if instant is None else to_iso(instant)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else from_iso(text)
