"""Holding tenants to their quotas of measures: within a minute, within a day."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from services.ingest.domain.arrival import Key
from services.ingest.domain.refusal import Reason, Refusal
from services.ingest.operations.measured import Measured, key_of
from services.ingest.operations.registry import NoRoute, Route
from services.kernel.ratelimit import MEASURES, Limiter
from services.kernel.tenancy import TenantDirectory

_NAMES = frozenset(policy.name for policy in MEASURES)


class Allowance:
    """Refuses measures beyond a tenant's quotas. Where no tenant of a batch has one, it costs a look at each device.

    Messages over MQTT are cut where the quota ends; one that somebody waits for is refused as a whole.
    """

    def __init__(self, tenants: TenantDirectory, limiter: Limiter) -> None:
        self._tenants = tenants
        self._limiter = limiter

    async def hold(self, measured: Sequence[Measured], routes: Mapping[Key, Route | NoRoute]) -> None:
        """Refuse what is too many among the measures of a batch, before they are planned. Raises Unavailable."""
        quotas = await self._quotas({route.plan.tenant for route in routes.values() if isinstance(route, Route)})
        if not quotas:
            return
        for arrival, group in groupby(measured, lambda each: each.arrival):
            parts = [each for each in group if each.refusal is None]
            if not parts or arrival.address is None or arrival.address.kind != "attrs":
                continue
            route = routes[key_of(parts[0])]
            if isinstance(route, Route) and route.plan.tenant in quotas:
                self._hold_message(route.plan.tenant, quotas[route.plan.tenant], parts)

    async def _quotas(self, names: set[str]) -> dict[str, Mapping[str, int]]:
        """Return the quotas of those tenants that have some about measures."""
        found: dict[str, Mapping[str, int]] = {}
        for name in names:
            tenant = await self._tenants.find_any(name)
            quotas = None if tenant is None else self._tenants.quotas_of(name)
            if quotas is not None and not _NAMES.isdisjoint(quotas):
                found[name] = quotas
        return found

    def _hold_message(self, tenant: str, quotas: Mapping[str, int], parts: Sequence[Measured]) -> None:
        is_awaited = parts[0].arrival.source != "mqtt"
        granted = self._limiter.grant(tenant, quotas, len(parts), whole=is_awaited)
        for each in parts[granted.count :]:
            each.refusal = Refusal(Reason.TOO_MANY_MEASURES, granted.why, granted.retry_after_s)
            each.tenant = tenant
