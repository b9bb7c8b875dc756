"""What ingest offers the context broker about one entity, and wants to know of it.

Commands to be given, lazy attributes to be asked for, attributes of which the device is to be told.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

TOLD = "told-"
"""Stands before the number of a device's configuration subscription, in the name of how the broker learns of it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The commands, with their types, and lazy attributes of a device's entity.

    With `is_notified` its commands are subscribed to, and not registered. `told` are the attributes that the device
    wants to be told of when they change, by the number of its subscription.
    """

    tenant: str
    path: str
    entity_id: str
    entity_type: str
    commands: Mapping[str, str] = field(default_factory=dict)
    lazy: tuple[str, ...] = ()
    is_notified: bool = False
    told: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def registered(self) -> tuple[str, ...]:
        """The attributes of which ingest is the provider."""
        return tuple(sorted({*(() if self.is_notified else self.commands), *self.lazy}))

    @property
    def is_updated(self) -> bool:
        """Whether updates are to be forwarded."""
        return bool(self.commands) and not self.is_notified

    @property
    def is_subscribed(self) -> bool:
        """Whether changes of commands are to be notified."""
        return bool(self.commands) and self.is_notified

    @property
    def entity(self) -> dict[str, str]:
        """The entity as registrations and subscriptions name it."""
        return {"id": self.entity_id, "type": self.entity_type}

    @property
    def digest(self) -> str:
        """What changes with anything of it."""
        place = [self.tenant, self.path, self.entity_id, self.entity_type]
        parts = [*place, sorted(self.commands), sorted(self.lazy), self.is_notified]
        parts += [sorted(self.told.items())] if self.told else []
        return hashlib.sha256(orjson.dumps(parts)).hexdigest()

    def __bool__(self) -> bool:
        """Tell whether there is anything to offer."""
        return bool(self.commands or self.lazy or self.told)
