"""Whose use a caller may see: of the tenants that it oversees, and of those below them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.metering import store
from services.kernel.identity import Principal
from services.kernel.identity.grant import OVERSEE, SUBTREE

_ACTIONS = (OVERSEE, "admin")


async def seen_tenants(connection: AsyncConnection, principal: Principal, asked: Sequence[str]) -> list[str] | None:
    """Return the tenants whose use is shown: those asked for, else all that the caller may see; None: every one.

    Who oversees a subtree sees every tenant in it. Raises NotAllowed.
    """
    if any(principal.is_unlimited(action, "*") for action in _ACTIONS):
        return list(asked) or None
    whole = [grant for grant in principal.grants if any(grant.covers(each, grant.tenant, SUBTREE) for each in _ACTIONS)]
    roots = [grant.tenant.removesuffix(SUBTREE) for grant in whole if grant.tenant.endswith(SUBTREE)]
    seen = {grant.tenant for grant in whole} - {root + SUBTREE for root in roots}
    seen |= set(await store.tenants_below(connection, roots))
    hidden = [name for name in asked if name not in seen]
    if hidden or not seen:
        raise principal.refusal(OVERSEE, hidden[0] if hidden else "*", SUBTREE)
    return list(asked) or sorted(seen)
