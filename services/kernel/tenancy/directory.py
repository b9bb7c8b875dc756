"""The projection of auth's tenants that a service keeps, and how it follows auth's change feed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import asyncpg
import httpx

from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import HubError, Unavailable, UnknownTenant
from services.kernel.http_client import http_client
from services.kernel.patience import Patience
from services.kernel.postgres import session
from services.kernel.tenancy import rows
from services.kernel.tenancy.feed import WAIT_S, Feed
from services.kernel.tenancy.names import DEFAULT_TENANT
from services.kernel.tenancy.tenant import Tenant

_SETTLING_S = 2.0
"""Deletion begins this long after it was ordered: by then every replica refuses the tenant."""

_AWAY = (httpx.HTTPError, HubError, ValueError, KeyError, TypeError)
_log = logging.getLogger("hiroba.tenancy")


async def _nothing() -> None:
    """Do nothing after a deletion."""


class TenantDirectory:
    """The tenants a service knows: a cache of its projection, which follows auth's change feed."""

    def __init__(
        self, pool: asyncpg.Pool, *, creates_on_write: bool, after_purge: Callable[[], Awaitable[None]] = _nothing
    ) -> None:
        self._pool = pool
        self._after_purge = after_purge
        self._creates_on_write = creates_on_write
        self._known: dict[str, Tenant] = {}
        self._quotas: dict[str | int, Mapping[str, int]] = {}
        self._changes = 0
        self._unreported = asyncio.Event()
        self._condemned = asyncio.Event()
        self._watchers: list[Callable[[str], None]] = []

    def watch(self, told: Callable[[str], None]) -> None:
        """Have a function told of the names of tenants that auth tells of anew, from now on."""
        self._watchers.append(told)

    async def find_any(self, name: str) -> Tenant | None:
        """Return a tenant whatever its status, None if there is none."""
        return self._known.get(name) or await self._load(name)

    async def find(self, name: str) -> Tenant:
        """Return a tenant that may be read. Raises UnknownTenant."""
        tenant = self._known.get(name) or await self._load(name)
        if tenant is None and name == DEFAULT_TENANT:
            return await self._create(name)
        if tenant is None:
            raise UnknownTenant(f"Tenant {name} does not exist", field="Fiware-Service")
        return tenant.require_usable()

    def quotas_of(self, tenant: str | int) -> Mapping[str, int] | None:
        """Return the quotas of a tenant that was asked for since it changed, by name or number; None: it has none."""
        return self._quotas.get(tenant)

    async def lineage(self, name: str) -> tuple[str, ...]:
        """Return the names of a tenant and of those above it in the tree, itself first."""
        names: list[str] = []
        above: object = name
        while isinstance(above, str) and above not in names:
            names.append(above)
            tenant = self._known.get(above) or await self._load(above)
            above = None if tenant is None else tenant.details.get("parent")
        return tuple(names)

    async def find_or_create(self, name: str) -> Tenant:
        """Return a tenant that may be written to; the local profile creates it. Raises UnknownTenant."""
        tenant = self._known.get(name) or await self._load(name)
        if tenant is not None:
            return tenant.require_usable()
        if not self._creates_on_write and name != DEFAULT_TENANT:
            raise UnknownTenant(f"Tenant {name} does not exist", field="Fiware-Service")
        return await self._create(name)

    async def all(self) -> list[Tenant]:
        """Return every tenant, the default one (which has the empty name) included if it was ever written to."""
        async with session(self._pool) as connection:
            found = await connection.fetch("select tenant_id, name, status, details from tenant order by name")
        return [Tenant.of_row(row) for row in found]

    async def export(self, name: str) -> AsyncIterator[bytes]:
        """Return the rows of a tenant, suspended or not, as lines of JSON. Raises UnknownTenant."""
        tenant = await self._load(name)
        if tenant is None:
            raise UnknownTenant(f"Tenant {name} does not exist", field="name")
        return rows.export(self._pool, tenant.tenant_id)

    async def follow(self, auth_url: str, credentials: ServiceCredentials) -> None:
        """Keep the projection as auth's feed tells, until cancelled. Auth being away changes nothing.

        Tenants that a first write created here are told to auth beside it; those that auth deletes lose their rows,
        which is confirmed. Each process follows for itself: the projection is shared by the service's replicas, what a
        process remembers of it is not.
        """
        async with http_client(auth_url, WAIT_S + 10) as client:
            feed = Feed(client, credentials)
            await asyncio.gather(self._take_changes(feed), self._report_creations(feed), self._purge_condemned(feed))

    async def _load(self, name: str) -> Tenant | None:
        changes = self._changes
        async with session(self._pool) as connection:
            statement = "select tenant_id, name, status, details from tenant where name = $1"
            row = await connection.fetchrow(statement, name)
        if row is None:
            return None
        tenant = Tenant.of_row(row)
        if changes == self._changes:  # else the row may be older than the change that made us forget it
            self._remember(tenant)
        return tenant

    def _remember(self, tenant: Tenant) -> None:
        self._known[tenant.name] = tenant
        quotas = tenant.details.get("quotas")
        if isinstance(quotas, dict) and quotas:
            self._quotas[tenant.name] = self._quotas[tenant.tenant_id] = quotas

    async def _create(self, name: str) -> Tenant:
        async with session(self._pool) as connection:
            await connection.execute("insert into tenant (name) values ($1) on conflict (name) do nothing", name)
        self._unreported.set()
        tenant = await self._load(name)
        assert tenant is not None
        return tenant

    async def _report_creations(self, feed: Feed) -> None:
        self._unreported.set()  # what an earlier process could not report
        patience = Patience()
        while True:
            await self._unreported.wait()
            self._unreported.clear()
            try:
                for name in await self._names_without_position():
                    await feed.report(name)
                patience.met()
            except _AWAY as error:
                _log.debug("New tenants cannot be reported", extra={"reason": repr(error)})
                self._unreported.set()
                await patience.wait()

    async def _names_without_position(self) -> list[str]:
        """Return the tenants that auth has told nothing of yet. In explicit mode there are none to report."""
        if not self._creates_on_write:
            return []
        async with session(self._pool) as connection:
            statement = "select name from tenant where feed_position = 0 and name <> $1 order by name"
            return [row["name"] for row in await connection.fetch(statement, DEFAULT_TENANT)]

    async def _take_changes(self, feed: Feed) -> None:
        position: int | None = None
        patience = Patience()
        while True:
            try:
                position = await self._last_position() if position is None else position
                position = await self._take(feed, position)
                patience.met()
            except _AWAY as error:
                _log.debug("The tenant feed is away", extra={"reason": repr(error)})
                await patience.wait()

    async def _last_position(self) -> int:
        async with session(self._pool) as connection:
            return int(await connection.fetchval("select coalesce(max(feed_position), 0) from tenant"))

    async def _take(self, feed: Feed, position: int) -> int:
        reached, changes = await feed.changes_after(position)
        if reached < position:
            _log.warning("The tenant feed begins anew", extra={"was": position, "is": reached})
            await self._forget_positions()
            return 0
        for change in changes:
            await self._apply(change)
        return reached

    async def _apply(self, change: Mapping[str, object]) -> None:
        if change["status"] == "deleted":
            await self._bury(str(change["name"]), int(str(change["position"])))
            return
        statement = (
            "insert into tenant (name, status, details, feed_position) values ($1, $2, $3, $4)"
            " on conflict (name) do update set status = $2, details = $3, feed_position = $4"
            " where tenant.feed_position < $4"
        )
        async with session(self._pool) as connection:
            await connection.execute(statement, change["name"], change["status"], change, change["position"])
        self._forget(str(change["name"]))
        for told in self._watchers:
            told(str(change["name"]))
        if change["status"] == "deleting":
            self._condemned.set()

    async def _bury(self, name: str, position: int) -> None:
        """Forget a tenant that every service has confirmed to hold nothing of; one created since then stays."""
        statement = "select tenant_id from tenant where name = $1 and feed_position between 1 and $2"
        async with session(self._pool) as connection:
            tenant_id = await connection.fetchval(statement, name, position - 1)
        if tenant_id is not None:
            await rows.purge(self._pool, tenant_id)  # what was under way when the tenant was closed
            try:
                async with session(self._pool) as connection:
                    await connection.execute("delete from tenant where tenant_id = $1", tenant_id)
            except asyncpg.ForeignKeyViolationError as error:
                raise Unavailable(f"Rows of tenant {name} came in meanwhile") from error
        self._forget(name)

    async def _purge_condemned(self, feed: Feed) -> None:
        self._condemned.set()  # what an earlier process could not finish
        patience = Patience()
        while True:
            await self._condemned.wait()
            self._condemned.clear()
            try:
                for tenant, service in await self._condemned_tenants():
                    await asyncio.sleep(_SETTLING_S)
                    deleted = await rows.purge(self._pool, tenant.tenant_id)
                    await self._after_purge()
                    await feed.confirm_deletion(tenant.name, service, deleted)
                    _log.info("A tenant's rows are deleted", extra={"tenant": tenant.name, "rows": deleted})
                patience.met()
            except _AWAY as error:
                _log.debug("A tenant cannot be deleted yet", extra={"reason": repr(error)})
                self._condemned.set()
                await patience.wait()

    async def _condemned_tenants(self) -> list[tuple[Tenant, str]]:
        """Return the tenants that are being deleted, each with the name of this service: that of its schema."""
        statement = (
            "select tenant_id, name, status, details, current_schema() as service from tenant where status = 'deleting'"
        )
        async with session(self._pool) as connection:
            return [(Tenant.of_row(row), str(row["service"])) for row in await connection.fetch(statement)]

    async def _forget_positions(self) -> None:
        async with session(self._pool) as connection:
            await connection.execute("update tenant set feed_position = 0 where feed_position > 0")
        self._unreported.set()

    def _forget(self, name: str) -> None:
        self._changes += 1
        tenant = self._known.pop(name, None)
        if tenant is not None:
            self._quotas.pop(name, None)
            self._quotas.pop(tenant.tenant_id, None)
