"""The end of a tenant: closed at once, its rows deleted by every service, gone when all have confirmed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.client import service_client_id
from services.auth.domain.tenant import Confirmation, Tenant, Tombstone, read_name
from services.auth.operations.auth import Auth
from services.auth.store import applications, clients, deletions, policy_changes, tenants
from services.auth.store.database import lock, transaction
from services.auth.store.reach import EVERYTHING
from services.kernel.errors import Conflict, NotAllowed, NotFound
from services.kernel.identity import OPEN, Principal


@dataclass(frozen=True, slots=True)
class Deletion:
    """How far the deletion of a tenant has come; `awaited` are the services that have not confirmed."""

    name: str
    status: str
    rows: Mapping[str, int]
    awaited: Collection[str] = ()


async def delete_tenant(auth: Auth, principal: Principal, name: str) -> Deletion:
    """Close a tenant for good and let every service delete what it has of it. Safe to repeat.

    Raises NotFound, NotAllowed, Conflict while others lie below it or have it pay.
    """
    principal.require("admin", "*")
    name = read_name(name)
    async with transaction(auth.engine) as connection:
        position = await tenants.lock_feed(connection)
        present = await _found(connection, name)
        if present.status != "deleting":
            others = await tenants.dependents(connection, name)
            if others:
                shown = ", ".join(others[:5])
                raise Conflict(f"Tenant {name} cannot be deleted: it is above, or pays for, {shown}")
            await tenants.put(connection, replace(present, status="deleting"), position + 1, auth.clock())
        return await _state(auth, connection, present)


async def confirm_deletion(auth: Auth, principal: Principal, name: str, confirmation: Confirmation) -> Deletion:
    """Take a service's word that it holds nothing of a tenant; the last one buries the tenant.

    A service confirms for itself, an administrator of all tenants for one that is no longer run. Raises NotFound,
    Conflict, NotAllowed.
    """
    name = read_name(name)
    _authorise(principal, confirmation.service)
    if confirmation.service not in auth.confirming_services:
        raise NotFound(f"Service {confirmation.service} keeps no tenants here")
    async with transaction(auth.engine, EVERYTHING) as connection:
        await lock(connection, "administrators")
        position = await tenants.lock_feed(connection)
        present = await _found(connection, name)
        if present.status != "deleting":
            raise Conflict(f"Tenant {name} is not being deleted")
        await deletions.confirm(connection, name, confirmation)
        state = await _state(auth, connection, present)
        if state.awaited:
            return state
        await _forget_grants(auth, connection, name)
        for client_id in await applications.of_tenant(connection, name):
            await clients.remove(connection, client_id)
            await policy_changes.outdate(connection, client_id, auth.clock())
        stone = Tombstone(name, position + 1, auth.clock(), present.code, present.title, state.rows)
        await deletions.bury(connection, stone)
    return Deletion(name, "deleted", state.rows)


async def show_deletion(auth: Auth, principal: Principal, name: str) -> Deletion:
    """Return how far a deletion has come, also when the tenant is gone. Raises NotFound, Conflict, NotAllowed."""
    name = read_name(name)
    principal.require("admin", "*")
    async with transaction(auth.engine) as connection:
        stone = await deletions.find_tombstone(connection, name)
        if stone is not None:
            return Deletion(name, "deleted", stone.rows)
        present = await _found(connection, name)
        if present.status != "deleting":
            raise Conflict(f"Tenant {name} is not being deleted")
        return await _state(auth, connection, present)


async def _found(connection: AsyncConnection, name: str) -> Tenant:
    present = await tenants.find(connection, name)
    if present is None:
        raise NotFound(f"Tenant {name} does not exist")
    return present


async def _state(auth: Auth, connection: AsyncConnection, tenant: Tenant) -> Deletion:
    confirmed = {each.service: each.rows for each in await deletions.confirmations(connection, tenant.name)}
    awaited = [service for service in auth.confirming_services if service not in confirmed]
    return Deletion(tenant.name, "deleting", confirmed, awaited)


async def _forget_grants(auth: Auth, connection: AsyncConnection, name: str) -> None:
    """Take away what clients are granted in a tenant, and the clients that are left with nothing by it."""
    gone = {name, f"{name}/#"}
    for each in await clients.granted_in(connection, gone, for_update=True):
        await policy_changes.outdate(connection, each.client_id, auth.clock())
        left = tuple(grant for grant in each.grants if grant.tenant not in gone)
        if left:
            await clients.put(connection, replace(each, grants=left), auth.clock())
        else:
            await clients.remove(connection, each.client_id)


def _authorise(principal: Principal, service: str) -> None:
    is_itself = principal.client_id == service_client_id(service)
    is_operator = principal is OPEN or any(grant.covers("admin", "*", "/#") for grant in principal.grants)
    if not (is_itself or is_operator):
        raise NotAllowed(f"Only {service} itself confirms that it holds nothing more")
