"""Tenants: which one a request names, and the projection of auth's list that every other service keeps.

The default tenant (no header) has the empty name. Names fold to lower case: `[a-z0-9_]{1,50}`.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
import httpx
from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import HubError, InvalidRequest, UnknownTenant
from services.kernel.postgres import session

DEFAULT_TENANT = ""
_NAME = re.compile(r"[a-z0-9_]{1,50}\Z")
_FEED_WAIT_S = 20
_RETRY_S = 0.5
_REFUSED = (400, 403, 409, 422)
_AWAY = (httpx.HTTPError, HubError, ValueError, KeyError, TypeError)
_log = logging.getLogger("hiroba.tenancy")


@dataclass(frozen=True, slots=True)
class Tenant:
    """A municipality (or prefecture, or association) as the services know it."""

    tenant_id: int
    name: str
    status: str = "active"
    default_context: str | None = None


def tenant_table(metadata: MetaData) -> Table:
    """Declare a service's projection of auth's tenants in its own schema."""
    return Table(
        "tenant",
        metadata,
        Column("tenant_id", Integer, Identity(always=True), primary_key=True),
        Column("name", Text, nullable=False, unique=True),
        Column("status", Text, nullable=False, server_default=text("'active'")),
        Column("details", JSONB, nullable=False, server_default=text("'{}'")),
        Column("feed_position", BigInteger, nullable=False, server_default=text("0")),
    )


def fold_name(name: str, header: str = "Fiware-Service") -> str:
    """Fold a tenant name to lower case and hold it against the rule. Raises InvalidRequest."""
    folded = name.strip().lower()
    if folded and not (name.isascii() and _NAME.match(folded)):
        raise InvalidRequest(f"{header} must be 1 to 50 of letters, digits and _, not '{name}'", field=header)
    return folded


def name_in_headers(headers: Mapping[str, str]) -> str:
    """Return the tenant that `Fiware-Service` or `NGSILD-Tenant` names; if both are sent they must agree.

    `headers` has lower-case names. Raises InvalidRequest.
    """
    service = headers.get("fiware-service")
    tenant = headers.get("ngsild-tenant")
    if service is None:
        return DEFAULT_TENANT if tenant is None else fold_name(tenant, "NGSILD-Tenant")
    folded = fold_name(service)
    if tenant is not None and fold_name(tenant, "NGSILD-Tenant") != folded:
        raise InvalidRequest("Fiware-Service and NGSILD-Tenant name different tenants", field="NGSILD-Tenant")
    return folded


class TenantDirectory:
    """The tenants a service knows: a cache of its projection, which follows auth's change feed."""

    def __init__(self, pool: asyncpg.Pool, *, creates_on_write: bool) -> None:
        self._pool = pool
        self._creates_on_write = creates_on_write
        self._known: dict[str, Tenant] = {}
        self._changes = 0
        self._unreported = asyncio.Event()

    async def find(self, name: str) -> Tenant:
        """Return a tenant that may be read. Raises UnknownTenant."""
        tenant = self._known.get(name) or await self._load(name)
        if tenant is None and name == DEFAULT_TENANT:
            return await self._create(name)
        if tenant is None:
            raise UnknownTenant(f"Tenant {name} does not exist", field="Fiware-Service")
        return _usable(tenant)

    async def find_or_create(self, name: str) -> Tenant:
        """Return a tenant that may be written to; the local profile creates it. Raises UnknownTenant."""
        tenant = self._known.get(name) or await self._load(name)
        if tenant is not None:
            return _usable(tenant)
        if not self._creates_on_write and name != DEFAULT_TENANT:
            raise UnknownTenant(f"Tenant {name} does not exist", field="Fiware-Service")
        return await self._create(name)

    async def all(self) -> list[Tenant]:
        """Return every tenant, the default one (which has the empty name) included if it was ever written to."""
        async with session(self._pool) as connection:
            rows = await connection.fetch("select tenant_id, name, status, details from tenant order by name")
        return [_tenant(row) for row in rows]

    async def follow(self, auth_url: str, credentials: ServiceCredentials) -> None:
        """Keep the projection as auth's feed tells, until cancelled. Auth being away changes nothing.

        Tenants that a first write created here are told to auth beside it. Each process follows for itself: the
        projection is shared by the service's replicas, what a process remembers of it is not.
        """
        async with httpx.AsyncClient(base_url=auth_url, timeout=_FEED_WAIT_S + 10) as client:
            feed = _Feed(client, credentials)
            await asyncio.gather(self._take_changes(feed), self._report_creations(feed))

    async def _load(self, name: str) -> Tenant | None:
        changes = self._changes
        async with session(self._pool) as connection:
            statement = "select tenant_id, name, status, details from tenant where name = $1"
            row = await connection.fetchrow(statement, name)
        if row is None:
            return None
        tenant = _tenant(row)
        if changes == self._changes:  # else the row may be older than the change that made us forget it
            self._known[name] = tenant
        return tenant

    async def _create(self, name: str) -> Tenant:
        async with session(self._pool) as connection:
            await connection.execute("insert into tenant (name) values ($1) on conflict (name) do nothing", name)
        self._unreported.set()
        tenant = await self._load(name)
        assert tenant is not None
        return tenant

    async def _report_creations(self, feed: "_Feed") -> None:
        self._unreported.set()  # what an earlier process could not report
        while True:
            await self._unreported.wait()
            self._unreported.clear()
            try:
                for name in await self._names_without_position():
                    await feed.report(name)
            except _AWAY as error:
                _log.debug("New tenants cannot be reported", extra={"reason": repr(error)})
                self._unreported.set()
                await asyncio.sleep(_RETRY_S)

    async def _names_without_position(self) -> list[str]:
        """Return the tenants that auth has told nothing of yet. In explicit mode there are none to report."""
        if not self._creates_on_write:
            return []
        async with session(self._pool) as connection:
            statement = "select name from tenant where feed_position = 0 and name <> $1 order by name"
            return [row["name"] for row in await connection.fetch(statement, DEFAULT_TENANT)]

    async def _take_changes(self, feed: "_Feed") -> None:
        position: int | None = None
        while True:
            try:
                position = await self._last_position() if position is None else position
                position = await self._take(feed, position)
            except _AWAY as error:
                _log.debug("The tenant feed is away", extra={"reason": repr(error)})
                await asyncio.sleep(_RETRY_S)

    async def _last_position(self) -> int:
        async with session(self._pool) as connection:
            return int(await connection.fetchval("select coalesce(max(feed_position), 0) from tenant"))

    async def _take(self, feed: "_Feed", position: int) -> int:
        reached, changes = await feed.changes_after(position)
        if reached < position:
            _log.warning("The tenant feed begins anew", extra={"was": position, "is": reached})
            await self._forget_positions()
            return 0
        for change in changes:
            await self._apply(change)
        return reached

    async def _apply(self, change: Mapping[str, object]) -> None:
        statement = (
            "insert into tenant (name, status, details, feed_position) values ($1, $2, $3, $4)"
            " on conflict (name) do update set status = $2, details = $3, feed_position = $4"
            " where tenant.feed_position < $4"
        )
        async with session(self._pool) as connection:
            await connection.execute(statement, change["name"], change["status"], change, change["position"])
        self._forget(str(change["name"]))

    async def _forget_positions(self) -> None:
        async with session(self._pool) as connection:
            await connection.execute("update tenant set feed_position = 0 where feed_position > 0")
        self._unreported.set()

    def _forget(self, name: str) -> None:
        self._changes += 1
        self._known.pop(name, None)


