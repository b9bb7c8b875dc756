"""Retention: what is older than a tenant keeps is deleted, a day of history or a portion at a time."""

import asyncio
import logging
from datetime import date, timedelta
from typing import Final

import asyncpg

from services.broker.store import quotas as store
from services.kernel.clock import Clock
from services.kernel.errors import HubError
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant, TenantDirectory

_EVERY_S: Final = 3600.0
_EARLIEST: Final = date(1970, 1, 1)
_log = logging.getLogger("hiroba.broker.retention")


class Retention:
    """Collects what is too old, and remembers up to which day each tenant's history is gone."""

    def __init__(self, pool: asyncpg.Pool, tenants: TenantDirectory, clock: Clock) -> None:
        self._pool = pool
        self._tenants = tenants
        self._clock = clock
        self._clean_until: dict[int, date] = {}

    async def run(self) -> None:
        """Collect every hour until cancelled; PostgreSQL being away only delays it."""
        while True:
            try:
                await self.collect()
            except HubError as error:
                _log.warning("Retention waits", extra={"reason": error.detail})
            await asyncio.sleep(_EVERY_S)

    async def collect(self) -> None:
        """Delete what is too old of every tenant that says how long it keeps. Raises Unavailable."""
        for tenant in await self._tenants.all():
            kept = tenant.details.get("retention")
            if not isinstance(kept, dict):
                continue
            if "history_days" in kept:
                await self._collect_history(tenant, int(kept["history_days"]))
            if "dead_letter_days" in kept:
                await self._collect_dead_letters(tenant, int(kept["dead_letter_days"]))

    async def _collect_history(self, tenant: Tenant, days: int) -> None:
        """Delete the days (UTC) that ended at least so many days ago, one after the other."""
        end = (self._clock() - timedelta(days=days)).date()
        async with session(self._pool) as connection:
            first = await store.first_day_of_history(connection)
        since = self._clean_until.get(tenant.tenant_id, _EARLIEST)
        while since < end:
            until = max(since + timedelta(days=1), min(first or end, end))
            async with session(self._pool) as connection:
                rows = await store.forget_history(connection, tenant.tenant_id, since, until)
            if rows:
                fields = {"tenant": tenant.name, "until": until.isoformat(), "rows": rows}
                _log.info("History is deleted as old as its tenant wants", extra=fields)
            self._clean_until[tenant.tenant_id] = since = until

    async def _collect_dead_letters(self, tenant: Tenant, days: int) -> None:
        gone = 1
        while gone:
            async with session(self._pool) as connection:
                gone = await store.forget_dead_letters(connection, tenant.tenant_id, days)
