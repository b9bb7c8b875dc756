"""Use cases of the levels of assurance that a tenant's data ask."""

from collections.abc import Sequence
from typing import Any

from services.auth.domain.level_rule import LevelRule, read_level_rules
from services.auth.domain.tenant import read_name
from services.auth.operations.access_rules import set_access
from services.auth.operations.auth import Auth
from services.auth.operations.tenants import find_tenant
from services.auth.store.database import transaction
from services.kernel.identity import Principal


async def put_levels(auth: Auth, principal: Principal, name: str, rules: Sequence[LevelRule]) -> None:
    """Set all that a tenant's data ask; every service knows within a second. Raises NotFound, BadData, NotAllowed."""
    name = read_name(name)
    principal.require("admin", name)
    documents = [rule.document for rule in read_level_rules(rules)]
    async with transaction(auth.engine) as connection:
        await set_access(connection, name, {"levels": documents}, auth.clock())


async def levels_of(auth: Auth, principal: Principal, name: str) -> list[dict[str, Any]]:
    """Return what a tenant's data ask. Raises NotFound, NotAllowed."""
    principal.require("admin", read_name(name))
    found = await find_tenant(auth, name)
    return list(found.access.get("levels", ()))
