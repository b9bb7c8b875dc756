"""Use cases of tenants."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.tenant import OPERATOR_FIELDS, Tenant, TenantFilter, read_name, revise
from services.auth.operations.auth import Auth
from services.auth.store import tenants
from services.auth.store.database import transaction
from services.kernel.errors import AlreadyExists, BadData, Conflict, NotAllowed, NotFound
from services.kernel.identity import Principal
from services.kernel.paging import Page


async def create_tenant(auth: Auth, principal: Principal, name: str, given: Mapping[str, Any]) -> Tenant:
    """Create a tenant. Raises AlreadyExists, BadData, NotAllowed."""
    principal.require("admin", "*")
    name = read_name(name)
    async with transaction(auth.engine) as connection:
        position = await tenants.lock_feed(connection)
        if await tenants.find(connection, name) is not None:
            raise AlreadyExists(f"Tenant {name} already exists", field="name")
        created = await _revised(auth, connection, Tenant(name), given)
        return await tenants.put(connection, created, position + 1, auth.clock())


async def put_tenant(auth: Auth, principal: Principal, name: str, given: Mapping[str, Any]) -> tuple[Tenant, bool]:
    """Create a tenant, or change the given fields of the one there is; repeating it changes nothing.

    Returns the tenant and whether it was created. A service that may `report` creates a bare one, where first writes
    create tenants. Raises AlreadyExists, BadData, NotAllowed.
    """
    name = read_name(name)
    async with transaction(auth.engine) as connection:
        position = await tenants.lock_feed(connection)
        present = await tenants.find(connection, name)
        _authorise_put(auth, principal, present, name, given)
        changed = await _revised(auth, connection, present or Tenant(name), given)
        if changed == present:
            return present, False
        return await tenants.put(connection, changed, position + 1, auth.clock()), present is None


async def change_tenant(auth: Auth, principal: Principal, name: str, given: Mapping[str, Any]) -> Tenant:
    """Change the given fields of a tenant; None takes a field away.

    Raises NotFound, AlreadyExists, BadData, NotAllowed.
    """
    name = read_name(name)
    async with transaction(auth.engine) as connection:
        position = await tenants.lock_feed(connection)
        present = await tenants.find(connection, name)
        _authorise_change(principal, name, given)
        if present is None:
            raise NotFound(f"Tenant {name} does not exist")
        changed = await _revised(auth, connection, present, given)
        if changed == present:
            return present
        return await tenants.put(connection, changed, position + 1, auth.clock())


async def find_tenant(auth: Auth, name: str) -> Tenant:
    """Return a tenant. Raises NotFound."""
    name = read_name(name)
    async with transaction(auth.engine) as connection:
        tenant = await tenants.find(connection, name)
    if tenant is None:
        raise NotFound(f"Tenant {name} does not exist")
    return tenant


async def list_tenants(auth: Auth, wanted: TenantFilter, part: Page) -> tuple[list[Tenant], int]:
    """Return one page of tenants by name, and how many there are."""
    if wanted.parent is not None:
        wanted = replace(wanted, parent=read_name(wanted.parent, "parent"))
    async with transaction(auth.engine) as connection:
        return await tenants.page(connection, wanted, part)


def _authorise_put(
    auth: Auth, principal: Principal, present: Tenant | None, name: str, given: Mapping[str, Any]
) -> None:
    if not given and auth.accepts_reports and any(grant.covers("report", name, "/#") for grant in principal.grants):
        return
    if present is None:
        principal.require("admin", "*")
    _authorise_change(principal, name, given)


def _authorise_change(principal: Principal, name: str, given: Mapping[str, Any]) -> None:
    principal.require("admin", name)
    for field in sorted(OPERATOR_FIELDS & set(given)):
        if not any(grant.covers("admin", "*", "/#") for grant in principal.grants):
            raise NotAllowed(f"Only an administrator of all tenants changes {field}", field=field)


async def _revised(auth: Auth, connection: AsyncConnection, present: Tenant, given: Mapping[str, Any]) -> Tenant:
    """Return a tenant with changed fields, held against the other tenants. The caller holds the feed's lock."""
    changed = revise(present, given, auth.gazetteer)
    if changed.code is not None and changed.code != present.code:
        holder = await tenants.find_by_code(connection, changed.code)
        if holder is not None:
            raise AlreadyExists(f"Tenant {holder.name} already has the code {changed.code}", field="code")
    if present.status == "deleting":
        raise Conflict(f"Tenant {present.name} is being deleted")
    if changed.billing_party is not None and changed.billing_party != present.billing_party:
        await _refuse_unknown(connection, changed.billing_party, "billing_party")
    if changed.parent is not None and changed.parent != present.parent:
        await _refuse_unknown(connection, changed.parent, "parent")
        if await tenants.is_below(connection, changed.parent, changed.name):
            raise BadData(f"Tenant {changed.parent} lies below {changed.name}", field="parent")
    return changed


async def _refuse_unknown(connection: AsyncConnection, name: str, field: str) -> None:
    named = await tenants.find(connection, name)
    if named is None or named.status == "deleting":
        raise BadData(f"Tenant {name} does not exist", field=field)
