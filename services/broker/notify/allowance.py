"""Holding tenants to their quota of notifications within a day."""

from typing import Final

from services.kernel.ratelimit import NOTIFICATIONS, Limiter
from services.kernel.tenancy import TenantDirectory

_QUOTA: Final = NOTIFICATIONS[0].name


class Allowance:
    """Counts what is sent of tenants that have the quota; for the others it costs two look-ups."""

    def __init__(self, tenants: TenantDirectory, limiter: Limiter) -> None:
        self._tenants = tenants
        self._limiter = limiter

    async def refusal(self, tenant: str) -> str:
        """Count one notification that is to be sent; return why there is no room for it, nothing where there is.

        Raises Unavailable.
        """
        await self._tenants.find_any(tenant)
        quotas = self._tenants.quotas_of(tenant)
        if quotas is None or _QUOTA not in quotas:
            return ""
        return self._limiter.grant(tenant, quotas, 1, whole=True, policies=NOTIFICATIONS).why

    def give_back(self, tenant: str) -> None:
        """Count one notification less: it was not taken."""
        self._limiter.give_back(tenant, NOTIFICATIONS, 1)
