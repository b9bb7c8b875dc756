"""Use cases of services and their providers. Who administers a tenant administers the services under it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain import provided_service as names
from services.auth.domain.access import administered, overseen
from services.auth.domain.client import Client, Credentials, new_client_id, new_secret
from services.auth.domain.provided_service import Audit, ProvidedService, Status, Step, stepped
from services.auth.domain.tenant import read_name
from services.auth.domain.title import read_title
from services.auth.operations.access_rules import require_tenant, tell_areas
from services.auth.operations.auth import Auth
from services.auth.operations.consents import withdraw_from_service
from services.auth.store import applications, clients, policy_changes
from services.auth.store import provided_services as store
from services.auth.store.database import transaction
from services.auth.store.reach import acting
from services.kernel.errors import AlreadyExists, BadData, Conflict, NotFound
from services.kernel.identity import Principal
from services.kernel.paging import Page

MOST_CLIENTS = 50


async def apply_for_service(auth: Auth, principal: Principal, new: ProvidedService) -> ProvidedService:
    """Write down a service that applies to be provided. Raises AlreadyExists, BadData, NotAllowed."""
    tenant = read_name(new.tenant, "tenant")
    principal.require("admin", tenant)
    names.refuse_reversed(new.starts_at, new.ends_at)
    applied = replace(
        new,
        tenant=tenant,
        title=read_title(new.title, "title"),
        area=names.read_area(new.area),
        purposes=names.read_purposes(new.purposes),
    )
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        await require_tenant(connection, tenant)
        await _refuse_other_provider(connection, applied)
        await _refuse_taken_area(connection, applied)
        written = await store.add(connection, applied, now)
        if written is None:
            raise AlreadyExists(f"Service {applied.service_id} already exists", field="service_id")
        await tell_areas(connection, tenant, now)
    return written


async def find_service(auth: Auth, principal: Principal, service_id: str) -> ProvidedService:
    """Return a service. Raises NotFound, also for one that the caller does not administer."""
    async with transaction(auth.engine) as connection:
        return await found(connection, principal, service_id)


async def list_services(
    auth: Auth, principal: Principal, status: Status | None, part: Page
) -> tuple[list[ProvidedService], int]:
    """Return one page of the services that the caller may look at. Raises NotAllowed."""
    async with transaction(auth.engine) as connection:
        return await store.page(connection, overseen(principal), status, part)


async def change_service(
    auth: Auth, principal: Principal, service_id: str, given: Mapping[str, Any]
) -> ProvidedService:
    """Change the given fields of a service: words, purposes, levels, period, next audit, storage before approval.

    Tokens of its clients and of its users end. Raises NotFound, BadData, Conflict.
    """
    now = auth.clock()
    async with transaction(auth.engine, acting().also("decide")) as connection:
        present = await found(connection, principal, service_id, for_update=True)
        if present.status == "ended":
            raise Conflict(f"Service {service_id} has ended")
        if "storage" in given and present.status != "applied" and given["storage"] != present.storage:
            raise Conflict("The storage mode is fixed when the service is approved", field="storage")
        changed = replace(present, **_read(given))
        names.refuse_reversed(changed.starts_at, changed.ends_at)
        await tell_users(connection, service_id, now)
        written = await store.put(connection, changed, now)
        await tell_areas(connection, present.tenant, now)
    return written


async def take_step(auth: Auth, principal: Principal, service_id: str, step: Step) -> ProvidedService:
    """Take a service a step on in its life; a suspended one's clients are refused everywhere within a second.

    Raises NotFound, Conflict, BadData.
    """
    now = auth.clock()
    async with transaction(auth.engine, acting().also("decide")) as connection:
        present = await found(connection, principal, service_id, for_update=True)
        changed = stepped(present, step, principal.subject, now)
        await tell_users(connection, service_id, now)
        return await store.put(connection, changed, now)


async def remove_service(auth: Auth, principal: Principal, service_id: str) -> None:
    """Delete a service that has ended or was never approved, with its clients. Raises NotFound, Conflict."""
    now = auth.clock()
    async with transaction(auth.engine, acting().also("decide").also("withdraw")) as connection:
        present = await found(connection, principal, service_id, for_update=True)
        if present.status not in ("applied", "ended"):
            raise Conflict(f"Service {service_id} is {present.status}: end it first")
        await tell_areas(connection, present.tenant, now, without=service_id)
        await withdraw_from_service(connection, service_id, principal.subject, now)
        await tell_users(connection, service_id, now)
        await store.remove(connection, service_id)


async def add_client(auth: Auth, principal: Principal, service_id: str, title: str | None) -> Credentials:
    """Make a client of a service; its secret is shown this once. Raises NotFound, Conflict."""
    secret = new_secret()
    secret_hash = await auth.hashes.hash(secret)
    titled = None if title is None else read_title(title, "title")
    async with transaction(auth.engine, acting().also("identify")) as connection:
        present = await found(connection, principal, service_id, for_update=True)
        _refuse_full(present, await store.clients_of(connection, service_id))
        made = Client(new_client_id(), secret_hash, title=titled)
        await clients.add(connection, made, auth.clock())
        await store.attach_client(connection, service_id, made.client_id)
    return Credentials(made.client_id, secret)


async def attach_application(auth: Auth, principal: Principal, service_id: str, client_id: str) -> None:
    """Make an application of the service's tenant a client of it: people who sign in with it act within the service.

    Raises NotFound, Conflict for one of another service, or with grants of its own.
    """
    async with transaction(auth.engine, acting().also("identify")) as connection:
        present = await found(connection, principal, service_id, for_update=True)
        application = await applications.find(connection, client_id)
        client = await clients.find(connection, client_id, for_update=True)
        if application is None or client is None or application.tenant != present.tenant:
            raise NotFound(f"Application {client_id} does not exist in tenant {present.tenant}")
        attached = await store.clients_of(connection, service_id)
        if client_id in attached:
            return
        _refuse_full(present, attached)
        if client.grants or await store.service_of(connection, client_id) is not None:
            raise Conflict(f"Application {client_id} belongs to another service, or has grants of its own")
        await store.attach_client(connection, service_id, client_id)
        await policy_changes.outdate(connection, client_id, auth.clock())


async def remove_client(auth: Auth, principal: Principal, service_id: str, client_id: str) -> None:
    """Delete a client of a service. Raises NotFound."""
    async with transaction(auth.engine) as connection:
        await found(connection, principal, service_id, for_update=True)
        if client_id not in await store.clients_of(connection, service_id):
            raise NotFound(f"Client {client_id} does not exist")
        await clients.remove(connection, client_id)
        await policy_changes.outdate(connection, client_id, auth.clock())


async def clients_of(auth: Auth, principal: Principal, service_id: str) -> list[str]:
    """Return the identifiers of a service's clients. Raises NotFound."""
    async with transaction(auth.engine) as connection:
        await seen(connection, principal, service_id)
        return await store.clients_of(connection, service_id)


