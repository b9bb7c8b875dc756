"""Use cases of a tenant's policies in Cedar."""

from services.auth.domain.policy_text import read_policies
from services.auth.domain.tenant import read_name
from services.auth.operations.access_rules import set_access
from services.auth.operations.auth import Auth
from services.auth.operations.tenants import find_tenant
from services.auth.store.database import transaction
from services.kernel.identity import Principal


async def put_policies(auth: Auth, principal: Principal, name: str, text: str) -> int:
    """Set a tenant's policies, empty for none; return their revision. Raises NotFound, BadData, NotAllowed."""
    name = read_name(name)
    principal.require("admin", name)
    read = read_policies(text)
    async with transaction(auth.engine) as connection:
        changed = await set_access(connection, name, {"policies": read.strip()}, auth.clock())
    return changed.position


async def policies_of(auth: Auth, principal: Principal, name: str) -> str:
    """Return a tenant's policies, empty for none. Raises NotFound, NotAllowed."""
    principal.require("admin", read_name(name))
    return str((await find_tenant(auth, name)).access.get("policies", ""))