class _Feed:
    """Auth's tenants over HTTP."""

    def __init__(self, client: httpx.AsyncClient, credentials: ServiceCredentials) -> None:
        self._client = client
        self._credentials = credentials
        self._refused: set[str] = set()

    async def report(self, name: str) -> None:
        """Tell auth of a tenant that a first write created. What auth refuses is logged, not tried again."""
        if name in self._refused:
            return
        answer = await self._client.put(f"/tenants/{name}", json={}, headers=await self._credentials.headers())
        if answer.status_code in _REFUSED:
            _log.warning("Auth refuses a new tenant", extra={"tenant": name, "status": answer.status_code})
            self._refused.add(name)
            return
        answer.raise_for_status()

    async def changes_after(self, position: int) -> tuple[int, list[Mapping[str, object]]]:
        """Wait for changes after a position; return the position that the feed has reached, and the changes."""
        parameters = {"after": position, "wait_s": _FEED_WAIT_S}
        answer = await self._client.get("/feed/tenants", params=parameters, headers=await self._credentials.headers())
        answer.raise_for_status()
        body = answer.json()
        return int(body["position"]), list(body["tenants"])


def _tenant(row: Mapping[str, object]) -> Tenant:
    details = row["details"]
    assert isinstance(details, dict)
    return Tenant(
        tenant_id=int(str(row["tenant_id"])),
        name=str(row["name"]),
        status=str(row["status"]),
        default_context=details.get("default_context"),
    )


def _usable(tenant: Tenant) -> Tenant:
    if tenant.status != "active":
        raise UnknownTenant(f"Tenant {tenant.name} is {tenant.status}", field="Fiware-Service")
    return tenant
