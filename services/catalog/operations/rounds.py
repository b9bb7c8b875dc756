"""Rounds: work in the background that is done again and again, by one replica at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from services.catalog.store.turn import turn
from services.kernel.errors import HubError

_log = logging.getLogger("hiroba.catalog.rounds")


async def run_rounds(engine: AsyncEngine, work: str, pause_s: float, once: Callable[[], Awaitable[None]]) -> None:
    """Do some work after each pause, while no other replica does it, until cancelled; trouble waits for the next."""
    while True:
        await asyncio.sleep(pause_s)
        try:
            async with turn(engine, work) as is_ours:
                if is_ours:
                    await once()
        except HubError as error:
            _log.warning("A round of work is put off", extra={"work": work, "reason": error.detail})
