"""The port to the context broker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class EntityBatch:
    """Entities of one tenant and service path, in order; the same id may come several times.

    The broker applies a batch whose `key` it has already committed only once, and so an entity with a key among
    `keys` (one for each entity, or none), whichever batch that was in.
    """

    tenant: str
    path: str
    entities: Sequence[Mapping[str, Any]]
    key: str
    keys: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What the broker committed: ids it did not know before, and the errors of what it refused, with their ids."""

    created: frozenset[str] = frozenset()
    errors: Sequence[tuple[str, str]] = field(default=())


class BatchRefused(Exception):
    """The broker refuses the whole batch, and would again"""


class SinkAway(Exception):
    """The broker cannot be reached or asks to try again"""


class SinkFails(SinkAway):
    """The broker fails at this batch (500)"""


class EntitySink(Protocol):
    """Writes entities so that they are committed when it returns."""

    async def write(self, batch: EntityBatch) -> Written:
        """Append or update every entity's attributes. Raises BatchRefused, SinkAway, SinkFails."""
        ...

    async def is_reachable(self) -> bool:
        """Tell whether the broker can do its work now."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
