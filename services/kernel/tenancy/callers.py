"""Callers in the tree of tenants: what a grant over a subtree allows in each tenant, and what tenants ask beyond it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.kernel.identity.grant import Grant
from services.kernel.identity.principal import Principal
from services.kernel.identity.ruled import RuledPrincipal
from services.kernel.tenancy.directory import TenantDirectory
from services.kernel.tenancy.tenant import Tenant


async def in_tenants(tenants: TenantDirectory, principal: Principal, names: Iterable[str], now: datetime) -> Principal:
    """Return a caller with its grants as they hold in some tenants too, held against what these ask."""
    found = [tenant for name in dict.fromkeys(names) if (tenant := await tenants.find_any(name)) is not None]
    if principal.reaches_down:
        principal = await _with_those_below(tenants, principal, found)
    rules = {tenant.name: tenant.rules for tenant in found if tenant.rules is not None}
    return RuledPrincipal.of(principal, rules, now) if rules else principal


async def in_all_tenants(tenants: TenantDirectory, principal: Principal) -> Principal:
    """Return a caller with its grants as they hold in every tenant."""
    if not principal.reaches_down:
        return principal
    return await _with_those_below(tenants, principal, await tenants.all())


async def _with_those_below(tenants: TenantDirectory, principal: Principal, found: Iterable[Tenant]) -> Principal:
    """Add to a caller's grants what those over a subtree allow in tenants below."""
    more: list[Grant] = []
    for tenant in found:
        inherits = tenant.details.get("inherits")
        lineage = await tenants.lineage(tenant.name)
        known = principal.within(tenant.name, lineage, inherits if isinstance(inherits, list) else ())
        more += [grant for grant in known.grants if grant.tenant == tenant.name and grant.actions]
    return replace(principal, grants=tuple(dict.fromkeys((*principal.grants, *more))))
