"""Who is let in to a route: the caller's grants held against the tenant, and what it may see there."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.broker.domain.registration import Registration
from services.broker.domain.view import EVERYWHERE, View, ViewPart
from services.broker.http.restrictions import Asking, permitted_parts, receiver_of, refuse_by_rules, withheld_from
from services.broker.operations.broker import Broker
from services.broker.operations.guard import GuardedWriter
from services.broker.operations.registration_cache import RegistrationCache
from services.kernel.errors import UnknownTenant
from services.kernel.identity import Principal
from services.kernel.tenancy import Tenant
from services.kernel.tenancy.open_data import with_open_data

_KNOWN_S = 60.0
_UNKNOWN = 0
"""The identifier of a tenant that there is not, or that may not be used."""

_MOST_KNOWN = 4096
_VIEWED = frozenset(
    {"/ngsi-ld/v1/types", "/ngsi-ld/v1/attributes", "/ngsi-ld/v1/info/sourceIdentity", "/v2", "/version"}
)
_VIEWED_BELOW = (
    "/ngsi-ld/v1/entities",
    "/ngsi-ld/v1/entityOperations/",
    "/ngsi-ld/v1/types/",
    "/ngsi-ld/v1/attributes/",
    "/ngsi-ld/v1/subscriptions",
    "/v2/entities",
    "/v2/types",
    "/v2/op/",
    "/v2/subscriptions",
    "/stream/",
    "/export/",
)
"""Routes that show and change only what a view leaves; the others need a grant that reaches everything."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller wants to do: the route's template and action, the tenant, the service paths concerned.

    `purpose` is what it states that it wants personal data for.
    """

    template: str
    action: str
    tenant: str
    paths: tuple[str, ...]
    purpose: str = ""

    @property
    def is_viewed(self) -> bool:
        """Tell whether the route keeps to what a caller may see, so that one with narrower grants may use it."""
        return self.template in _VIEWED or self.template.startswith(_VIEWED_BELOW)


class Admissions:
    """Admits callers to one broker, and remembers for a while what those who may not see everything may see.

    The verifier gives the same caller for the same token, so what is remembered ends with the token at the latest, and
    with the tenant as it was: what is told anew of a tenant makes another value. A caller with grants over a subtree is
    looked at anew each time, for the tree may change.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._known: dict[tuple[int, Asked], tuple[Principal, Tenant, Broker, float]] = {}

    async def admit(self, principal: Principal, asked: Asked) -> Broker:
        """Return the broker as the caller has it. Raises NotAllowed, InsufficientAssurance."""
        tenant = await _tenant(self._broker, asked.tenant)
        if principal.reaches_down or tenant.tenant_id == _UNKNOWN:
            return await admit(self._broker, principal, asked)
        if tenant.rules is None and principal.is_unlimited(asked.action, asked.tenant):
            return _as_made_by(self._broker, principal, asked)
        key = id(principal), asked
        known = self._known.get(key)
        if known is not None and known[0] is principal and known[1] is tenant and known[3] > time.monotonic():
            return known[2]
        admitted = await admit(self._broker, principal, asked)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[key] = principal, tenant, admitted, time.monotonic() + self._lasts_s(tenant)
        return admitted

    def _lasts_s(self, tenant: Tenant) -> float:
        """Return how long what a caller may see is remembered: policies may speak of the time, to the minute."""
        if tenant.rules is None or tenant.rules.policies is None:
            return _KNOWN_S
        return 60.0 - self._broker.clock().second


async def admit(broker: Broker, principal: Principal, asked: Asked) -> Broker:
    """Return the broker as the caller has it. Raises NotAllowed, InsufficientAssurance.

    Every service path must be granted for some types, or any where none is named; what the grants then leave out, and
    what the tenant's rules withhold, the caller's broker neither shows nor changes. What the tenant opens to all, every
    caller reads. What registered sources have is not for a caller who is shown a part, for their answers cannot be
    pruned, but for sources of NGSIv2 in a service path that the caller sees whole.
    """
    tenant = await _tenant(broker, asked.tenant)
    principal = await resolved(broker, principal, tenant)
    if tenant.rules is None and principal.is_unlimited(asked.action, asked.tenant):
        return _as_made_by(broker, principal, asked)
    if asked.action == "read":
        principal = with_open_data(principal, tenant)
    if not asked.is_viewed:
        principal.require(asked.action, asked.tenant, asked.paths or (EVERYWHERE,))
        if tenant.rules is not None:
            refuse_by_rules(tenant.rules, principal, asked.action, broker.clock())
        return broker
    view = await view_of(broker, principal, asked.action, tenant)
    unreached = view.unreached(asked.paths)
    if unreached is not None:
        raise principal.refusal(asked.action, asked.tenant, unreached)
    if not view.is_limited:
        return _as_made_by(broker, principal, asked)
    if view.withheld:
        view = replace(view, receiver=receiver_of(principal, asked.purpose))
    return replace(
        broker,
        view=view,
        caller=principal.client_id,
        maker=principal,
        writer=GuardedWriter(broker.writer, view),
        registrations=_NoRegistrations(),
    )


async def view_of(broker: Broker, principal: Principal, action: str, tenant: Tenant) -> View:
    """Return what grants let a caller see or change of a tenant, with the names of its default @context expanded.

    What the tenant's rules withhold from the caller is left out.
    """
    context = await broker.contexts.of_tenant(tenant)

    def expanded(names: Iterable[str]) -> tuple[str, ...]:
        return () if "*" in names else tuple(map(context.expand, names))

    rules = tenant.rules
    parts = tuple(
        ViewPart(
            grant.path,
            expanded(grant.types),
            expanded(grant.attributes),
            () if rules is None else rules.closed_to(grant),
        )
        for grant in principal.grants
        if grant.allows(action, tenant.name, grant.path)
    )
    if rules is None:
        return View(parts)
    asking = Asking(rules, principal, action, tenant.name, broker.clock())
    return View((*parts, *permitted_parts(asking, context.expand)), withheld_from(asking, context.expand))


async def _tenant(broker: Broker, name: str) -> Tenant:
    """Return a tenant; one without an identifier where there is none that may be used."""
    try:
        return await broker.tenants.find(name)
    except UnknownTenant:
        return Tenant(_UNKNOWN, name)


def _as_made_by(broker: Broker, principal: Principal, asked: Asked) -> Broker:
    """Return the whole broker, with who it is where the caller may make what lasts: a subscription."""
    if asked.action != "subscribe":
        return broker
    return replace(broker, caller=principal.client_id, maker=principal)


async def resolved(broker: Broker, principal: Principal, tenant: Tenant) -> Principal:
    """Return a caller with its grants as they hold in a tenant."""
    if not principal.reaches_down or tenant.tenant_id == _UNKNOWN:
        return principal
    inherits = tenant.details.get("inherits")
    lineage = await broker.tenants.lineage(tenant.name)
    return principal.within(tenant.name, lineage, inherits if isinstance(inherits, list) else ())


class _NoRegistrations(RegistrationCache):
    def known(self, tenant_id: int, now: object) -> list[Registration]:
        """Know of none."""
        return []
