"""The collection of attributes whose time is over, before a query could still find an entity by them (4.22)."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from services.broker.domain.selection import LdRef
from services.broker.operations.expiry import DropExpired
from services.broker.operations.writer import Writer
from services.broker.store import transients
from services.kernel.errors import HubError, NotFound
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant

_KNOWN_FOR: Final = timedelta(milliseconds=250)
_log = logging.getLogger("hiroba.broker.transience")


@dataclass(frozen=True, slots=True)
class _Next:
    """When a tenant's next attribute expires, as it was at an instant; None: none does."""

    seen_at: datetime
    expires_at: datetime | None

    def spares(self, now: datetime) -> bool:
        """Tell whether nothing can have expired since."""
        return now - self.seen_at < _KNOWN_FOR and (self.expires_at is None or self.expires_at > now)


class NextExpiries:
    """Remembers for a moment when each tenant's next attribute expires, so that queries need not look it up."""

    def __init__(self) -> None:
        self._known: dict[int, _Next] = {}

    async def collect(self, pool: asyncpg.Pool, writer: Writer, tenant: Tenant, now: datetime) -> None:
        """Delete a tenant's attributes that have expired. What cannot be written now is left to the housekeeping."""
        known = self._known.get(tenant.tenant_id)
        if known is not None and known.spares(now):
            return
        async with session(pool) as connection:
            expires_at = await transients.next_expiry(connection, tenant.tenant_id)
            due = []
            if expires_at is not None and expires_at <= now:
                due = await transients.due_of_tenant(connection, tenant.tenant_id, now)
        self._known[tenant.tenant_id] = _Next(now, expires_at)
        try:
            await drop_expired(pool, writer, due)
        except HubError as error:
            _log.warning("Expired attributes stay for now", extra={"reason": error.detail})


async def drop_expired(pool: asyncpg.Pool, writer: Writer, due: Iterable[Any]) -> None:
    """Delete the attributes that rows of `transients` name, as a client would, so that subscribers hear of it."""
    rows = list(due)
    by_tenant: dict[int, dict[str, None]] = {}
    for row in rows:
        by_tenant.setdefault(row["tenant_id"], {})[row["uri"]] = None
    for tenant_id, uris in by_tenant.items():
        results = await writer.write_batch(tenant_id, [DropExpired(LdRef(uri)) for uri in uris])
        for result in results:
            if isinstance(result, HubError) and not isinstance(result, NotFound):  # else it is gone meanwhile
                raise result
    if rows:
        async with session(pool) as connection:
            await transients.forget(connection, rows)
