"""The audit log of one process: its acts, chained in a segment of its own, committed before they are answered."""

import asyncio
import logging
import secrets
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncEngine

from services.auth.store import audit
from services.auth.store.database import transaction
from services.auth.store.reach import NOTHING
from services.kernel.audit.chain import Act, AuditRecord, chain
from services.kernel.clock import Clock
from services.kernel.errors import Unavailable

_MOST_AT_ONCE = 200
_RECORDING = NOTHING.also("record")
_log = logging.getLogger("hiroba.auth.audit")


class AuditLog:
    """Appends acts, those that come at once in one transaction."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._segment = f"{clock():%Y%m%dT%H%M%S}-{secrets.token_hex(6)}"
        self._last: AuditRecord | None = None
        self._waiting: list[tuple[Act, asyncio.Future[None]]] = []
        self._turn = asyncio.Lock()

    async def append(self, act: Act) -> None:
        """Write an act and return when it is committed. Raises Unavailable."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((act, done))
        async with self._turn:
            if not done.done():
                await self._write()
        await done

    async def _write(self) -> None:
        batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
        try:
            async with transaction(self._engine, _RECORDING) as connection:
                if self._last is None:
                    first, done = batch[0]
                    batch[0] = replace(first, heads=await audit.heads(connection)), done
                records = chain(self._segment, self._last, [act for act, _ in batch])
                await audit.append(connection, records)
        except Unavailable as error:
            _log.warning("Acts cannot be recorded", extra={"acts": len(batch)})
            for _, done in batch:
                done.set_exception(error)
            return
        self._last = records[-1]
        for _, done in batch:
            done.set_result(None)