async def record_audit(
    auth: Auth, principal: Principal, audit: Audit, next_audit_at: datetime | None
) -> ProvidedService:
    """Write down an audit and when the next one is due. Raises NotFound, BadData."""
    now = auth.clock()
    note = None if audit.note is None else read_title(audit.note, "note")
    if audit.audited_at > now:
        raise BadData("audited_at must not lie in the future", field="audited_at")
    async with transaction(auth.engine) as connection:
        present = await found(connection, principal, audit.service_id, for_update=True)
        made = replace(audit, audit_id="u-" + secrets.token_hex(8), note=note, audited_by=principal.subject)
        await store.add_audit(connection, made)
        return await store.put(connection, replace(present, next_audit_at=next_audit_at), now)


async def audits_of(auth: Auth, principal: Principal, service_id: str) -> list[Audit]:
    """Return the audits of a service, the oldest first. Raises NotFound."""
    async with transaction(auth.engine) as connection:
        await found(connection, principal, service_id)
        return await store.audits_of(connection, service_id)


async def found(
    connection: AsyncConnection, principal: Principal, service_id: str, *, for_update: bool = False
) -> ProvidedService:
    """Return a service that the caller administers. Raises NotFound."""
    reach = administered(principal)
    return _within(reach, await store.find(connection, service_id, for_update=for_update), service_id)


async def seen(connection: AsyncConnection, principal: Principal, service_id: str) -> ProvidedService:
    """Return a service that the caller may look at. Raises NotFound."""
    reach = overseen(principal)
    return _within(reach, await store.find(connection, service_id), service_id)


def _within(reach: frozenset[str], service: ProvidedService | None, service_id: str) -> ProvidedService:
    if service is None or not reach & {"*", service.tenant}:
        raise NotFound(f"Service {service_id} does not exist")
    return service


async def tell_users(connection: AsyncConnection, service_id: str, now: datetime) -> None:
    """End the tokens of a service's clients, and of those that use it under agreements."""
    own = await store.clients_of(connection, service_id)
    for client_id in sorted({*own, *await store.users_of(connection, service_id)}):
        await policy_changes.outdate(connection, client_id, now)


def _refuse_full(service: ProvidedService, attached: Sequence[str]) -> None:
    if service.status == "ended":
        raise Conflict(f"Service {service.service_id} has ended")
    if len(attached) >= MOST_CLIENTS:
        raise Conflict(f"A service has at most {MOST_CLIENTS} clients")


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    read = dict(given)
    if "title" in read:
        read["title"] = read_title(read["title"], "title")
    if "purposes" in read:
        read["purposes"] = names.read_purposes(read["purposes"])
    return read


async def _refuse_other_provider(connection: AsyncConnection, service: ProvidedService) -> None:
    if await store.organisation_in(connection, service.provider) != service.tenant:
        raise BadData(f"Organisation {service.provider} does not exist in tenant {service.tenant}", field="provider")


async def _refuse_taken_area(connection: AsyncConnection, service: ProvidedService) -> None:
    for other in await store.of_tenant(connection, service.tenant):
        if other.overlaps(service.area):
            raise Conflict(f"Area {service.area} overlaps that of service {other.service_id}", field="area")
