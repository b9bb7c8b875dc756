"""Replicas of a service tell each other, once a second, what their callers have spent of their quotas."""

import asyncio
import logging
import time
from typing import Final

import asyncpg

from services.kernel.errors import HubError
from services.kernel.postgres import session
from services.kernel.ratelimit.limiter import Limiter

_EVERY_S: Final = 1.0
_ROUNDS_BETWEEN_CLEANINGS: Final = 60
_log = logging.getLogger("hiroba.ratelimit")

_TELL: Final = """
insert into rate_window (policy, tenant, client, ends, spent)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) order by 1, 2, 3, 4
on conflict (policy, tenant, client, ends) do update set spent = rate_window.spent + excluded.spent
returning policy, tenant, client, spent
"""


class Sharing:
    """Shares a limiter's open windows with those of other processes; without any it does nothing."""

    def __init__(self, pool: asyncpg.Pool, limiter: Limiter) -> None:
        self._pool = pool
        self._limiter = limiter
        self._round = 0

    async def run(self) -> None:
        """Share until cancelled; while PostgreSQL is away each process counts for itself."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.share()
            except (HubError, asyncpg.PostgresError) as error:
                _log.debug("What is spent of quotas cannot be told", extra={"reason": repr(error)})

    async def share(self) -> None:
        """Tell what was spent here since the last time, and hear of the others. Raises Unavailable."""
        self._limiter.forget_ended()
        windows = dict(self._limiter.windows)
        if not windows:
            return
        spent = {key: window.spent for key, window in windows.items()}
        rows = [(*key, window.ends, spent[key] - window.told) for key, window in windows.items()]
        async with session(self._pool) as connection:
            told = await connection.fetch(_TELL, *(list(column) for column in zip(*rows, strict=True)))
            self._round += 1
            if self._round % _ROUNDS_BETWEEN_CLEANINGS == 0:
                await connection.execute("delete from rate_window where ends < $1", int(time.time()) - 60)
        for row in told:
            key = (row["policy"], row["tenant"], row["client"])
            window = windows[key]
            window.told = spent[key]
            window.elsewhere = row["spent"] - spent[key]
