"""Whose turn it is: of the replicas that share an MQTT session, one is active, and the others stand by.

The active one holds a session's advisory lock in PostgreSQL, on a connection of its own. When its process ends, in
whatever way, PostgreSQL gives the lock to the next one that asks.
"""

import asyncio
import contextlib
import hashlib
import logging

import asyncpg

_ASK_S = 0.5
_CHECK_S = 2.0
_TIMEOUT_S = 10.0
_log = logging.getLogger("hiroba.ingest.mqtt")


class Turn:
    """The turn of one name. While PostgreSQL is away, it stays with whom it was."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
        self._taken = asyncio.Event()
        self._given_up = asyncio.Event()
        self._given_up.set()
        self._is_known = False

    @property
    def is_ours(self) -> bool:
        """Whether this process is the active one."""
        return self._taken.is_set()

    @property
    def is_known(self) -> bool:
        """Whether PostgreSQL has told whose turn it is."""
        return self._is_known

    async def wait(self) -> None:
        """Return when the turn is ours."""
        await self._taken.wait()

    async def lost(self) -> None:
        """Return when the turn is another's."""
        await self._given_up.wait()

    async def run(self) -> None:
        """Ask for the turn, and hold it, until cancelled."""
        while True:
            try:
                await self._hold()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                _log.warning("PostgreSQL is away; the turn stays where it is", extra={"reason": repr(error)})
            await asyncio.sleep(_ASK_S)

    async def _hold(self) -> None:
        connection = await asyncpg.connect(self._url, timeout=_TIMEOUT_S, command_timeout=_TIMEOUT_S)
        try:
            while not await connection.fetchval("select pg_try_advisory_lock($1)", self._key):
                self._note(is_ours=False)
                await asyncio.sleep(_ASK_S)
            self._note(is_ours=True)
            while True:
                await asyncio.sleep(_CHECK_S)
                await connection.fetchval("select 1")
        finally:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await connection.close(timeout=1)

    def _note(self, *, is_ours: bool) -> None:
        self._is_known = True
        if is_ours != self.is_ours:
            _log.info("The turn is ours" if is_ours else "The turn is another's")
        if is_ours:
            self._given_up.clear()
            self._taken.set()
        else:
            self._taken.clear()
            self._given_up.set()
