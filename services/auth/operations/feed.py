"""Change feeds, of tenants and of policies: long polls without a connection each, woken by any replica."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.auth.domain.consent import Consent
from services.auth.domain.tenant import Tenant, Tombstone
from services.auth.store import consents, policy_changes, tenants
from services.auth.store.database import SCHEMA, transaction
from services.auth.store.policy_changes import PolicyChange
from services.auth.store.reach import NOTHING, Reach
from services.kernel.errors import Unavailable
from services.kernel.postgres import translated

MOST_CHANGES = 500
FALL_BACK_S = 1.0
"""How often the position is read besides: notifications do not pass every connection pooler."""

_log = logging.getLogger("hiroba.auth.feed")


C = TypeVar("C")
Read = Callable[[AsyncConnection, int, int], Awaitable[tuple[int, list[C]]]]
"""Returns the position that a feed has reached, and at most so many changes after a position."""


@dataclass(frozen=True, slots=True)
class Changes(Generic[C]):
    """The position that the feed has reached, and what changed since one, oldest change first."""

    position: int
    changes: list[C] = field(default_factory=list)


class Feed(Generic[C]):
    """A feed in one process: one connection listens, however many clients wait."""

    def __init__(self, engine: AsyncEngine, url: str, name: str, read: Read[C], reach: Reach = NOTHING) -> None:
        self._engine = engine
        self._url = url
        self._name = name
        self._reader = read
        self._reach = reach
        self._position = 0
        self._moved = asyncio.Condition()
        self._is_closed = False

    async def changes_after(self, position: int, wait_s: float) -> Changes[C]:
        """Return the changes after a position, waiting for one if there is none. Raises Unavailable.

        A position beyond the feed's own is answered at once: the feed has begun anew.
        """
        changes = await self._read(position)
        if changes.changes or changes.position != position or wait_s <= 0:
            return changes
        try:
            async with asyncio.timeout(wait_s), self._moved:
                await self._moved.wait_for(lambda: self._position > position or self._is_closed)
        except TimeoutError:
            return changes
        return await self._read(position)

    async def close(self) -> None:
        """Answer everyone who waits, now, and let nobody wait any more: the process is about to end."""
        self._is_closed = True
        async with self._moved:
            self._moved.notify_all()

    async def listen(self) -> None:
        """Follow the feed's position until cancelled; PostgreSQL being away only interrupts it."""
        while True:
            try:
                with translated():
                    await self._listen_once()
            except (Unavailable, asyncpg.PostgresError) as error:
                _log.debug("The feed's listener is away", extra={"reason": repr(error)})
            await asyncio.sleep(FALL_BACK_S)

    async def _listen_once(self) -> None:
        settings = {"search_path": SCHEMA, "application_name": "hiroba-auth-feed"}
        connection = await asyncpg.connect(self._url, server_settings=settings, timeout=10)
        try:
            woken = asyncio.Event()
            await connection.add_listener(f"hiroba_auth_{self._name}", lambda *_: woken.set())
            while True:
                await self._move_to(await connection.fetchval("select position from feed where name = $1", self._name))
                try:
                    async with asyncio.timeout(FALL_BACK_S):
                        await woken.wait()
                except TimeoutError:
                    continue
                finally:
                    woken.clear()
        finally:
            connection.terminate()

    async def _move_to(self, position: int) -> None:
        if position != self._position:
            self._position = position
            async with self._moved:
                self._moved.notify_all()

    async def _read(self, position: int) -> Changes[C]:
        async with transaction(self._engine, self._reach) as connection:
            return Changes(*await self._reader(connection, position, MOST_CHANGES))


def tenant_feed(engine: AsyncEngine, url: str) -> Feed[Tenant | Tombstone]:
    """Return the feed of tenants."""
    return Feed(engine, url, "tenants", tenants.changes_after)


def consent_feed(engine: AsyncEngine, url: str) -> Feed[Consent]:
    """Return the feed of consents."""
    return Feed(engine, url, consents.FEED, consents.changes_after, NOTHING.also("tell"))


def policy_feed(engine: AsyncEngine, url: str) -> Feed[PolicyChange]:
    """Return the feed of whose grants have changed."""
    return Feed(engine, url, "policies", policy_changes.changes_after)
