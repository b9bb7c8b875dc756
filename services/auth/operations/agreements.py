"""Use cases of agreements: who may use a service's data. Nobody does without one (default deny between providers)."""

import secrets
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.agreement import Agreement, read_agreement
from services.auth.domain.provided_service import ProvidedService, refuse_reversed
from services.auth.operations.auth import Auth
from services.auth.operations.provided_services import found, seen
from services.auth.store import clients, policy_changes
from services.auth.store import provided_services as store
from services.auth.store.database import transaction
from services.auth.store.reach import acting
from services.kernel.errors import BadData, Conflict, NotFound
from services.kernel.identity import Principal


async def agree(auth: Auth, principal: Principal, new: Agreement) -> Agreement:
    """Let a service, or a client, use a service's data. Raises NotFound, BadData, Conflict.

    A service whose levels are below those that the used one asks of its users is refused.
    """
    refuse_reversed(new.starts_at, new.ends_at)
    now = auth.clock()
    async with transaction(auth.engine, acting().also("decide")) as connection:
        used = await found(connection, principal, new.service_id, for_update=True)
        if used.status == "ended":
            raise Conflict(f"Service {used.service_id} has ended")
        made = read_agreement(replace(new, tenant=used.tenant, made_by=principal.subject))
        await _refuse_unfit_user(connection, used, made)
        written = await store.add_agreement(connection, made, now)
        await _outdate(connection, written, now)
    return written


async def end(auth: Auth, principal: Principal, service_id: str, agreement_id: str) -> None:
    """End an agreement; what it granted ends within a second. Raises NotFound."""
    now = auth.clock()
    async with transaction(auth.engine, acting().also("decide")) as connection:
        await found(connection, principal, service_id)
        agreement = await store.find_agreement(connection, agreement_id)
        if agreement is None or agreement.service_id != service_id:
            raise NotFound(f"Agreement {agreement_id} does not exist")
        if agreement.ends_at is None or agreement.ends_at > now:
            await store.end_agreement(connection, agreement_id, now)
            await _outdate(connection, agreement, now)


async def list_agreements(auth: Auth, principal: Principal, service_id: str) -> list[Agreement]:
    """Return the agreements on the use of a service, the oldest first. Raises NotFound."""
    async with transaction(auth.engine) as connection:
        await seen(connection, principal, service_id)
        return await store.agreements_on(connection, service_id)


def new_agreement_id() -> str:
    """Make up an agreement's identifier."""
    return "a-" + secrets.token_hex(8)


async def _refuse_unfit_user(connection: AsyncConnection, used: ProvidedService, made: Agreement) -> None:
    if made.user_client is not None:
        if await clients.find(connection, made.user_client) is None:
            raise BadData(f"Client {made.user_client} does not exist", field="user_client")
        return
    user = await store.find(connection, str(made.user_service))
    if user is None or user.status == "ended":
        raise BadData(f"Service {made.user_service} does not exist", field="user_service")
    if not user.assurance.satisfies(used.asked):
        raise Conflict(
            f"Service {used.service_id} asks for IAL {used.asked.ial} and AAL {used.asked.aal}; service"
            f" {user.service_id} has IAL {user.assurance.ial} and AAL {user.assurance.aal}",
            field="user_service",
        )


async def _outdate(connection: AsyncConnection, agreement: Agreement, now: datetime) -> None:
    if agreement.user_client is not None:
        await policy_changes.outdate(connection, agreement.user_client, now)
        return
    for client_id in await store.clients_of(connection, str(agreement.user_service)):
        await policy_changes.outdate(connection, client_id, now)
