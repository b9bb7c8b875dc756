"""Use cases of organisations that are there already: listed, left, deleted by who administers their tenant."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.access import administered
from services.auth.operations.auth import Auth
from services.auth.store import organisations, people, policy_changes
from services.auth.store.database import transaction
from services.auth.store.organisations import Organisation
from services.kernel.errors import NotFound
from services.kernel.identity import Principal
from services.kernel.paging import Page


async def list_organisations(auth: Auth, principal: Principal, part: Page) -> tuple[list[Organisation], int]:
    """Return one page of the organisations of tenants that the caller administers. Raises NotAllowed."""
    async with transaction(auth.engine) as connection:
        return await organisations.page(connection, administered(principal), part)


async def leave_organisation(auth: Auth, principal: Principal, organisation_id: str, user_id: str) -> None:
    """Take a user out of an organisation; tokens with its roles end. Raises NotFound."""
    async with transaction(auth.engine) as connection:
        await _found(connection, principal, organisation_id)
        await organisations.leave(connection, organisation_id, user_id)
        await policy_changes.outdate(connection, user_id, auth.clock())


async def remove_organisation(auth: Auth, principal: Principal, organisation_id: str) -> None:
    """Delete an organisation with its roles; tokens of its members end. Raises NotFound."""
    async with transaction(auth.engine) as connection:
        await _found(connection, principal, organisation_id)
        for user_id in await people.members(connection, organisation_id):
            await policy_changes.outdate(connection, user_id, auth.clock())
        await organisations.remove(connection, organisation_id)


async def _found(connection: AsyncConnection, principal: Principal, organisation_id: str) -> None:
    reach = administered(principal)
    tenant = await people.organisation_tenant(connection, organisation_id)
    if tenant is None or not reach & {"*", tenant}:
        raise NotFound(f"Organisation {organisation_id} does not exist")
