"""Which entity types writers of this process have changed since somebody last asked: noted in memory, after commits."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity

Touched: TypeAlias = tuple[int, str, datetime]
"""A tenant, one of its entity types, and when an entity of that type last changed."""


class TypeWatch:
    """Remembers for each tenant and type when an entity last changed; a write costs it one look into a dictionary."""

    def __init__(self) -> None:
        self._touched: dict[tuple[int, tuple[str, ...]], datetime] = {}

    def tell(self, tenant_id: int, changes: Iterable[Change], gone: Iterable[Entity], now: datetime) -> None:
        """Note the types of what a transaction changed, an entity's former types and those of expired ones included."""
        touched = self._touched
        for entity in gone:
            touched[tenant_id, entity.types] = now
        for change in changes:
            after, before = change.after, change.before
            if after is not None:
                touched[tenant_id, after.types] = now
            if before is not None and (after is None or before.types is not after.types):
                touched[tenant_id, before.types] = now

    def take(self) -> list[Touched]:
        """Return what was noted since the last time, each type once, and forget it."""
        touched, self._touched = self._touched, {}
        latest: dict[tuple[int, str], datetime] = {}
        for (tenant_id, types), at in touched.items():
            for name in types:
                known = latest.get((tenant_id, name))
                latest[tenant_id, name] = at if known is None else max(known, at)
        return [(tenant_id, name, at) for (tenant_id, name), at in latest.items()]

    def give_back(self, touched: Sequence[Touched]) -> None:
        """Take in again what could not be stored."""
        for tenant_id, name, at in touched:
            self._touched.setdefault((tenant_id, (name,)), at)
