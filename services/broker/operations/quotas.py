"""Quotas of what tenants have: entities, subscriptions, registrations, history, storage.

Where a tenant has none, a write costs one look into a dictionary. What a tenant has is asked once a second at most, so
that what is written at the same moment may overstep a quota.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import asyncpg

from services.broker.domain.entity import Entity
from services.broker.operations.mutation import Mutation, Outcome, Wanted
from services.broker.store import quotas as store
from services.kernel.errors import QuotaReached
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant, TenantDirectory

_KNOWN_S: Final = 1.0
_OF_WRITES: Final = ("entities", "history_rows", "storage_mb")


@dataclass(slots=True)
class Room:
    """What a tenant has, its quotas, and the entities that were created since it was asked."""

    quotas: Mapping[str, int]
    held: Mapping[str, int]
    asked_at: float
    created: set[str] = field(default_factory=set)

    def require(self, name: str, more: int = 0) -> None:
        """Refuse one more where a quota is reached. Raises QuotaReached."""
        quota = self.quotas.get(name)
        if quota is not None and self.held[name] + more >= quota:
            raise QuotaReached(f"The tenant has reached its quota {name} ({quota})", quota=name)

    def take(self, uri: str) -> None:
        """Make room for an entity. Raises QuotaReached."""
        if uri not in self.created:
            self.require("entities", len(self.created))
            self.created.add(uri)


class Rooms:
    """The room that tenants have, as one process knows it."""

    def __init__(self, pool: asyncpg.Pool, tenants: TenantDirectory) -> None:
        self._pool = pool
        self._tenants = tenants
        self._rooms: dict[int, Room] = {}

    async def limited(self, tenant_id: int, mutations: Sequence[Mutation]) -> Sequence[Mutation]:
        """Return mutations that keep to the tenant's quotas: as they are, where it has none. Raises Unavailable."""
        quotas = self._tenants.quotas_of(tenant_id)
        if quotas is None or not any(name in quotas for name in _OF_WRITES):
            return mutations
        room = await self._room(tenant_id, quotas)
        return [_Limited(mutation, room) for mutation in mutations]

    async def require(self, tenant: Tenant, name: str) -> None:
        """Refuse one more of something where its quota is reached. Raises QuotaReached, Unavailable."""
        quotas = self._tenants.quotas_of(tenant.tenant_id)
        if quotas is not None and name in quotas:
            self._rooms.pop(tenant.tenant_id, None)
            (await self._room(tenant.tenant_id, quotas)).require(name)

    async def _room(self, tenant_id: int, quotas: Mapping[str, int]) -> Room:
        room = self._rooms.get(tenant_id)
        if room is None or room.quotas is not quotas or time.monotonic() - room.asked_at > _KNOWN_S:
            async with session(self._pool) as connection:
                room = Room(quotas, await store.held(connection, tenant_id), time.monotonic())
            self._rooms[tenant_id] = room
        return room


@dataclass(frozen=True, slots=True)
class _Limited:
    """A mutation that keeps to the room there is. Deletions always pass."""

    mutation: Mutation
    room: Room

    @property
    def wanted(self) -> Wanted:
        """The entities that the mutation needs."""
        return self.mutation.wanted

    def apply(self, present: Sequence[Entity], now: datetime) -> Outcome:
        """Return what becomes of the entities. Raises HubError, QuotaReached."""
        outcome = self.mutation.apply(present, now)
        for change in outcome.changes:
            if change.after is None:
                continue
            self.room.require("storage_mb")
            self.room.require("history_rows")
            if change.before is None:
                self.room.take(change.after.uri)
        return outcome
