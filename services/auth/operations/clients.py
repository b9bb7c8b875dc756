"""Use cases of clients. Who administers every tenant that a client's grants name may administer the client."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain import client as names
from services.auth.domain.access import administered, read_grants
from services.auth.domain.client import Client, Credentials
from services.auth.domain.title import read_title
from services.auth.operations.auth import Auth
from services.auth.store import clients, policy_changes, tenants
from services.auth.store.database import lock, transaction
from services.kernel.errors import AlreadyExists, BadData, Conflict, NotAllowed, NotFound
from services.kernel.identity import Grant, Principal
from services.kernel.identity.grant import SUBTREE
from services.kernel.paging import Page


@dataclass(frozen=True, slots=True)
class NewClient:
    """What is told of a client to be; without an identifier one is made up."""

    grants: tuple[Grant, ...]
    title: str | None = None
    client_id: str | None = None


async def create_client(auth: Auth, principal: Principal, new: NewClient) -> tuple[Client, str]:
    """Create a client; return it with its secret, shown this once. Raises AlreadyExists, BadData, NotAllowed."""
    reach = administered(principal)
    client_id = names.read_client_id(new.client_id) if new.client_id else names.new_client_id()
    if names.is_reserved(client_id) and "*" not in reach:
        raise NotAllowed(f"Identifier {client_id} is reserved for the hub itself", field="client_id")
    grants = read_grants(new.grants)
    secret = names.new_secret()
    created = Client(client_id, await auth.hashes.hash(secret), title=_title(new.title), grants=grants)
    async with transaction(auth.engine) as connection:
        await _refuse_grants(connection, reach, grants)
        written = await clients.add(connection, created, auth.clock())
    if written is None:
        raise AlreadyExists(f"Client {client_id} already exists", field="client_id")
    return written, secret


async def find_client(auth: Auth, principal: Principal, client_id: str) -> Client:
    """Return a client. Raises NotFound, also for one that the caller may not administer."""
    async with transaction(auth.engine) as connection:
        return await _found(connection, principal, client_id)


async def list_clients(auth: Auth, principal: Principal, part: Page) -> tuple[list[Client], int]:
    """Return one page of the clients that the caller may administer, and how many there are. Raises NotAllowed."""
    async with transaction(auth.engine) as connection:
        return await clients.page(connection, administered(principal), part)


async def change_client(auth: Auth, principal: Principal, client_id: str, given: Mapping[str, Any]) -> Client:
    """Change the given fields of a client: title, status, grants. Raises NotFound, BadData, Conflict, NotAllowed."""
    async with transaction(auth.engine) as connection:
        await lock(connection, "administrators")
        present = await _found(connection, principal, client_id)
        changes = dict(given)
        if "title" in changes:
            changes["title"] = _title(changes["title"])
        if "grants" in changes:
            changes["grants"] = read_grants(changes["grants"])
            await _refuse_grants(connection, administered(principal), changes["grants"])
        changed = replace(present, **changes)
        if not changed.is_administrator:
            await _keep_an_administrator(connection, client_id)
        if (changed.grants, changed.status) != (present.grants, present.status):
            await policy_changes.outdate(connection, client_id, auth.clock())
        return await clients.put(connection, changed, auth.clock())


async def renew_secret(auth: Auth, principal: Principal, client_id: str) -> Credentials:
    """Give a client a new secret, shown this once; the old one ends at once. Raises NotFound."""
    secret = names.new_secret()
    secret_hash = await auth.hashes.hash(secret)
    async with transaction(auth.engine) as connection:
        await lock(connection, "administrators")
        present = await _found(connection, principal, client_id)
        now = auth.clock()
        await clients.put(connection, replace(present, secret_hash=secret_hash, secret_changed_at=now), now)
        await policy_changes.outdate(connection, client_id, now)
    return Credentials(client_id, secret)


async def remove_client(auth: Auth, principal: Principal, client_id: str) -> None:
    """Delete a client. Raises NotFound, Conflict for the last administrator."""
    async with transaction(auth.engine) as connection:
        await lock(connection, "administrators")
        await _found(connection, principal, client_id)
        await _keep_an_administrator(connection, client_id)
        await clients.remove(connection, client_id)
        await policy_changes.outdate(connection, client_id, auth.clock())


def _title(text: str | None) -> str | None:
    return None if text is None else read_title(text, "title")


async def _found(connection: AsyncConnection, principal: Principal, client_id: str) -> Client:
    reach = administered(principal)
    found = await clients.find(connection, client_id)
    if found is None or not _reaches(reach, found.grants):
        raise NotFound(f"Client {client_id} does not exist")
    return found


def _reaches(reach: frozenset[str], grants: tuple[Grant, ...]) -> bool:
    """Tell whether someone who administers some tenants may administer a client with these grants."""
    return "*" in reach or (bool(grants) and all(grant.tenant.removesuffix(SUBTREE) in reach for grant in grants))


async def _refuse_grants(connection: AsyncConnection, reach: frozenset[str], grants: tuple[Grant, ...]) -> None:
    """Refuse grants in tenants that the caller does not administer, or that do not exist."""
    if not _reaches(reach, grants):
        raise NotAllowed("You can only grant what lies in tenants that you administer", field="grants")
    named = {grant.tenant.removesuffix(SUBTREE) for grant in grants} - {"*", ""}
    unknown = await tenants.unknown_names(connection, named)
    for position, grant in enumerate(grants):
        name = grant.tenant.removesuffix(SUBTREE)
        if name in unknown:
            raise BadData(f"Tenant {name} does not exist", field=f"grants.{position}.tenant")


async def _keep_an_administrator(connection: AsyncConnection, without: str) -> None:
    """Refuse to go on without an administrator of all tenants. The caller holds the administrators' lock."""
    present = {client.client_id for client in await clients.administrators(connection)}
    if present == {without}:
        raise Conflict(f"Client {without} is the last administrator of all tenants")
