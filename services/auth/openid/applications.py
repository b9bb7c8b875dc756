"""Applications as administrators approve them, and as people see those that they have registered or allowed."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.access import administered
from services.auth.domain.openid.application import Application, ApplicationStatus
from services.auth.openid.sign_in import end_authorizations
from services.auth.operations.auth import Auth
from services.auth.store import applications, authorizations, clients, policy_changes
from services.auth.store.database import transaction
from services.kernel.errors import NotAllowed, NotFound
from services.kernel.identity import Principal
from services.kernel.paging import Page


async def list_applications(auth: Auth, principal: Principal, part: Page) -> tuple[list[Application], int]:
    """Return one page of the applications that the caller administers or has registered, the oldest first."""
    async with transaction(auth.engine) as connection:
        return await applications.page(connection, _reach(principal), principal.subject, part)


async def find_application(auth: Auth, principal: Principal, client_id: str) -> Application:
    """Return an application. Raises NotFound, also for one that the caller neither administers nor has registered."""
    async with transaction(auth.engine) as connection:
        return await _found(connection, principal, client_id)


async def decide_application(
    auth: Auth, principal: Principal, client_id: str, status: ApplicationStatus
) -> Application:
    """Approve or refuse an application; one that is not active any more signs nobody in, and its tokens end.

    Raises NotFound, NotAllowed for who does not administer its tenant.
    """
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        found = await _found(connection, principal, client_id)
        if not _reach(principal) & {"*", found.tenant}:
            raise NotAllowed("An administrator of its tenant approves an application")
        await applications.decide(connection, client_id, status, now)
        if status != "active":
            await policy_changes.outdate(connection, client_id, now)
    return replace(found, status=status, modified_at=now)


async def remove_application(auth: Auth, principal: Principal, client_id: str) -> None:
    """Delete an application with its client; its tokens end. Raises NotFound."""
    async with transaction(auth.engine) as connection:
        await _found(connection, principal, client_id)
        await clients.remove(connection, client_id)
        await policy_changes.outdate(connection, client_id, auth.clock())


async def allowed_by(auth: Auth, user_id: str) -> list[tuple[Application, tuple[str, ...], datetime]]:
    """Return the applications that a person has allowed something, with what and since when."""
    async with transaction(auth.engine) as connection:
        return await applications.consents_of(connection, user_id)


async def withdraw(auth: Auth, user_id: str, client_id: str) -> None:
    """Take back what a person has allowed an application; its tokens for this person end."""
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        await applications.withdraw(connection, user_id, client_id)
        ended = await authorizations.revoke_between(connection, user_id, client_id, now)
        await end_authorizations(connection, ended, now)


def _reach(principal: Principal) -> frozenset[str]:
    try:
        return administered(principal)
    except NotAllowed:
        return frozenset()


async def _found(connection: AsyncConnection, principal: Principal, client_id: str) -> Application:
    found = await applications.find(connection, client_id)
    if found is None or not (_reach(principal) & {"*", found.tenant} or found.owner == principal.subject):
        raise NotFound(f"Application {client_id} does not exist")
    return found
